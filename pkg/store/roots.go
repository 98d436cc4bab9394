package store

import (
	"context"
	"fmt"

	"github.com/ClickHouse/ch-go/proto"

	"github.com/throughline-io/throughline/pkg/span"
)

// searchRoots finds the starts of traces. The statement finds candidates; a system call
// span among them is no root where its group is joined to a trace, which the edges of the
// candidates' groups tell, by key.
func (s *Store) searchRoots(ctx context.Context, q SearchQuery) ([]SearchRow, error) {
	var roots []SearchRow
	known := map[uint64]bool{}
	shown := map[span.GroupID]int{} // group of a session: its place in roots
	var after cursor
	limit := min(6*q.Limit, maxLimit) // a trace gives a handful of candidates
	for range pagesOfRoots {
		page, err := s.page(ctx, q, limit, after)
		if err != nil {
			return nil, err
		}
		joined, err := s.joinedToTrace(ctx, page)
		if err != nil {
			return nil, fmt.Errorf("search: %w", err)
		}
		fresh := 0
		for _, r := range page {
			if known[r.ID] {
				continue
			}
			known[r.ID] = true
			fresh++
			if r.Source == span.APP {
				if len(roots) < q.Limit {
					roots = append(roots, r)
				}
				continue
			}
			if joined[r.group] {
				continue
			}
			if i, ok := shown[r.group]; ok { // the other end of a session that is shown
				if r.Point < roots[i].Point {
					roots[i] = r
				}
				continue
			}
			if len(roots) < q.Limit {
				shown[r.group] = len(roots)
				roots = append(roots, r)
			}
		}
		if len(page) < limit || fresh == 0 || len(roots) >= q.Limit {
			break
		}
		last := page[len(page)-1]
		after = cursor{last.bucket, last.Start}
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
	var a proto.ColUInt64
	err := s.read(ctx, edgesToTraces, params{"groups": formatIDs(groups)}, fastRead, proto.Results{{Name: "a", Data: &a}}, func(rows int) error {
		for i := range rows {
			joined[span.GroupID(a[i])] = true
		}
		return nil
	})
	return joined, err
}
