package store

import (
	"context"
	"fmt"
	"slices"

	"github.com/throughline-io/throughline/pkg/span"
)

// What the spans of a listed trace add up to is known from its rows, and so is what its row shows.
// Of few traces the rows are read at once, beside the last edges, and added up here: planning the
// sums took the store twice as long as reading what they are of. Large traces it adds up itself.

const (
	// maxListedPlaces and maxListedRows bound the rows that are read at once.
	maxListedPlaces, maxListedRows = 500, 20_000
)

// listedRow is a row of a listed trace.
type listedRow struct {
	SearchRow
	parent                  span.SpanID
	requestSeq, responseSeq uint32
	matched                 bool // by the search's filters
}

// ended is when the span was over; start and end are of the same clock.
func (r *listedRow) ended() int64 { return r.Start + int64(r.Duration) }

// listedRows are the rows that were read of places, all of each place.
type listedRows map[place][]*listedRow

func (l listedRows) has(places []place) bool {
	return !slices.ContainsFunc(places, func(p place) bool { _, read := l[p]; return !read })
}

// listedStatement reads the rows at places.
func (q *search) listedStatement(places []place) (string, params, error) {
	matches, c, err := q.matching()
	if err != nil {
		return "", nil, err
	}
	c.params["places"], c.params["limit"] = formatPlaces(places), formatUint(maxListedRows+1)
	return "SELECT " + foundColumns + ", parent_span_id, request_seq, response_seq, CAST(ifNull(" + matches + ", 0), 'UInt8') AS matched FROM spans" +
		" PREWHERE (bucket, grp) IN {places:Array(Tuple(DateTime('UTC'), UInt64))} LIMIT {limit:UInt64}", c.params, nil
}

// readRows reads the rows at places, unless there are too many.
func (l *traceList) readRows(ctx context.Context, places []place) error {
	if len(places) == 0 || len(l.read)+len(places) > maxListedPlaces {
		return nil
	}
	sql, p, err := l.search.listedStatement(places)
	if err != nil {
		return err
	}
	read := listedRows{}
	for _, at := range places {
		read[at] = nil
	}
	decoder := newFoundRows()
	var parent numbers[span.SpanID]
	var requestSeq, responseSeq numbers[uint32]
	var matched numbers[uint8]
	columns := append(decoder.results, resultColumn{"parent_span_id", &parent}, resultColumn{"request_seq", &requestSeq}, resultColumn{"response_seq", &responseSeq}, resultColumn{"matched", &matched})
	n := 0
	err = l.store.read(ctx, sql, p, fastRead, columns, func(rows int) error {
		n += rows
		block := make([]listedRow, rows)
		for i := range block {
			block[i] = listedRow{decoder.row(i), parent.at(i), requestSeq.at(i), responseSeq.at(i), matched.at(i) != 0}
			at := place{block[i].bucket, block[i].group}
			read[at] = append(read[at], &block[i])
		}
		return nil
	})
	if err != nil || n > maxListedRows {
		return err
	}
	for at, rows := range read {
		l.read[at] = rows
	}
	return nil
}

// addUp adds up traces, which have no group in common.
func (l *traceList) addUp(ctx context.Context, traces []*listedTrace) error {
	var missing []place
	for _, t := range traces {
		for _, p := range t.graph.places() {
			if _, read := l.read[p]; !read {
				missing = append(missing, p)
			}
		}
	}
	if err := l.readRows(ctx, missing); err != nil {
		return fmt.Errorf("read the rows of %d traces: %w", len(traces), err)
	}
	var large []*listedTrace
	for _, t := range traces {
		if places := t.graph.places(); l.read.has(places) {
			l.addUpHere(t, places)
		} else {
			large = append(large, t)
		}
	}
	return l.sum(ctx, large)
}

// addUpHere adds up a trace whose rows were read, and keeps those that its row shows.
func (l *traceList) addUpHere(t *listedTrace, places []place) {
	byGroup := map[span.GroupID][]*listedRow{}
	for _, p := range places {
		byGroup[p.group] = append(byGroup[p.group], l.read[p]...)
	}
	for _, g := range t.graph.inside {
		if rows := byGroup[g]; len(rows) > 0 {
			t.sums.add(g, sumsOf(rows))
		}
	}
	t.named = true
	for _, shown := range t.sums.shown() {
		for _, one := range t.sums.shown() { // as the store is asked: of the groups of all that is shown
			for _, r := range byGroup[one.group] {
				if r.ID == shown.id {
					l.name(r.SearchRow)
				}
			}
		}
	}
}

// sumsOf adds up the rows of one group, as sumStatement does.
func sumsOf(rows []*listedRow) traceSums {
	type session struct {
		request, response uint32
		id                uint64
	}
	spans, matched, sessions := map[uint64]bool{}, map[uint64]bool{}, map[session]bool{}
	failures, callers := map[span.SpanID]bool{}, map[span.SpanID]bool{}
	var sums traceSums
	for _, r := range rows {
		failed := r.Status.Error()
		spans[r.ID] = true
		rank := uint8(r.Source)
		if r.Source == span.APP && r.parent.IsZero() {
			rank = rankRoot
		}
		sums.root.first(ranked{rank: rank, time: r.Start, id: r.ID}, r.group)
		if r.matched {
			matched[r.ID] = true
			match := ranked{rank: 1, time: r.Start, id: r.ID}
			if failed {
				match = ranked{rank: 0, time: r.ended(), id: r.ID}
			}
			sums.match.first(match, r.group)
		}
		if !failed {
			continue
		}
		sums.failed.first(ranked{rank: uint8(r.Source), time: r.ended(), id: r.ID}, r.group)
		if r.Source == span.APP {
			failures[r.SpanID], callers[r.parent] = true, true
			continue
		}
		s := session{request: r.requestSeq, response: r.responseSeq}
		if r.requestSeq == 0 || r.responseSeq == 0 {
			s.id = r.ID
		}
		sessions[s] = true
	}
	for id := range failures {
		if !callers[id] {
			sums.failedCode++
		}
	}
	sums.spans, sums.matched, sums.failedSessions = len(spans), len(matched), len(sessions)
	return sums
}

// likely are the places of graphs that are known or likely, before all edges were read.
func likely(graphs []*graph) []place {
	var all []place
	for _, g := range graphs {
		if !g.full {
			all = append(all, g.likely()...)
		}
	}
	slices.SortFunc(all, comparePlaces)
	return slices.Compact(all)
}

// name keeps a row that is shown, of two rows of a span the one that tells more.
func (l *traceList) name(r SearchRow) {
	if before, met := l.shown[r.ID]; !met || tellsMore(r.Status, before.Status, r.Duration, before.Duration) {
		l.shown[r.ID] = r
	}
}
