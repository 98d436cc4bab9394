package jaeger

import (
	"net/http"
	"strconv"

	"github.com/throughline-io/throughline/pkg/otlp"
	"github.com/throughline-io/throughline/pkg/otlp/document"
	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/store"
	"github.com/throughline-io/throughline/server/lookup"
)

// traceJSON is a trace of the JSON API.
type traceJSON struct {
	ID        string                 `json:"traceID"`
	Spans     []spanJSON             `json:"spans"`
	Processes map[string]processJSON `json:"processes"`
	Warnings  []string               `json:"warnings"`
}

type spanJSON struct {
	TraceID    string      `json:"traceID"`
	SpanID     string      `json:"spanID"`
	Operation  string      `json:"operationName"`
	References []reference `json:"references"`
	Start      int64       `json:"startTime"` // Unix µs
	Duration   uint64      `json:"duration"`  // µs
	Tags       []tag       `json:"tags"`
	Logs       []logJSON   `json:"logs"`
	Process    string      `json:"processID"`
	Warnings   []string    `json:"warnings"`
}

type reference struct {
	Type    string `json:"refType"`
	TraceID string `json:"traceID"`
	SpanID  string `json:"spanID"`
}

// tag has a value of its type: string, bool, int64, float64, or binary in base64.
type tag struct {
	Key   string `json:"key"`
	Type  string `json:"type"`
	Value any    `json:"value"`
}

type logJSON struct {
	Time   int64 `json:"timestamp"` // Unix µs
	Fields []tag `json:"fields"`
}

type processJSON struct {
	Service string `json:"serviceName"`
	Tags    []tag  `json:"tags"`
}

// read looks up a trace.
func (a *api) read(r *http.Request, q store.TraceQuery) (traceJSON, error) {
	t, truncated, err := lookup.Trace(r.Context(), a.store, q)
	if err != nil {
		return traceJSON{}, err
	}
	out := traceJSON{ID: t.ID().String(), Processes: map[string]processJSON{}}
	if truncated != "" {
		out.Warnings = []string{truncated}
	}
	processes := map[uint64]string{}
	for _, item := range t.Items() {
		of := span.ResourceID(item.Resource)
		if processes[of] == "" {
			processes[of] = "p" + strconv.Itoa(len(processes)+1)
			out.Processes[processes[of]] = processOf(item.Resource)
		}
		out.Spans = append(out.Spans, spanOf(item, processes[of]))
	}
	return out, nil
}

func processOf(resource []span.Attribute) processJSON {
	p := processJSON{Service: "unknown", Tags: []tag{}}
	for _, a := range resource {
		if a.Key == "service.name" {
			p.Service = a.Value
			continue
		}
		p.Tags = append(p.Tags, tagOf(a))
	}
	return p
}

// kindTags are OpenTracing's words, by which Jaeger's interface tells clients from servers.
var kindTags = map[span.Kind]string{
	span.KindClient: "client", span.KindServer: "server", span.KindProducer: "producer", span.KindConsumer: "consumer", span.KindInternal: "internal",
}

func spanOf(item document.Item, process string) spanJSON {
	s := item.Span
	out := spanJSON{
		TraceID: s.TraceID.String(), SpanID: s.SpanID.String(), Operation: s.Endpoint, References: []reference{}, Start: s.Start / 1000, Duration: s.Duration / 1000,
		Tags: []tag{}, Logs: []logJSON{}, Process: process,
	}
	if !s.ParentSpanID.IsZero() {
		out.References = append(out.References, reference{"CHILD_OF", s.TraceID.String(), s.ParentSpanID.String()})
	}
	links, _ := span.ReadLinks(s.Links) // what cannot be read is none
	for _, l := range links {
		out.References = append(out.References, reference{"FOLLOWS_FROM", l.TraceID.String(), l.SpanID.String()})
	}
	for _, a := range s.Attributes {
		out.Tags = append(out.Tags, tagOf(a))
	}
	if kind, ok := kindTags[s.Kind]; ok {
		out.Tags = append(out.Tags, tag{"span.kind", "string", kind})
	}
	if s.ScopeName != "" {
		out.Tags = append(out.Tags, tag{"otel.scope.name", "string", s.ScopeName})
	}
	switch otlp.StatusCode(s) {
	case 1:
		out.Tags = append(out.Tags, tag{"otel.status_code", "string", "OK"})
	case 2:
		out.Tags = append(out.Tags, tag{"otel.status_code", "string", "ERROR"}, tag{"error", "bool", true})
		if s.StatusMessage != "" {
			out.Tags = append(out.Tags, tag{"otel.status_description", "string", s.StatusMessage})
		}
	}
	events, _ := span.ReadEvents(s.Events)
	for _, e := range events {
		entry := logJSON{Time: e.Time / 1000, Fields: []tag{{"event", "string", e.Name}}}
		for _, a := range e.Attributes {
			entry.Fields = append(entry.Fields, tagOf(a))
		}
		out.Logs = append(out.Logs, entry)
	}
	return out
}

// tagOf keeps the type; what is no number of its type stays text, as do lists and maps.
func tagOf(a span.Attribute) tag {
	switch a.Type {
	case span.AttributeBool:
		if v, err := strconv.ParseBool(a.Value); err == nil {
			return tag{a.Key, "bool", v}
		}
	case span.AttributeInt:
		if v, err := strconv.ParseInt(a.Value, 10, 64); err == nil {
			return tag{a.Key, "int64", v}
		}
	case span.AttributeDouble:
		if v, err := strconv.ParseFloat(a.Value, 64); err == nil && v-v == 0 { // JSON has no NaN and no infinity
			return tag{a.Key, "float64", v}
		}
	case span.AttributeBytes:
		return tag{a.Key, "binary", a.Value}
	}
	return tag{a.Key, "string", a.Value}
}
