package store

import (
	"cmp"
	"context"
	"slices"

	"github.com/throughline-io/throughline/pkg/span"
)

// A search for traces takes two steps: which groups have spans that match, newest first, and
// what the traces of these groups are. Any span of a trace can match; the row shows the
// trace.

// FoundTrace is what a search says of a trace beside its row, which is the root or, where the
// root is not stored, the earliest span that is.
type FoundTrace struct {
	Rootless bool
	Spans    int // as stored, of all sources
	// Errors are the spans of code that failed with no failed span under them. In a trace in
	// which no code failed they are the sessions that did.
	Errors int
	Failed *SearchRow // the one that failed first; nil without errors
	// Matched are the spans that the search's filters match, 0 for a search without filters;
	// Match is the first of them, a failed one before others.
	Matched int
	Match   *SearchRow
}

const (
	// How many matching spans are looked through at once: some for each row that is wanted, and
	// more each time that they are not enough.
	candidatesPerRow, minCandidates, moreCandidates = 100, 2_000, 10
	// lookedPerRow, minLooked and maxLooked bound how many that are in all.
	lookedPerRow, minLooked, maxLooked = 1_000, 200_000, 2_000_000
	// sessionsAtOnce bounds the groups without trace id whose traces are looked up together.
	sessionsAtOnce = 2_000
	// maxTraceGroups bounds what is read of one trace for a list.
	maxTraceGroups = 5_000
)

// traceList is one search for traces.
type traceList struct {
	reach
	search *search
	known  map[span.GroupID]bool // groups of traces that were looked at
	read   listedRows            // of the traces that are looked at
	shown  map[uint64]SearchRow  // by the spans' ids
	traces []*listedTrace
	hidden int // sessions that only packets showed
	cut    int // traces that were not counted whole
}

// listedTrace is a trace on its way to a row.
type listedTrace struct {
	graph graph
	sums  traceSums
	named bool // what is shown of it was read
}

// traces finds traces, by their newest matching spans.
func (q *search) traces(ctx context.Context) (Found, error) {
	l := &traceList{reach: newReach(q.store), search: q, known: map[span.GroupID]bool{}, shown: map[uint64]SearchRow{}}
	w := newSweep(q.From, q.To, q.MaxTime)
	limit, most := max(candidatesPerRow*q.Limit, minCandidates), min(max(lookedPerRow*q.Limit, minLooked), maxLooked)
	looked, until := 0, int64(0)
	page := candidates{} // of the slice
	part, more := w.next()
	for more && until == 0 {
		var err error
		if page, err = l.candidates(ctx, part, limit, page); err != nil {
			return Found{}, err
		}
		taken, err := l.take(ctx, page.groups)
		if err != nil {
			return Found{}, err
		}
		looked += page.spans
		switch {
		case taken < len(page.groups) || len(l.traces) == q.Limit:
			until = page.newest[max(taken-1, 0)]
		case page.full && (looked >= most || w.late()):
			until = page.oldest
		case page.full:
			limit = min(moreCandidates*limit, most-looked)
		default:
			page = candidates{}
			part, more = w.next()
		}
	}
	if l.hidden > 0 {
		leftOut(ctx, "%d requests that were seen in packets only are not among the traces: the scopes requests and all have them", l.hidden)
	}
	if l.cut > 0 {
		leftOut(ctx, "%d traces have more than %d groups of spans and were not counted whole", l.cut, maxTraceGroups)
	}
	rows, err := l.rows(ctx)
	return Found{rows, cmp.Or(until, w.until())}, err
}

// take adds the traces of groups, in their order, until there are enough, and says how many groups
// it needed.
func (l *traceList) take(ctx context.Context, groups []span.GroupID) (taken int, err error) {
	for len(groups) > 0 && len(l.traces) < l.search.Limit {
		var traces, sessions []span.GroupID
		n := 0
		for ; n < len(groups) && len(traces) < l.search.Limit-len(l.traces) && len(sessions) < sessionsAtOnce; n++ {
			switch g := groups[n]; {
			case l.known[g]:
			case g.IsTrace():
				traces = append(traces, g)
			default:
				sessions = append(sessions, g)
			}
		}
		l.read = listedRows{}
		first, err := l.look(ctx, traces, nil)
		if err != nil {
			return taken, err
		}
		// Most sessions are parts of these traces.
		sessions = slices.DeleteFunc(sessions, func(g span.GroupID) bool { return l.known[g] })
		second, err := l.look(ctx, nil, sessions)
		if err != nil {
			return taken, err
		}
		fresh := append(first, second...)
		if err := l.addUp(ctx, fresh); err != nil {
			return taken, err
		}
		place := make(map[span.GroupID]int, n)
		for i, g := range groups[:n] {
			place[g] = i
		}
		slices.SortStableFunc(fresh, func(a, b *listedTrace) int { return cmp.Compare(place[a.graph.entry], place[b.graph.entry]) })
		for _, t := range fresh {
			if t.sums.onlyPackets() {
				l.hidden++
			} else if t.sums.spans > 0 && len(l.traces) < l.search.Limit {
				l.traces = append(l.traces, t)
			}
		}
		groups = groups[n:]
		taken += n
	}
	return taken, nil
}

// look finds the traces of groups, each once.
func (l *traceList) look(ctx context.Context, traces, sessions []span.GroupID) ([]*listedTrace, error) {
	var all []*listedTrace
	var graphs []*graph
	for _, g := range append(traces, sessions...) {
		t := &listedTrace{graph: l.graph(g)}
		all, graphs = append(all, t), append(graphs, &t.graph)
	}
	if err := l.complete(ctx, graphs, maxTraceGroups, l.readRows); err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(t *listedTrace) bool {
		double := slices.ContainsFunc(t.graph.inside, func(g span.GroupID) bool { return l.known[g] && (g.IsTrace() || g == t.graph.entry) })
		for _, g := range t.graph.inside {
			l.known[g] = true
		}
		if t.graph.full && !double {
			l.cut++
		}
		return double
	}), nil
}

// rows are the traces found as rows, the newest first.
func (l *traceList) rows(ctx context.Context) ([]SearchRow, error) {
	named, err := l.named(ctx)
	if err != nil {
		return nil, err
	}
	rows := make([]SearchRow, 0, len(l.traces))
	for _, t := range l.traces {
		root, ok := named[t.sums.root.id]
		if !ok {
			continue // removed since it was counted
		}
		f := &FoundTrace{Rootless: t.sums.rootless(), Spans: t.sums.spans, Errors: t.sums.errors(), Matched: t.sums.matched}
		if row, ok := named[t.sums.match.id]; ok && f.Matched > 0 {
			f.Match = &row
		}
		if row, ok := named[t.sums.failed.id]; ok && f.Errors > 0 {
			f.Failed = &row
		}
		root.Trace = f
		rows = append(rows, root)
	}
	slices.SortStableFunc(rows, func(a, b SearchRow) int { return cmp.Compare(b.Start, a.Start) })
	return rows, nil
}
