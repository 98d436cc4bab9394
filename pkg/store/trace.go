package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/throughline-io/throughline/pkg/span"
)

// TraceQuery asks for all spans of a trace.
type TraceQuery struct {
	// ID is a trace id, or the id of any of its spans, in any form that span.ParseAnyID
	// reads. Up to 16 digits may be the id of one of our spans, of any source, a trace id of
	// 64 bits, or an OpenTelemetry span id: the first of these that is stored is taken.
	ID string
	// From and To (Unix ns, 0: any) say where the trace may lie. They only save work: a
	// trace that reaches beyond is shown whole.
	From, To int64
	// MaxSpans limits the answer (200,000).
	MaxSpans int
}

// TraceData is what the store has of a trace.
type TraceData struct {
	Spans     []*span.Span // each once
	Entities  map[uint64]span.Entity
	Resources map[uint64]span.Resource
	// Watched says who looked at the pods of the trace; nil: not known.
	Watched Watched
	// Complete says that code from elsewhere was added, with every request that its processes were
	// serving: see trace.Options.
	Complete bool
	// Groups are the groups the spans were found in.
	Groups []span.GroupID
	// Linked are the groups of other traces that something in this one is joined to; they
	// are not part of it.
	Linked []span.GroupID
	// LinkedFrom are the links from spans of other traces to this one, where they were asked
	// for (Store.LinkedFrom).
	LinkedFrom []LinkFrom
	// Statements is the number of round trips to the store.
	Statements int
	// Truncated says what was left out and why; "" for nothing.
	Truncated string
}

// ErrNotFound is wrapped by the error of a look-up that found nothing.
var ErrNotFound = errors.New("not found")

const (
	maxSpans     = 200_000
	maxGroups    = 20_000
	placesAtOnce = 8_000 // (minute, group) pairs in one statement: its parameter stays below 300 kB
)

// Trace reads a trace: the edges between its groups, until nothing is left to ask, then
// the rows of all groups. That is three statements for a trace id, of which the second and the
// third run at the same time, and two more for a span's id.
func (s *Store) Trace(ctx context.Context, q TraceQuery) (*TraceData, error) {
	q.MaxSpans = cmp.Or(q.MaxSpans, maxSpans)
	w := &walk{store: s, query: q, early: &placesRead{}}
	if err := w.enter(ctx); err != nil {
		return nil, fmt.Errorf("look up %s: %w", q.ID, err)
	}
	if err := w.close(ctx); err != nil {
		return nil, fmt.Errorf("look up %s: %w", q.ID, err)
	}
	t := &TraceData{Groups: w.graph.inside, Linked: w.graph.linked}
	if err := w.rows(ctx, t); err != nil {
		return nil, fmt.Errorf("read trace %s: %w", q.ID, err)
	}
	if len(t.Spans) == 0 {
		return nil, fmt.Errorf("trace %s: %w: the store has no spans of it", q.ID, ErrNotFound)
	}
	if err := w.names(ctx, t); err != nil {
		return nil, fmt.Errorf("read trace %s: %w", q.ID, err)
	}
	t.Statements = w.statements
	t.Truncated = strings.Join(w.leftOut, "; ")
	return t, nil
}

// walk is one look-up.
type walk struct {
	store      *Store
	query      TraceQuery
	graph      graph
	early      *placesRead // rows that are read before all edges are known; nil: none are
	leftOut    []string
	mu         sync.Mutex // of the graph, where several statements read edges
	statements int
}

// close asks for the edges of groups that were named but not asked for, until there are
// none: then nothing of the trace is left out.
func (w *walk) close(ctx context.Context) error {
	for {
		open := w.graph.open(maxGroups)
		if w.graph.full {
			w.leftOut = append(w.leftOut, fmt.Sprintf("more than %d groups of spans: some were not read", maxGroups))
			return nil
		}
		if len(open) == 0 {
			return nil
		}
		group, ctx := errgroup.WithContext(ctx)
		w.statements += (len(open) + placesAtOnce - 1) / placesAtOnce
		if at := w.graph.likely(); w.early != nil && !w.early.begun() && len(at) > 0 && len(at) <= earlyPlaces {
			w.statements++
			group.Go(func() error { return w.early.read(ctx, w.store, at, w.query.MaxSpans) })
		}
		for part := range slices.Chunk(open, placesAtOnce) {
			group.Go(func() error { return w.edges(ctx, part) })
		}
		if err := group.Wait(); err != nil {
			return err
		}
		w.graph.answered(open)
	}
}

// rows reads the spans of all groups that were not read early.
func (w *walk) rows(ctx context.Context, t *TraceData) error {
	read := w.early
	places := w.graph.places()
	if !read.of(w.graph.inside, w.query.MaxSpans) {
		read = &placesRead{}
	}
	for part := range slices.Chunk(read.missing(places), placesAtOnce) {
		w.statements++
		if err := read.read(ctx, w.store, part, w.query.MaxSpans); err != nil {
			return err
		}
		if read.rows > w.query.MaxSpans {
			read.spans = read.spans[:min(len(read.spans), w.query.MaxSpans)]
			w.leftOut = append(w.leftOut, fmt.Sprintf("more than %d spans: the rest was not read", w.query.MaxSpans))
			break
		}
	}
	t.Spans = read.spans
	return nil
}

// names reads the entities and OTel resources that the spans refer to, and who looked at
// their addresses, side by side: most is known, as it never changes.
func (w *walk) names(ctx context.Context, t *TraceData) error {
	var entities, resources []uint64
	for _, s := range t.Spans {
		entities = append(entities, s.Entity, s.ClientEntity, s.ServerEntity)
		resources = append(resources, s.OTelResource)
	}
	var n [3]int
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() (err error) {
		t.Entities, n[0], err = w.store.readEntities(ctx, distinct(entities))
		return err
	})
	group.Go(func() (err error) {
		t.Resources, n[1], err = w.store.readResources(ctx, distinct(resources))
		return err
	})
	group.Go(func() (err error) {
		t.Watched, n[2], err = w.store.watched(ctx, t.Spans)
		return err
	})
	err := group.Wait()
	w.statements += n[0] + n[1] + n[2]
	return err
}

// distinct sorts ids and drops doubles and zero.
func distinct(ids []uint64) []uint64 {
	slices.Sort(ids)
	ids = slices.Compact(ids)
	if len(ids) > 0 && ids[0] == 0 {
		ids = ids[1:]
	}
	return ids
}
