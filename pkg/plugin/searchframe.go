package plugin

import (
	"fmt"
	"strings"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/store"
)

// searchMeta is the frame's meta.custom, for the panel that lists requests.
type searchMeta struct {
	Throughline string      `json:"throughline"` // "requests": the kind of frame
	Scope       store.Scope `json:"scope"`
	DataSource  string      `json:"datasource"`         // uid: whom to ask where the time of the rows went
	Rootless    []int       `json:"rootless,omitempty"` // rows of traces whose root is not stored
	Nothing     []string    `json:"nothing,omitempty"`  // why there are no rows, in words
}

// searchFrame is a table of what was found. "trace" opens the trace: its id, or where the
// span carries none the span's own. "span" is the span to begin with: the one that matched,
// else the row's.
func (i *Instance) searchFrame(scope store.Scope, rows []store.SearchRow) *data.Frame {
	n := len(rows)
	meta := searchMeta{Throughline: "requests", Scope: scope, DataSource: i.uid}
	var (
		start                    = make([]time.Time, n)
		service, request         = make([]string, n), make([]string, n)
		duration                 = make([]float64, n)
		status                   = make([]string, n)
		code                     = make([]int32, n)
		client, server, protocol = make([]string, n), make([]string, n), make([]string, n)
		source, point, node      = make([]string, n), make([]string, n), make([]string, n)
		traceID, spanID          = make([]string, n), make([]string, n)
		errors, spans            = make([]int32, n), make([]int32, n)
		failure, matched         = make([]string, n), make([]string, n)
	)
	for k, r := range rows {
		start[k] = time.Unix(0, r.Start).UTC()
		service[k], request[k], duration[k] = r.Service, requestWords(r.Request), float64(r.Duration)
		status[k], code[k] = r.Status.Of(r.Source), r.Code
		client[k], server[k], protocol[k] = r.Client, r.Server, r.Protocol
		source[k], point[k], node[k] = r.Source.String(), r.Point.String(), r.Node
		traceID[k], spanID[k] = rowIDs(&r)
		t := r.Trace
		if t == nil {
			failure[k] = r.Message
			continue
		}
		errors[k], spans[k] = int32(t.Errors), int32(t.Spans)
		if t.Failed != nil {
			failure[k] = spanWords(t.Failed)
			if t.Failed.Message != "" {
				failure[k] += ": " + t.Failed.Message
			}
		}
		if t.Match != nil {
			matched[k] = spanWords(t.Match)
			if t.Matched > 1 {
				matched[k] += fmt.Sprintf(" and %d more", t.Matched-1)
			}
			_, spanID[k] = rowIDs(t.Match)
		}
		if t.Rootless {
			meta.Rootless = append(meta.Rootless, k)
		}
	}
	column := func(name, label string, values any) *data.Field {
		return data.NewField(name, nil, values).SetConfig(&data.FieldConfig{DisplayName: label})
	}
	took := column("duration", "Duration", duration)
	took.Config.Unit = "ns"
	link := column("trace", "Trace", traceID)
	link.Config.Links = i.traceLink().Links
	frame := data.NewFrame("requests",
		link, column("start", "Start", start), column("service", "Service", service), column("request", "Request", request), took, column("status", "Status", status))
	if scope == store.ScopeRoots {
		frame.Fields = append(frame.Fields, column("errors", "Errors", errors), column("matched", "Matched", matched), column("spans", "Spans", spans))
	}
	own := column("span", "Span", spanID)
	own.Config.Custom = map[string]any{"hidden": true, "hideFrom": map[string]bool{"viz": true}} // for links; Grafana 13 reads the second
	frame.Fields = append(frame.Fields, column("failure", "Failure", failure), column("code", "Code", code), column("client", "Client", client), column("server", "Server", server),
		column("protocol", "Protocol", protocol), column("source", "Seen by", source), column("point", "Point", point), column("node", "Node", node), own)
	frame.Meta = &data.FrameMeta{PreferredVisualization: data.VisTypeTable, Custom: meta}
	return frame
}

// rowIDs are the ids of the trace and of the span.
func rowIDs(r *store.SearchRow) (trace, own string) {
	if r.TraceID.IsZero() {
		return span.FormatID(r.ID), span.FormatID(r.ID)
	}
	return r.TraceID.String(), shownID(r.Source, r.ID, r.SpanID)
}

// spanWords are a span's service and what it did.
func spanWords(r *store.SearchRow) string {
	return strings.TrimSpace(r.Service + " " + requestWords(r.Request))
}

// requestWords leaves out a method that is said twice: many instrumentations begin the
// span's name with it.
func requestWords(request string) string {
	request = strings.TrimSpace(request)
	if method, rest, ok := strings.Cut(request, " "); ok && strings.HasPrefix(rest, method+" ") {
		return rest
	}
	return request
}

// traceLink opens a row's trace, in Explore beside the table.
func (i *Instance) traceLink() *data.FieldConfig {
	return &data.FieldConfig{Links: []data.DataLink{{
		Title: "Show this trace",
		Internal: &data.InternalDataLink{
			DatasourceUID: i.uid, DatasourceName: i.name,
			Query: map[string]any{"queryType": "trace", "query": "${__value.raw}", "view": "both"},
		},
	}}}
}
