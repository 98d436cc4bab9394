package store

import (
	"context"
	"fmt"

	"github.com/throughline-io/throughline/pkg/span"
)

// searchRoots finds the starts of traces. The statement finds candidates; a system call
// span among them is no root where its group is joined to a trace, which the edges of the
// candidates' groups tell, by key.
func (s *Store) searchRoots(ctx context.Context, q SearchQuery) ([]SearchRow, error) {
	var roots []SearchRow
	shown := map[span.GroupID]int{}   // group of a session: its place in roots
	limit := min(6*q.Limit, maxLimit) // a trace gives a handful of candidates
	err := s.pages(ctx, q, limit, func(page []SearchRow) (enough bool, err error) {
		joined, err := s.joinedToTrace(ctx, page)
		if err != nil {
			return false, fmt.Errorf("search: %w", err)
		}
		for _, r := range page {
			if r.Source != span.APP {
				if joined[r.group] {
					continue
				}
				if i, ok := shown[r.group]; ok { // the other end of a session that is shown
					if r.Point < roots[i].Point {
						roots[i] = r
					}
					continue
				}
			}
			if len(roots) == q.Limit {
				continue // only for the other ends of sessions
			}
			if r.Source != span.APP {
				shown[r.group] = len(roots)
			}
			roots = append(roots, r)
		}
		return len(roots) == q.Limit, nil
	})
	if err != nil {
		return nil, err
	}
	return roots, s.nameEnds(ctx, roots)
}

// edgesToTraces reads the edges from groups to those of traces, whose top bit is set.
const edgesToTraces = "SELECT DISTINCT a FROM assoc WHERE a IN {groups:Array(UInt64)} AND kind > 0 AND b >= 9223372036854775808"

func (s *Store) joinedToTrace(ctx context.Context, page []SearchRow) (map[span.GroupID]bool, error) {
	joined := map[span.GroupID]bool{}
	var groups []uint64
	for _, r := range page {
		if r.Source != span.APP {
			groups = append(groups, uint64(r.group))
		}
	}
	if groups = distinct(groups); len(groups) == 0 {
		return joined, nil
	}
	var a numbers[uint64]
	err := s.read(ctx, edgesToTraces, params{"groups": formatIDs(groups)}, fastRead, []resultColumn{{"a", &a}}, func(rows int) error {
		for i := range rows {
			joined[span.GroupID(a.at(i))] = true
		}
		return nil
	})
	return joined, err
}
