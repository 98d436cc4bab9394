package plugin

import (
	"cmp"
	"encoding/json"
	"strings"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/throughline-io/throughline/pkg/otlptrace"
	"github.com/throughline-io/throughline/pkg/span"
)

// keyValue is Grafana's TraceKeyValuePair.
type keyValue struct {
	Key   string `json:"key"`
	Value any    `json:"value"`
}

// traceLog is Grafana's TraceLog.
type traceLog struct {
	Timestamp float64    `json:"timestamp"` // milliseconds
	Name      string     `json:"name,omitempty"`
	Fields    []keyValue `json:"fields"`
}

// exploreFrame is the trace as Grafana's own trace view wants it: ids and parents as
// strings (of the assembled tree, not as the spans were sent), times in milliseconds.
func exploreFrame(t *assembled) *data.Frame {
	tree, n := t.tree, len(t.tree.Spans)
	var (
		traceIDs, parentIDs        = make([]string, n), make([]string, n)
		spanIDs                    = t.shownIDs() // links from other spans name these
		operations, services       = make([]string, n), make([]string, n)
		namespaces, kinds          = make([]string, n), make([]string, n)
		references                 = make([]json.RawMessage, n)
		serviceTags, tags, logs    = make([]json.RawMessage, n), make([]json.RawMessage, n), make([]json.RawMessage, n)
		starts, durations          = make([]float64, n), make([]float64, n)
		statuses                   = make([]int64, n)
		messages, scopes, versions = make([]string, n), make([]string, n), make([]string, n)
		states                     = make([]string, n)
	)
	id := t.traceID()
	for i, s := range tree.Spans {
		p := t.place(s)
		traceIDs[i] = id
		if parent := tree.Parent[i]; parent >= 0 {
			parentIDs[i] = spanIDs[parent]
		}
		references[i] = toJSON(exploreReferences(s))
		operations[i], services[i], namespaces[i] = otlptrace.Name(s), otlptrace.Service(s, otlptrace.PlaceOf(s, t.entity)), p.namespace
		kinds[i] = exploreKind(s)
		starts[i], durations[i] = milliseconds(s.Start), float64(s.Duration)/1e6
		serviceTags[i], tags[i], logs[i] = toJSON(t.serviceTags(s, p)), toJSON(t.tags(i)), toJSON(exploreLogs(s))
		statuses[i] = exploreStatus(s.Status)
		messages[i], scopes[i], versions[i], states[i] = s.StatusMessage, s.ScopeName, s.ScopeVersion, s.TraceState
	}
	frame := data.NewFrame("Trace",
		data.NewField("traceID", nil, traceIDs),
		data.NewField("spanID", nil, spanIDs),
		data.NewField("parentSpanID", nil, parentIDs),
		data.NewField("operationName", nil, operations),
		data.NewField("serviceName", nil, services),
		data.NewField("serviceNamespace", nil, namespaces),
		data.NewField("serviceTags", nil, serviceTags),
		data.NewField("startTime", nil, starts),
		data.NewField("duration", nil, durations),
		data.NewField("references", nil, references),
		data.NewField("kind", nil, kinds),
		data.NewField("statusCode", nil, statuses),
		data.NewField("statusMessage", nil, messages),
		data.NewField("instrumentationLibraryName", nil, scopes),
		data.NewField("instrumentationLibraryVersion", nil, versions),
		data.NewField("traceState", nil, states),
		data.NewField("tags", nil, tags),
		data.NewField("logs", nil, logs),
	)
	frame.Meta = &data.FrameMeta{PreferredVisualization: data.VisTypeTrace, Notices: t.notices()}
	return frame
}

// milliseconds is a Unix time as Grafana's trace view wants it. The whole and the rest are
// converted apart: a float64 holds no Unix time in nanoseconds.
func milliseconds(ns int64) float64 { return float64(ns/1e6) + float64(ns%1e6)/1e6 }

// traceReference is Grafana's TraceSpanReference.
type traceReference struct {
	TraceID string     `json:"traceID"`
	SpanID  string     `json:"spanID"`
	Tags    []keyValue `json:"tags"`
}

// exploreReferences are the span's links.
func exploreReferences(s *span.Span) []traceReference {
	out := []traceReference{}
	links, _ := span.ReadLinks(s.Links) // what cannot be read is shown by the details of the span
	for _, l := range links {
		if l.TraceID.IsZero() || l.SpanID.IsZero() {
			continue
		}
		r := traceReference{TraceID: l.TraceID.String(), SpanID: l.SpanID.String(), Tags: []keyValue{}}
		for _, a := range l.Attributes {
			r.Tags = append(r.Tags, keyValue{a.Key, attributeValue(a)})
		}
		out = append(out, r)
	}
	return out
}

func exploreKind(s *span.Span) string {
	if s.Kind != span.KindUnspecified {
		return strings.ToLower(s.Kind.String())
	}
	switch {
	case s.Point.Client():
		return "client"
	case s.Point.Server():
		return "server"
	default:
		return ""
	}
}

// exploreStatus is OpenTelemetry's status code: 0 unset, 1 ok, 2 error.
func exploreStatus(s span.Status) int64 {
	switch {
	case s.Error():
		return 2
	case s == span.StatusOK:
		return 1
	default:
		return 0
	}
}

func (t *assembled) serviceTags(s *span.Span, p place) []keyValue {
	out := []keyValue{}
	said := map[string]bool{}
	for _, a := range t.data.Resources[s.OTelResource].Attributes {
		out = append(out, keyValue{a.Key, attributeValue(a)})
		said[a.Key] = true
	}
	add := func(key, value string) {
		if value != "" {
			out = append(out, keyValue{key, value})
		}
	}
	// By these, links to logs, metrics and profiles work for spans of every source.
	for _, tag := range []struct{ key, value string }{
		{"service.name", p.service}, {"k8s.pod.name", cmp.Or(p.pod, p.ofPod)}, {"k8s.namespace.name", p.namespace},
		{"k8s.node.name", s.Node}, {"host.name", s.Node},
	} {
		if !said[tag.key] {
			add(tag.key, tag.value)
		}
	}
	if s.PID != 0 && !said["process.pid"] {
		out = append(out, keyValue{"process.pid", s.PID})
	}
	add("throughline.node", s.Node)
	add("throughline.pod", p.pod)
	add("throughline.of_pod", p.ofPod)
	add("throughline.interface", s.Interface)
	add("throughline.tunnel", s.Tunnel)
	return out
}

func (t *assembled) tags(i int) []keyValue {
	s := t.tree.Spans[i]
	out := []keyValue{{"throughline.source", s.Source.String()}, {"throughline.observation_point", s.Point.String()}}
	add := func(key, value string) {
		if value != "" {
			out = append(out, keyValue{key, value})
		}
	}
	if t.tree.Parent[i] >= 0 {
		add("throughline.link.reason", t.tree.Reason[i])
		add("throughline.link.confidence", t.tree.Confidence[i].String())
	}
	if s.Source != span.APP { // the hop: between whom, at which point
		p := t.place(s)
		add("throughline.hop", s.Point.String()+": "+cmp.Or(p.client, "?")+" → "+cmp.Or(p.server, "?"))
	}
	add("throughline.no_parent", t.tree.Orphan[i])
	add("throughline.protocol", s.Protocol)
	add("throughline.request", requestOf(s))
	for _, a := range s.Attributes {
		out = append(out, keyValue{a.Key, attributeValue(a)})
	}
	return out
}

// exploreLogs are the span's events. Events that cannot be read are left out here; the
// details of the span show their text.
func exploreLogs(s *span.Span) []traceLog {
	out := []traceLog{}
	events, _ := span.ReadEvents(s.Events)
	for _, e := range events {
		entry := traceLog{Timestamp: milliseconds(e.Time), Name: e.Name, Fields: []keyValue{}}
		for _, a := range e.Attributes {
			entry.Fields = append(entry.Fields, keyValue{a.Key, attributeValue(a)})
		}
		out = append(out, entry)
	}
	return out
}

func toJSON(v any) json.RawMessage {
	b, err := json.Marshal(v)
	if err != nil {
		return json.RawMessage("[]") // Grafana wants an array whatever happens
	}
	return b
}
