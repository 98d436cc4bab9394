package plugin

import (
	"slices"
	"sync"

	"github.com/throughline-io/throughline/pkg/span"
)

// maxRecentSpans bounds what the traces kept for details may hold together.
const maxRecentSpans = 100_000

// recent keeps the traces that were shown last, so that a click on a span asks nobody.
// Spans never change once stored; late ones are missing here only until the trace is
// queried again.
type recent struct {
	mu     sync.Mutex
	traces []*recentTrace // newest last
	spans  int
}

type recentTrace struct {
	*assembled
	byID map[uint64]*span.Span
	code map[span.SpanID]*span.Span // by OpenTelemetry's id: the first span that assembled.spanOf finds
}

func (r *recent) add(t *assembled) {
	n := len(t.tree.Spans)
	if n == 0 || n > maxRecentSpans {
		return
	}
	kept := &recentTrace{t, make(map[uint64]*span.Span, n), map[span.SpanID]*span.Span{}}
	for _, s := range t.tree.Spans {
		kept.byID[s.ID] = s
		if s.Source == span.APP && kept.code[s.SpanID] == nil {
			kept.code[s.SpanID] = s
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	// The same trace, read again, takes the place of its older reading.
	if at := slices.IndexFunc(r.traces, func(old *recentTrace) bool { return old.byID[t.tree.Spans[0].ID] != nil }); at >= 0 {
		r.drop(at)
	}
	r.traces = append(r.traces, kept)
	r.spans += n
	for r.spans > maxRecentSpans {
		r.drop(0)
	}
}

func (r *recent) drop(at int) {
	r.spans -= len(r.traces[at].byID)
	r.traces = slices.Delete(r.traces, at, at+1)
}

// find is a span and its trace, or nil.
func (r *recent) find(id span.AnyID) (*assembled, *span.Span) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, t := range slices.Backward(r.traces) {
		if s := t.byID[id.Own()]; s != nil {
			return t.assembled, s
		}
	}
	for _, t := range slices.Backward(r.traces) {
		if s := t.code[id.Span]; s != nil {
			return t.assembled, s
		}
	}
	return nil, nil
}
