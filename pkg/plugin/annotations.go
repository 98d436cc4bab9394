package plugin

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/throughline-io/throughline/pkg/span"
)

// queryAnnotations marks requests in a dashboard's graphs: failed ones, unless the query
// says which.
func (i *Instance) queryAnnotations(ctx context.Context, q query, during backend.TimeRange) backend.DataResponse {
	if q.Status == "" {
		q.Status = "error"
	}
	sq, err := searchQuery(q, during)
	if err != nil {
		return failed(err)
	}
	rows, err := i.store.Search(ctx, sq)
	if err != nil {
		return failed(fmt.Errorf("search requests: %w", err))
	}
	n := len(rows)
	var (
		begin, end         = make([]time.Time, n), make([]time.Time, n)
		title, text, trace = make([]string, n), make([]string, n), make([]string, n)
		tags               = make([]json.RawMessage, n)
	)
	for k, r := range rows {
		begin[k], end[k] = time.Unix(0, r.Start).UTC(), time.Unix(0, r.Start+int64(r.Duration)).UTC()
		title[k] = strings.TrimSpace(r.Service + ": " + requestWords(r.Request))
		text[k] = fmt.Sprintf("%s %d after %v", r.Status, r.Code, time.Duration(r.Duration).Round(time.Microsecond))
		if trace[k] = r.TraceID.String(); trace[k] == "" {
			trace[k] = span.FormatID(r.ID)
		}
		kept := []string{}
		for _, tag := range []string{r.Service, r.Protocol, r.Status.String(), r.Source.String()} {
			if tag != "" {
				kept = append(kept, tag)
			}
		}
		tags[k] = toJSON(kept)
	}
	frame := data.NewFrame("annotations",
		data.NewField("time", nil, begin), data.NewField("timeEnd", nil, end), data.NewField("title", nil, title),
		data.NewField("text", nil, text), data.NewField("tags", nil, tags),
		data.NewField("trace", nil, trace).SetConfig(i.traceLink()),
	)
	frame.Meta = &data.FrameMeta{}
	if n >= sq.Limit {
		notice(frame, data.NoticeSeverityInfo, fmt.Sprintf("The newest %d requests are marked; there may be more.", sq.Limit))
	}
	return backend.DataResponse{Frames: data.Frames{frame}}
}
