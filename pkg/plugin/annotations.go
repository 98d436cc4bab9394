package plugin

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/throughline-io/throughline/pkg/store"
	"github.com/throughline-io/throughline/pkg/trace/words"
)

// queryAnnotations marks traces, or requests, in a dashboard's graphs.
func (i *Instance) queryAnnotations(ctx context.Context, q query, during backend.TimeRange) backend.DataResponse {
	sq, err := searchQuery(q, during)
	if err != nil {
		return failed(err)
	}
	found, err := i.store.Search(ctx, sq)
	if err != nil {
		return failed(fmt.Errorf("search requests: %w", err))
	}
	rows := found.Rows
	n := len(rows)
	var (
		begin, end         = make([]time.Time, n), make([]time.Time, n)
		title, text, trace = make([]string, n), make([]string, n), make([]string, n)
		tags               = make([]json.RawMessage, n)
	)
	for k, r := range rows {
		begin[k], end[k] = time.Unix(0, r.Start).UTC(), time.Unix(0, r.Start+int64(r.Duration)).UTC()
		title[k] = strings.TrimSpace(r.Service + ": " + requestWords(r.Request))
		text[k] = annotationText(&r)
		trace[k], _ = rowIDs(&r)
		kept := []string{}
		for _, tag := range []string{r.Service, r.Protocol, r.Status.Of(r.Source), r.Source.String()} {
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
		notice(frame, data.NoticeSeverityInfo, fmt.Sprintf("Marked: the newest %s; there may be more.", words.Count(sq.Limit, "request")))
	}
	return backend.DataResponse{Frames: data.Frames{frame}}
}

// annotationText is how a request ended, and of a trace what failed in it.
func annotationText(r *store.SearchRow) string {
	text := r.Status.Of(r.Source)
	if r.Code != 0 {
		text += fmt.Sprintf(" %d", r.Code)
	}
	text += fmt.Sprintf(" after %v", time.Duration(r.Duration).Round(time.Microsecond))
	if r.Trace != nil && r.Trace.Failed != nil {
		text += fmt.Sprintf("; %d failed, %s", r.Trace.Errors, spanWords(r.Trace.Failed))
		if m := r.Trace.Failed.Message; m != "" {
			text += ": " + m
		}
	}
	return text
}
