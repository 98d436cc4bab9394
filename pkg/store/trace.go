package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

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
// the rows of all groups. That is two statements for a trace id and for a span's id.
func (s *Store) Trace(ctx context.Context, q TraceQuery) (*TraceData, error) {
	q.MaxSpans = cmp.Or(q.MaxSpans, maxSpans)
	w := &walk{store: s, query: q}
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
	statements int
	leftOut    []string
}

// enter finds the group to start from and reads the edges around it.
func (w *walk) enter(ctx context.Context) error {
	id, err := span.ParseAnyID(w.query.ID)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	if id.Span.IsZero() {
		return w.enterByTrace(ctx, id.Trace)
	}
	// Ours first: it holds the minute, which makes this the cheapest question.
	if at := uint64(span.IDMinute(id.Own())) * 60; at < 1<<32 { // the range of DateTime
		err := w.edges(ctx, edgesBySpan(spanByID), params{"minute": fmt.Sprintf("%010d", at), "id": formatUint(id.Own())})
		if err != nil || w.graph.entry != 0 {
			return err
		}
	}
	if err := w.enterByTrace(ctx, id.Trace); err != nil || len(w.graph.from) > 0 {
		return err
	}
	return w.enterByOTelID(ctx, id)
}

// enterByOTelID looks for the span in slices of time, the newest first: the index of ids is as large
// as what is stored, and most that are looked for are new.
func (w *walk) enterByOTelID(ctx context.Context, id span.AnyID) error {
	from, to := w.query.From, w.query.To
	if from > 0 {
		from = max(1, from-slack)
	}
	if to > 0 {
		to += slack
	}
	slices := newSweep(from, to, searchTime)
	for part, ok := slices.next(); ok; part, ok = slices.onward() {
		w.graph = graph{}
		p := params{"span": string(id.Span[:])}
		if err := w.edges(ctx, edgesBySpan(spanByOTelID+part.bounds(p)), p); err != nil || w.graph.entry != 0 {
			return err
		}
	}
	return fmt.Errorf("span %s: %w", id, ErrNotFound)
}

func (w *walk) enterByTrace(ctx context.Context, t span.TraceID) error {
	w.graph.start(span.TraceGroup(t))
	p := params{"group": formatUint(uint64(w.graph.entry))}
	return w.edges(ctx, edgesByGroup, p)
}

// slack is how far beyond the time asked for a span is looked for by OpenTelemetry's id, for which
// all spans of that time must be looked at.
const slack = 60 * minute

// bounds limit a statement to a slice.
func (s slice) bounds(p params) string {
	text := ""
	if s.from > 0 {
		p["from"] = formatMinute(s.from)
		text += " AND bucket >= {from:DateTime('UTC')}"
	}
	if s.to > 0 {
		p["to"] = formatMinute(s.to)
		text += " AND bucket < {to:DateTime('UTC')}"
	}
	return text
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
		for part := range slices.Chunk(open, placesAtOnce) {
			if err := w.edges(ctx, edgesOfGroups, params{"groups": formatGroups(part)}); err != nil {
				return err
			}
			w.graph.answered(part)
		}
	}
}

// rows reads the spans of all groups.
func (w *walk) rows(ctx context.Context, t *TraceData) error {
	places := w.graph.places()
	decoder := newSpanRows()
	known := map[spanKey]bool{}
	for part := range slices.Chunk(places, placesAtOnce) {
		w.statements++
		sql := spansOfPlaces(decoder)
		// One more than is wanted tells whether there are more; doubles of a retry count, too.
		p := params{"places": formatPlaces(part), "limit": formatUint(uint64(w.query.MaxSpans + 1))}
		read := 0
		err := w.store.read(ctx, sql, p, fastRead, decoder.results, func(rows int) error {
			read += rows
			for _, s := range decoder.append(nil, rows) {
				if k := (spanKey{s.ID, s.Start, s.Source}); !known[k] {
					known[k] = true
					t.Spans = append(t.Spans, s)
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		if read > w.query.MaxSpans || len(t.Spans) > w.query.MaxSpans {
			t.Spans = t.Spans[:min(len(t.Spans), w.query.MaxSpans)]
			w.leftOut = append(w.leftOut, fmt.Sprintf("more than %d spans: the rest was not read", w.query.MaxSpans))
			break
		}
	}
	return nil
}

func spansOfPlaces(r *spanRows) string { return spansOf(r.columns()) }

func spansOf(columns string) string {
	return "SELECT " + columns + " FROM spans WHERE (bucket, grp) IN {places:Array(Tuple(DateTime('UTC'), UInt64))} LIMIT {limit:UInt64}"
}

// spanKey is what makes a stored row the same span as another one.
type spanKey struct {
	id     uint64
	start  int64
	source span.Source
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
