package completion

import (
	"context"
	"errors"

	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/store"
)

// callers adds what called the processes in which traces begin: a caller without instrumentation
// sends no trace context, by which its requests would have been found.
func (f *finding) callers(ctx context.Context, app []*span.Span) error {
	arrived, given := map[carried]bool{}, map[carried]bool{}
	for _, s := range f.seen {
		arrived[carried{s.TraceID, s.SpanID}] = true
	}
	for _, s := range app {
		given[carried{s.TraceID, s.SpanID}] = true
	}
	asked := 0
	for _, s := range app {
		parent := carried{s.TraceID, s.ParentSpanID}
		if s.Kind != span.KindServer || parent.known() && (arrived[parent] || given[parent]) || s.Client.Port() == 0 && s.Entity == 0 {
			continue
		}
		if asked == maxRoots {
			f.leave("more than %d spans of servers do not say who called them: the requests of the rest were not looked for", maxRoots)
			f.crowded = true
			return nil
		}
		asked++
		if err := f.serving(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

// serving adds the requests that the span may have begun in, with all that belongs to them. What
// is of another trace is none of them.
func (f *finding) serving(ctx context.Context, s *span.Span) error {
	found, full, err := f.store.Serving(ctx, store.ServingQuery{At: s.Start, Client: s.Client, Entity: s.Entity})
	if err != nil {
		return err
	}
	if full && s.Client.Port() == 0 {
		f.crowded = true
		return nil
	}
	for _, request := range found {
		if f.known[key{request.ID, request.Start, request.Source}] || !sameProcess(request, s) {
			continue
		}
		data, err := f.store.Trace(ctx, store.TraceQuery{ID: span.FormatID(request.ID), MaxSpans: f.max})
		if errors.Is(err, store.ErrNotFound) {
			continue
		} else if err != nil {
			return err
		}
		if f.of(data) {
			f.take(data)
		}
	}
	return nil
}

// sameProcess reports whether a request may have been served by the process of a span.
func sameProcess(request, s *span.Span) bool {
	return s.PID == 0 || request.PID == 0 || s.Node != request.Node || s.PID == request.PID
}
