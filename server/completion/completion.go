package completion

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/store"
	"github.com/throughline-io/throughline/pkg/trace"
)

// Limits of one request: each trace is a look-up of its own, and so is each span whose caller is
// looked for.
const (
	MaxSpans  = 20_000
	maxTraces = 16
	maxRoots  = 64
)

// Store is what is asked for what agents saw.
type Store interface {
	Trace(ctx context.Context, q store.TraceQuery) (*store.TraceData, error)
	Serving(ctx context.Context, q store.ServingQuery) (found []*span.Span, full bool, err error)
}

// Request are the APP spans of an APM. They are changed: what is found out about where they ran is
// filled in.
type Request struct {
	Spans     []*span.Span
	Resources map[uint64]span.Resource
	MaxSpans  int // of each trace that are read; 0: the store's default
}

// Completed is the tree of the APP spans and of what agents saw around them.
type Completed struct {
	Tree      *trace.Tree
	Entities  trace.Entities
	Resources map[uint64]span.Resource
	// LeftOut says what was not looked at, or is not in the tree though it was found.
	LeftOut []string
}

// ErrTooMany is wrapped by the error of a request with more than a limit.
var ErrTooMany = errors.New("too many")

// Complete looks up and assembles.
func Complete(ctx context.Context, s Store, r Request) (*Completed, error) {
	f := &finding{store: s, max: r.MaxSpans, traces: map[span.TraceID]bool{}, known: map[key]bool{}, entities: map[uint64]span.Entity{}}
	for _, one := range r.Spans {
		f.traces[one.TraceID] = true
	}
	switch {
	case len(r.Spans) > MaxSpans:
		return nil, fmt.Errorf("%w spans: %d, and a request may have %d", ErrTooMany, len(r.Spans), MaxSpans)
	case len(f.traces) > maxTraces:
		return nil, fmt.Errorf("%w traces: %d, and a request may be about %d", ErrTooMany, len(f.traces), maxTraces)
	}
	for _, id := range slices.SortedFunc(maps.Keys(f.traces), func(a, b span.TraceID) int { return slices.Compare(a[:], b[:]) }) {
		data, err := s.Trace(ctx, store.TraceQuery{ID: id.String(), MaxSpans: r.MaxSpans})
		if errors.Is(err, store.ErrNotFound) {
			continue
		} else if err != nil {
			return nil, err
		}
		f.take(data)
	}
	place(r.Spans, f.seen)
	if err := f.callers(ctx, r.Spans); err != nil {
		return nil, err
	}
	entities := func(id uint64) *span.Entity {
		if e, ok := f.entities[id]; ok {
			return &e
		}
		return nil
	}
	options := trace.Options{Entities: entities, Complete: !f.crowded}
	if f.watched != nil {
		options.Watched = f.watched.At
	}
	tree := trace.Assemble(append(slices.Clone(r.Spans), f.seen...), options)
	if around := withCode(tree); len(around) < len(tree.Spans) {
		f.leftOut = append(f.leftOut, fmt.Sprintf("%d spans that agents saw of the same traces hang together with none of the spans given", len(tree.Spans)-len(around)))
		tree = trace.Assemble(around, options)
	}
	return &Completed{Tree: tree, Entities: entities, Resources: r.Resources, LeftOut: f.leftOut}, nil
}

// withCode are the spans of the trees that have a span of code.
func withCode(t *trace.Tree) (spans []*span.Span) {
	for _, root := range t.Roots {
		from, to := t.Subtree(root)
		if slices.ContainsFunc(t.Spans[from:to], func(s *span.Span) bool { return s.Source == span.APP }) {
			spans = append(spans, t.Spans[from:to]...)
		}
	}
	return spans
}
