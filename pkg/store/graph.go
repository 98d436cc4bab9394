package store

import (
	"cmp"
	"slices"

	"github.com/throughline-io/throughline/pkg/span"
)

// graph is the groups around a span and the edges between them, as far as they were read.
//
// The trace is what can be reached from the entry without entering the group of a second
// trace id: a wrong passage must not glue two traces together. Entered by a group that is
// no trace's, the trace nearest to it is the one; at the same distance an edge that an
// identifier proves goes before one that a process's causality gave.
type graph struct {
	entry  span.GroupID
	from   map[span.GroupID][]edge
	asked  map[span.GroupID]bool
	inside []span.GroupID // of the trace, nearest first
	linked []span.GroupID // of other traces
	full   bool           // there were more groups than allowed
}

func (g *graph) start(entry span.GroupID) {
	g.entry = entry
	g.from, g.asked = map[span.GroupID][]edge{}, map[span.GroupID]bool{}
}

func (g *graph) add(e edge) {
	if g.entry == 0 {
		return
	}
	g.from[e.a] = append(g.from[e.a], e)
}

// answered notes that all edges of these groups were read.
func (g *graph) answered(groups []span.GroupID) {
	for _, a := range groups {
		g.asked[a] = true
	}
}

// trust orders the kinds of edges: those that an identifier proves first.
var trust = map[span.EdgeKind]int{span.EdgeHasRows: 0, span.EdgeWire: 1, span.EdgeRoot: 2, span.EdgePassage: 3}

// open walks from the entry and returns the groups inside whose edges were not read yet.
func (g *graph) open(limit int) (open []span.GroupID) {
	g.inside, g.linked = nil, nil
	home := span.GroupID(0)
	met := map[span.GroupID]bool{g.entry: true}
	level := []span.GroupID{g.entry}
	for len(level) > 0 {
		var next []edge
		for _, a := range level {
			if a.IsTrace() {
				if home == 0 {
					home = a
				}
				if a != home {
					g.linked = append(g.linked, a)
					continue
				}
			}
			if len(g.inside) == limit {
				g.full = true
				return nil
			}
			g.inside = append(g.inside, a)
			if !g.asked[a] {
				open = append(open, a)
			}
			next = append(next, g.from[a]...)
		}
		slices.SortStableFunc(next, func(x, y edge) int {
			return cmp.Or(cmp.Compare(trust[x.kind], trust[y.kind]), cmp.Compare(x.b, y.b))
		})
		level = level[:0]
		for _, e := range next {
			if !met[e.b] {
				met[e.b] = true
				level = append(level, e.b)
			}
		}
	}
	return open
}

// place is where rows lie.
type place struct {
	bucket uint32
	group  span.GroupID
}

// places are the minutes in which the groups inside have rows.
func (g *graph) places() []place {
	var all []place
	for _, a := range g.inside {
		for _, e := range g.from[a] {
			if e.kind == span.EdgeHasRows {
				all = append(all, place{e.bucket, a})
			}
		}
	}
	slices.SortFunc(all, comparePlaces)
	return slices.Compact(all)
}

// likely are the places of the groups inside, as open has found them: of a group whose edges were not
// read, the minutes of the edges that lead to it, as both sides of an edge mostly lie in its minute.
// There are none before the edges of the trace's own group were read, which name the others.
func (g *graph) likely() []place {
	own := slices.IndexFunc(g.inside, span.GroupID.IsTrace)
	if own < 0 || !g.asked[g.inside[own]] {
		return nil
	}
	all := g.places()
	for _, a := range g.inside {
		for _, e := range g.from[a] {
			if !g.asked[e.b] && slices.Contains(g.inside, e.b) {
				all = append(all, place{e.bucket, e.b})
			}
		}
	}
	slices.SortFunc(all, comparePlaces)
	return slices.Compact(all)
}

func comparePlaces(x, y place) int {
	return cmp.Or(cmp.Compare(x.bucket, y.bucket), cmp.Compare(x.group, y.group))
}
