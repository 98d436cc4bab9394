package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/throughline-io/throughline/pkg/span"
)

// candidates are groups with matching spans, newest first.
type candidates struct {
	groups []span.GroupID
	newest []int64 // start of each group's newest span that matches
	oldest int64   // start of the oldest span that was looked at
	spans  int
	full   bool // there may be older ones
	starts map[span.GroupID]int64
}

// add adds a matching span.
func (c *candidates) add(g span.GroupID, start int64) {
	if c.starts == nil {
		c.starts = map[span.GroupID]int64{}
	}
	if before, met := c.starts[g]; !met {
		c.groups = append(c.groups, g)
		c.starts[g] = start
	} else {
		c.starts[g] = max(before, start)
	}
	if c.oldest == 0 || start < c.oldest {
		c.oldest = start
	}
	c.spans++
}

// sort orders the groups of the spans that were added.
func (c *candidates) sort() {
	slices.SortFunc(c.groups, func(a, b span.GroupID) int { return cmp.Or(cmp.Compare(c.starts[b], c.starts[a]), cmp.Compare(a, b)) })
	for _, g := range c.groups {
		c.newest = append(c.newest, c.starts[g])
	}
}

// candidateRows is up to how many matching spans are grouped here: planning to group them is a
// quarter of what a look at few costs the store.
const candidateRows = 20_000

// candidateStatement reads the newest matching spans of a slice before a start, many of them by
// group. Its order makes the store stop early: rows lie by minute.
func (q *search) candidateStatement(part slice, limit int, before int64) (string, params, error) {
	c, err := q.conditions(part)
	if err != nil {
		return "", nil, err
	}
	if !q.filtered() {
		// What is seen in packets alone begins no trace. (The group says whether there is a trace id.)
		c.add(fmt.Sprintf("(source != %d OR bitTest(grp, 63))", span.NET))
	}
	if before > 0 {
		c.upTo(bucket(before), before)
	}
	sql := "SELECT grp, start FROM spans" + c.where() + " ORDER BY " + part.newestFirst() + " LIMIT " + c.bind(fmt.Sprint(limit), "UInt64")
	if limit > candidateRows {
		sql = "SELECT grp, max(start) AS newest, min(start) AS oldest, count() AS n FROM (" + sql + ") GROUP BY grp ORDER BY newest DESC, grp"
	}
	return sql, c.params, nil
}

// candidates reads a page of them behind the last one of the same slice.
func (l *traceList) candidates(ctx context.Context, part slice, limit int, last candidates) (candidates, error) {
	if last.oldest == 0 {
		if page, ok := l.store.newest.candidates(l.search, part, limit); ok {
			return page, nil
		}
	}
	var page candidates
	sql, p, err := l.search.candidateStatement(part, limit, last.oldest)
	if err != nil {
		return page, err
	}
	read := l.candidateGroups
	if limit <= candidateRows {
		read = l.candidateSpans
	}
	if page, err = read(ctx, sql, p); err != nil {
		return page, err
	}
	page.full = page.spans >= limit && page.oldest != last.oldest
	return page, nil
}

func (l *traceList) candidateGroups(ctx context.Context, sql string, p params) (page candidates, err error) {
	var group, n numbers[uint64]
	var newest, oldest numbers[int64]
	err = l.store.read(ctx, sql, p, searching, []resultColumn{{"grp", &group}, {"newest", &newest}, {"oldest", &oldest}, {"n", &n}}, func(rows int) error {
		for i := range rows {
			page.groups, page.newest = append(page.groups, span.GroupID(group.at(i))), append(page.newest, newest.at(i))
			page.spans += int(n.at(i))
			if o := oldest.at(i); page.oldest == 0 || o < page.oldest {
				page.oldest = o
			}
		}
		return nil
	})
	return page, err
}

func (l *traceList) candidateSpans(ctx context.Context, sql string, p params) (page candidates, err error) {
	var group numbers[uint64]
	var start numbers[int64]
	err = l.store.read(ctx, sql, p, searching, []resultColumn{{"grp", &group}, {"start", &start}}, func(rows int) error {
		for i := range rows {
			page.add(span.GroupID(group.at(i)), start.at(i))
		}
		return nil
	})
	page.sort()
	return page, err
}
