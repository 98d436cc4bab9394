package store

import (
	"context"
	"fmt"
	"slices"

	"github.com/throughline-io/throughline/pkg/span"
)

// TracesQuery asks for several traces at once, to see their shape: spans come without
// attributes, events, links and what else only details show.
type TracesQuery struct {
	// IDs are those of traces or spans, each as TraceQuery has it.
	IDs []string
	// MaxSpans is the size from which a trace is not read (5,000), MaxTotal that of all
	// traces together (50,000).
	MaxSpans, MaxTotal int
}

// TracesData is what was found. An id in none of the three is not known.
type TracesData struct {
	Traces   map[string]*TraceData // by the id asked for; ids of one trace share it
	TooLarge map[string]int        // spans of traces that were not read for their size
	Left     []string              // not read because MaxTotal was reached: ask again
	// Statements is the number of round trips to the store, whatever the number of traces.
	Statements int
}

const (
	manySpans = 5_000
	manyTotal = 50_000
)

// Traces reads several traces in the number of statements that one takes, and two more: one
// counts their rows before any are read, one finds spans by their ids.
func (s *Store) Traces(ctx context.Context, q TracesQuery) (*TracesData, error) {
	if q.MaxSpans <= 0 {
		q.MaxSpans = manySpans
	}
	q.MaxTotal = max(q.MaxTotal, q.MaxSpans)
	w := &walks{reach: newReach(s), query: q,
		data: &TracesData{Traces: map[string]*TraceData{}, TooLarge: map[string]int{}}}
	for _, step := range []func(context.Context) error{w.enter, w.close, w.choose, w.rows, w.names} {
		if err := step(ctx); err != nil {
			return nil, fmt.Errorf("read %d traces: %w", len(q.IDs), err)
		}
	}
	w.data.Statements = w.statements
	return w.data, nil
}

// walks are look-ups that share what they read.
type walks struct {
	reach
	query TracesQuery
	each  []*oneWalk // distinct traces, in the order asked for
	data  *TracesData
}

// oneWalk is the look-up of one trace.
type oneWalk struct {
	ids    []string
	graph  graph
	places []place
	trace  *TraceData // nil: not to be read
}

// enter finds the groups to start from.
func (w *walks) enter(ctx context.Context) error {
	ids := make([]span.AnyID, len(w.query.IDs))
	for i, text := range w.query.IDs {
		var err error
		if ids[i], err = span.ParseAnyID(text); err != nil {
			return fmt.Errorf("%w: %w", ErrMalformed, err)
		}
	}
	bySpan, err := w.groupsOf(ctx, ids)
	if err != nil {
		return err
	}
	known := map[string]bool{}
	for i, text := range w.query.IDs { // in the order asked for
		if known[text] {
			continue
		}
		known[text] = true
		entry := span.TraceGroup(ids[i].Trace)
		if !ids[i].Span.IsZero() {
			entry = bySpan[ids[i].Span]
		}
		if entry == 0 {
			continue // not known
		}
		w.each = append(w.each, &oneWalk{ids: []string{text}, graph: w.graph(entry)})
	}
	return nil
}

// close reads the edges of the graphs, and joins those of one trace.
func (w *walks) close(ctx context.Context) error {
	graphs := make([]*graph, len(w.each))
	for i, one := range w.each {
		graphs[i] = &one.graph
	}
	if err := w.complete(ctx, graphs, w.query.MaxSpans, nil); err != nil {
		return err
	}
	byPlaces := map[string]*oneWalk{}
	distinct := w.each[:0]
	for _, one := range w.each {
		if one.graph.full {
			w.tooLarge(one, w.query.MaxSpans+1)
			continue
		}
		if one.places = one.graph.places(); len(one.places) == 0 {
			continue // not known
		}
		key := formatPlaces(one.places)
		if same := byPlaces[key]; same != nil {
			same.ids = append(same.ids, one.ids...)
			continue
		}
		byPlaces[key] = one
		distinct = append(distinct, one)
	}
	w.each = distinct
	return nil
}

func (w *walks) tooLarge(one *oneWalk, spans int) {
	for _, id := range one.ids {
		w.data.TooLarge[id] = spans
	}
}

// choose counts the rows of the traces and says which are read.
func (w *walks) choose(ctx context.Context) error {
	var all []place
	counted := w.each
	for n, one := range w.each {
		if n > 0 && len(all)+len(one.places) > placesAtOnce {
			for _, late := range w.each[n:] {
				w.data.Left = append(w.data.Left, late.ids...)
			}
			counted = w.each[:n]
			break
		}
		all = append(all, one.places...)
	}
	w.each = counted
	counts, err := w.count(ctx, all)
	if err != nil {
		return err
	}
	total := 0
	for _, one := range w.each {
		spans := 0
		for _, p := range one.places {
			spans += counts[p]
		}
		switch {
		case spans > w.query.MaxSpans:
			w.tooLarge(one, spans)
		case total+spans > w.query.MaxTotal:
			w.data.Left = append(w.data.Left, one.ids...)
		case spans > 0:
			total += spans
			one.trace = &TraceData{Groups: one.graph.inside, Linked: one.graph.linked}
			for _, id := range one.ids {
				w.data.Traces[id] = one.trace
			}
		}
	}
	return nil
}

// count is the number of rows at each place.
func (w *walks) count(ctx context.Context, places []place) (map[place]int, error) {
	counts := make(map[place]int, len(places))
	var minute seconds
	var group, n numbers[uint64]
	columns := []resultColumn{{"bucket", &minute}, {"grp", &group}, {"n", &n}}
	for part := range slices.Chunk(places, placesAtOnce) {
		w.statements++
		err := w.store.read(ctx, "SELECT bucket, grp, count() AS n FROM spans WHERE (bucket, grp) IN {places:Array(Tuple(DateTime('UTC'), UInt64))} GROUP BY bucket, grp",
			params{"places": formatPlaces(part)}, fastRead, columns, func(rows int) error {
				for i := range rows {
					counts[place{minute.at(i), span.GroupID(group.at(i))}] = int(n.at(i))
				}
				return nil
			})
		if err != nil {
			return nil, err
		}
	}
	return counts, nil
}
