package plugin

import (
	"context"

	"github.com/grafana/grafana-plugin-sdk-go/backend/log"

	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/store"
)

// hopOf is the kind of a span, by which its durations are kept.
func hopOf(s *span.Span) store.Hop {
	return store.Hop{Service: s.Service, Request: store.RequestName(s), Point: s.Point}
}

// hopsOf are the kinds of spans, each once.
func hopsOf(spans []*span.Span) []store.Hop {
	known := map[store.Hop]bool{}
	var hops []store.Hop
	for _, s := range spans {
		if hop := hopOf(s); !known[hop] {
			known[hop] = true
			hops = append(hops, hop)
		}
	}
	return hops
}

// durationsOf are those of hops in the day before a trace's start. At most one statement; nil where
// the store has none, or is slow.
func (i *Instance) durationsOf(ctx context.Context, hops []store.Hop, start int64) map[store.Hop]store.Histogram {
	durations, err := i.store.Usual(ctx, hops, start)
	if err != nil {
		log.DefaultLogger.FromContext(ctx).Debug("A trace is shown without its usual durations", "error", err)
		return nil
	}
	return durations
}

// usual are the medians of the trace's hops, by what the panel knows of a row:
// "service|name|point".
func (t *assembled) usual() map[string]float64 {
	out := map[string]float64{}
	for _, s := range t.tree.Spans {
		if h, ok := t.durations[hopOf(s)]; ok {
			out[t.place(s).service+"|"+spanName(s)+"|"+s.Point.String()] = h.Quantile(0.5)
		}
	}
	return out
}

// fewDurations: a place among fewer says nothing.
const fewDurations = 20

// amongUsual is where a span's duration lies among those of its kind in the day before.
type amongUsual struct {
	Below  float64 `json:"below"`  // the share (0 to 1) of those that took less
	Count  uint64  `json:"count"`  // how many there are
	Median float64 `json:"median"` // ns
}

func (t *assembled) among(s *span.Span) *amongUsual {
	h := t.durations[hopOf(s)]
	if n := h.Count(); n >= fewDurations {
		return &amongUsual{Below: h.Below(s.Duration), Count: n, Median: h.Quantile(0.5)}
	}
	return nil
}
