package completion

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/store"
	"github.com/throughline-io/throughline/pkg/trace"
)

// Join adds code that is stored elsewhere to what was read of its trace, and what agents saw around it that
// was not found without: a caller without instrumentation is found by the code that it called. What was
// read stays; of code, where it ran is filled in, as in Complete. most spans are read of each trace more.
func Join(ctx context.Context, s Store, read *store.TraceData, code []*span.Span, most int) (*store.TraceData, error) {
	f := &finding{store: s, max: most, traces: map[span.TraceID]bool{}, known: map[key]bool{}, entities: map[uint64]span.Entity{}}
	app := slices.Clone(code)
	for _, one := range read.Spans {
		if one.Source == span.APP {
			app = append(app, one)
		}
		if !one.TraceID.IsZero() {
			f.traces[one.TraceID] = true
		}
	}
	for _, one := range code {
		f.traces[one.TraceID] = true
	}
	f.take(read)
	before := len(f.seen)
	place(app, f.seen)
	if err := f.callers(ctx, app); err != nil {
		return nil, err
	}
	joined := *read
	joined.Spans = append(slices.Clone(read.Spans), code...)
	joined.Entities, joined.Watched, joined.Complete = f.entities, f.watched, !f.crowded
	joined.Resources = maps.Clone(read.Resources)
	if joined.Resources == nil {
		joined.Resources = map[uint64]span.Resource{}
	}
	joined.Truncated = strings.Join(f.leftOut, "; ")
	if added := f.seen[before:]; len(added) > 0 {
		joined.Spans = append(joined.Spans, belonging(&joined, added)...)
	}
	return &joined, nil
}

// belonging are those of the spans added that hang together with others: a process may have served
// several requests when its code began.
func belonging(joined *store.TraceData, added []*span.Span) (spans []*span.Span) {
	isAdded := make(map[*span.Span]bool, len(added))
	for _, s := range added {
		isAdded[s] = true
	}
	options := trace.Options{Complete: joined.Complete}
	if joined.Watched != nil {
		options.Watched = joined.Watched.At
	}
	t := trace.Assemble(append(slices.Clone(joined.Spans), added...), options)
	for _, root := range t.Roots {
		from, to := t.Subtree(root)
		if !slices.ContainsFunc(t.Spans[from:to], func(s *span.Span) bool { return !isAdded[s] }) {
			continue
		}
		for _, s := range t.Spans[from:to] {
			if isAdded[s] {
				spans = append(spans, s)
			}
		}
	}
	return spans
}
