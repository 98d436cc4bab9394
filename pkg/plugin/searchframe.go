package plugin

import (
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
	DataSource  string      `json:"datasource"` // uid: whom to ask where the time of the rows went
}

// searchFrame is a table of the spans found. "trace" opens the trace: its id, or where
// the span carries none the span's own.
func (i *Instance) searchFrame(rows []store.SearchRow) *data.Frame {
	n := len(rows)
	var (
		start                    = make([]time.Time, n)
		service, request         = make([]string, n), make([]string, n)
		duration                 = make([]float64, n)
		status                   = make([]string, n)
		code                     = make([]int32, n)
		client, server, protocol = make([]string, n), make([]string, n), make([]string, n)
		source, point, node      = make([]string, n), make([]string, n), make([]string, n)
		traceID, spanID          = make([]string, n), make([]string, n)
	)
	for k, r := range rows {
		start[k] = time.Unix(0, r.Start).UTC()
		service[k], request[k], duration[k] = r.Service, requestWords(r.Request), float64(r.Duration)
		status[k], code[k] = r.Status.String(), r.Code
		client[k], server[k], protocol[k] = r.Client, r.Server, r.Protocol
		source[k], point[k], node[k] = r.Source.String(), r.Point.String(), r.Node
		spanID[k] = span.FormatID(r.ID)
		if traceID[k] = r.TraceID.String(); traceID[k] == "" {
			traceID[k] = spanID[k]
		}
	}
	frame := data.NewFrame("requests",
		data.NewField("start", nil, start),
		data.NewField("service", nil, service),
		data.NewField("request", nil, request),
		data.NewField("duration", nil, duration).SetConfig(&data.FieldConfig{Unit: "ns"}),
		data.NewField("status", nil, status),
		data.NewField("code", nil, code),
		data.NewField("client", nil, client),
		data.NewField("server", nil, server),
		data.NewField("protocol", nil, protocol),
		data.NewField("source", nil, source),
		data.NewField("point", nil, point),
		data.NewField("node", nil, node),
		data.NewField("trace", nil, traceID).SetConfig(i.traceLink()),
		data.NewField("span", nil, spanID),
	)
	frame.Meta = &data.FrameMeta{PreferredVisualization: data.VisTypeTable}
	return frame
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
