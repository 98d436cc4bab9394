package plugin

import (
	"context"
	"fmt"

	"github.com/grafana/grafana-plugin-sdk-go/backend/log"
	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/store"
	"github.com/throughline-io/throughline/pkg/trace/words"
)

// linkedTo is a link from a span of the trace.
type linkedTo struct {
	Row     int32  `json:"row"`
	TraceID string `json:"traceId"`
	SpanID  string `json:"spanId"`
	To      int32  `json:"to"` // the row that is linked to, where it is of this trace, else -1
}

// linkedFrom is a link from a span of another trace to one of this.
type linkedFrom struct {
	Row      int32   `json:"row"` // the one linked to; -1 where it is not stored
	TraceID  string  `json:"traceId"`
	SpanID   string  `json:"spanId"`
	Service  string  `json:"service"`
	Name     string  `json:"name"`
	Kind     string  `json:"kind,omitempty"`
	Offset   float64 `json:"offset"`   // ns from the trace's start
	Duration float64 `json:"duration"` // ns
	Error    bool    `json:"error,omitempty"`
}

// maxLinksTo bounds the links that are sent with a trace; a span's details have all of its own.
const maxLinksTo = 500

// linksFrom are the links from other traces. One statement; none where the store has none, or
// is slow, or older than them.
func (i *Instance) linksFrom(ctx context.Context, id span.TraceID) []store.LinkFrom {
	links, err := i.store.LinkedFrom(ctx, id)
	if err != nil {
		log.DefaultLogger.FromContext(ctx).Debug("A trace is shown without the links to it", "error", err)
		return nil
	}
	return links
}

// links are those of the trace's spans and those to them, and how many were not sent.
func (t *assembled) links() (to []linkedTo, from []linkedFrom, leftOut int) {
	rows := map[span.SpanID]int32{}
	for i, s := range t.tree.Spans {
		if _, ok := rows[s.SpanID]; s.Source == span.APP && !ok {
			rows[s.SpanID] = int32(i)
		}
	}
	row := func(id span.SpanID) int32 {
		if at, ok := rows[id]; ok {
			return at
		}
		return -1
	}
	own, start := t.tree.TraceID(), t.start()
	for i, s := range t.tree.Spans {
		links, _ := span.ReadLinks(s.Links) // what cannot be read is shown by the details of the span
		for _, l := range links {
			switch {
			case l.TraceID.IsZero():
			case len(to) == maxLinksTo:
				leftOut++
			case l.TraceID == own:
				to = append(to, linkedTo{int32(i), l.TraceID.String(), l.SpanID.String(), row(l.SpanID)})
			default:
				to = append(to, linkedTo{int32(i), l.TraceID.String(), l.SpanID.String(), -1})
			}
		}
	}
	for _, l := range t.data.LinkedFrom {
		from = append(from, linkedFrom{
			Row: row(l.To), TraceID: l.TraceID.String(), SpanID: l.SpanID.String(), Service: l.Service, Name: l.Name, Kind: l.Kind.String(),
			Offset: float64(l.Start - start), Duration: float64(l.Duration), Error: l.Status.Error(),
		})
	}
	return to, from, leftOut
}

func linkNotices(leftOut int) []data.Notice {
	if leftOut == 0 {
		return nil
	}
	return []data.Notice{{Severity: data.NoticeSeverityInfo, Text: fmt.Sprintf("Not listed: %s of spans; the details of a span have all of its own.", words.Count(leftOut, "link"))}}
}
