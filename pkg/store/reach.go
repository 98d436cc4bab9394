package store

import (
	"context"
	"slices"

	"golang.org/x/sync/errgroup"

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

// edges reads the edges of groups that were not asked for.
func (r *reach) edges(ctx context.Context, groups []span.GroupID) error {
	var a, b numbers[uint64]
	var minute seconds
	var kind numbers[uint8]
	r.statements++
	columns := []resultColumn{{"a", &a}, {"b", &b}, {"bucket", &minute}, {"kind", &kind}}
	err := r.store.read(ctx, edgesOfGroups, params{"groups": formatGroups(groups)}, manyKeys, columns, func(n int) error {
		for i := range n {
			e := edge{span.GroupID(a.at(i)), span.GroupID(b.at(i)), minute.at(i), span.EdgeKind(kind.at(i))}
			r.from[e.a] = append(r.from[e.a], e)
		}
		return nil
	})
	for _, g := range groups {
		r.asked[g] = true
	}
	return err
}

// complete asks for edges until no graph has open groups, or more than most. early, where it is
// given, is called once, beside the edges that are then left to read: with the places that are likely.
func (r *reach) complete(ctx context.Context, graphs []*graph, most int, early func(context.Context, []place) error) error {
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
		group, ctx := errgroup.WithContext(ctx)
		if at := likely(graphs); early != nil && len(at) > 0 {
			read := early
			early = nil
			group.Go(func() error { return read(ctx, at) })
		}
		group.Go(func() error {
			for part := range slices.Chunk(slices.Compact(open), placesAtOnce) {
				if err := r.edges(ctx, part); err != nil {
					return err
				}
			}
			return nil
		})
		if err := group.Wait(); err != nil {
			return err
		}
	}
}
