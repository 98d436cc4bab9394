package store

import (
	"context"
	"slices"

	"github.com/throughline-io/throughline/pkg/span"
)

// reach is what was read of the edges between groups, for look-ups that share it.
type reach struct {
	store      *Store
	from       map[span.GroupID][]edge
	asked      map[span.GroupID]bool
	statements int
}

func newReach(s *Store) reach {
	return reach{store: s, from: map[span.GroupID][]edge{}, asked: map[span.GroupID]bool{}}
}

// graph is the look-up from a group.
func (r *reach) graph(entry span.GroupID) graph {
	return graph{entry: entry, from: r.from, asked: r.asked}
}

// around reads the edges around groups: from a trace's group all groups are one step away,
// from any other one two.
func (r *reach) around(ctx context.Context, traces, others []span.GroupID) error {
	if err := r.step(ctx, traces, edgeColumns+"(SELECT b FROM assoc WHERE a IN {groups:Array(UInt64)})"); err != nil {
		return err
	}
	return r.step(ctx, others, edgeColumns+"(SELECT b FROM assoc WHERE a IN (SELECT b FROM assoc WHERE a IN {groups:Array(UInt64)}))")
}

func (r *reach) step(ctx context.Context, entries []span.GroupID, sql string) error {
	for part := range slices.Chunk(entries, placesAtOnce) {
		if err := r.edges(ctx, sql, part); err != nil {
			return err
		}
		// A group that an entry names and that shows no edges has none.
		for _, entry := range part {
			if r.asked[entry] {
				for _, e := range r.from[entry] {
					r.asked[e.b] = true
				}
			}
		}
	}
	return nil
}

// edges runs a statement about groups. Whatever group shows edges was asked for all of them.
func (r *reach) edges(ctx context.Context, sql string, groups []span.GroupID) error {
	var a, b numbers[uint64]
	var minute seconds
	var kind numbers[uint8]
	r.statements++
	columns := []resultColumn{{"a", &a}, {"b", &b}, {"bucket", &minute}, {"kind", &kind}}
	var rows []edge
	err := r.store.read(ctx, sql, params{"groups": formatGroups(groups)}, fastRead, columns, func(n int) error {
		for i := range n {
			rows = append(rows, edge{span.GroupID(a.at(i)), span.GroupID(b.at(i)), minute.at(i), span.EdgeKind(kind.at(i))})
		}
		return nil
	})
	if err != nil {
		return err
	}
	fresh := map[span.GroupID]bool{}
	for _, e := range rows {
		if !r.asked[e.a] { // a group that two statements show has its edges once
			fresh[e.a] = true
			r.from[e.a] = append(r.from[e.a], e)
		}
	}
	for g := range fresh {
		r.asked[g] = true
	}
	return nil
}

// complete asks for edges until no graph has open groups, or more than most.
func (r *reach) complete(ctx context.Context, graphs []*graph, most int) error {
	for {
		var open []span.GroupID
		for _, g := range graphs {
			if !g.full {
				open = append(open, g.open(most)...)
			}
		}
		if len(open) == 0 {
			return nil
		}
		slices.Sort(open)
		for part := range slices.Chunk(slices.Compact(open), placesAtOnce) {
			if err := r.edges(ctx, edgesOfGroups, part); err != nil {
				return err
			}
			for _, g := range part {
				r.asked[g] = true
			}
		}
	}
}
