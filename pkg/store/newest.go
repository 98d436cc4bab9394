package store

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"sync"

	"github.com/throughline-io/throughline/pkg/span"
)

// The newest spans are what most lists show first, and the table's order does not lead to them: a minute
// lies by its groups, so its newest spans are found by looking at all of it, which at 25,000 spans a
// second takes the store 30 ms. Where one process stores all that there is, the newest of it are kept in
// its memory, too.

const (
	// rowsKept and startsKept are how many are kept at least, where so many are stored: whole rows,
	// and starts with their groups.
	rowsKept, startsKept = 128, 4096
)

// newest are the newest spans that are stored. It is safe for concurrent use.
type newest struct {
	mu     sync.Mutex
	rows   latest[SearchRow]
	starts latest[startOf]
}

// startOf is what a search for traces looks at first.
type startOf struct {
	group  span.GroupID
	source span.Source
}

// latest are things by when they started.
type latest[T any] struct {
	// since is the start from which on all are here that start later; math.MaxInt64: nothing is known.
	since int64
	items []startedAt[T]
}

type startedAt[T any] struct {
	start int64
	item  T
}

// keep forgets all but the latest, at least so many.
func (l *latest[T]) keep(most int, t *threshold) {
	if len(l.items) <= 2*most {
		return
	}
	t.starts = t.starts[:0]
	for _, i := range l.items {
		t.starts = append(t.starts, i.start)
	}
	l.forget(t.after(t.starts, most))
}

// threshold finds where the latest of many begin.
type threshold struct{ starts, sample []int64 }

// sampled is of how many one is looked at first: to sort all took five times as long as all else.
const sampled = 8

// after is a start after which at least so many of some start, and mostly few more; of few the first of
// all time.
func (t *threshold) after(starts []int64, most int) int64 {
	if len(starts) <= most {
		return math.MinInt64
	}
	t.sample = t.sample[:0]
	for i := 0; i < len(starts); i += sampled {
		t.sample = append(t.sample, starts[i])
	}
	slices.Sort(t.sample)
	for back := most/sampled + most/sampled/4 + 4; back < len(t.sample); back *= 2 {
		guess, n := t.sample[len(t.sample)-1-back], 0
		for _, s := range starts {
			if s > guess {
				n++
			}
		}
		if n >= most {
			return guess
		}
	}
	return math.MinInt64
}

// forget forgets what started up to a time.
func (l *latest[T]) forget(until int64) {
	l.since = max(l.since, until)
	l.items = slices.DeleteFunc(l.items, func(i startedAt[T]) bool { return i.start <= l.since })
}

// forgetLast forgets the earliest: there may be more that started when it did, or before.
func (l *latest[T]) forgetLast() {
	if l.sort(); len(l.items) > 0 {
		l.forget(l.items[len(l.items)-1].start)
	}
}

func (l *latest[T]) sort() {
	slices.SortFunc(l.items, func(a, b startedAt[T]) int { return cmp.Compare(b.start, a.start) })
}

// page are up to limit of those that are accepted, the latest first, from one start to another; ok says
// that there are no others.
func (l *latest[T]) page(from, to int64, limit int, accept func(T) bool) (page []startedAt[T], ok bool) {
	for _, i := range l.items {
		if i.start >= from && i.start <= to && len(page) < limit && accept(i.item) {
			page = append(page, i)
		}
	}
	return page, len(page) == limit || from > l.since
}

// newestStored are the newest spans of the last minutes that have any.
const newestStored = " FROM spans WHERE bucket >= (SELECT max(bucket) FROM spans) - 60 ORDER BY start DESC LIMIT {limit:UInt64}"

// KeepNewest keeps the newest spans in memory, for this store and for another one that reads the same.
// All spans must be stored by this one from now on.
func (s *Store) KeepNewest(ctx context.Context, reader *Store) error {
	n := &newest{}
	n.rows.since, n.starts.since = math.MinInt64, math.MinInt64
	rows, err := s.found(ctx, "SELECT "+foundColumns+newestStored, params{"limit": formatUint(rowsKept)}, searching)
	if err != nil {
		return fmt.Errorf("read the newest spans: %w", err)
	}
	for _, r := range rows {
		n.rows.items = append(n.rows.items, startedAt[SearchRow]{r.Start, r})
	}
	var group numbers[uint64]
	var source numbers[span.Source]
	var start numbers[int64]
	columns := []resultColumn{{"grp", &group}, {"source", &source}, {"start", &start}}
	err = s.read(ctx, "SELECT grp, source, start"+newestStored, params{"limit": formatUint(startsKept)}, searching, columns, func(rows int) error {
		for i := range rows {
			n.starts.items = append(n.starts.items, startedAt[startOf]{start.at(i), startOf{span.GroupID(group.at(i)), source.at(i)}})
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("read when the newest spans started: %w", err)
	}
	n.rows.forgetLast()
	n.starts.forgetLast()
	s.newest, reader.newest = n, n
	return nil
}

// lose notes that spans which started up to a time may be stored, or not.
func (n *newest) lose(until int64) {
	if n == nil {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.rows.forget(until)
	n.starts.forget(until)
}

// inserted are the newest spans of an insert.
type inserted struct {
	newest *newest // nil: nobody keeps them
	last   int64   // the latest start of all
	rows   latest[SearchRow]
	starts latest[startOf]
	threshold
}

// begin begins an insert. What started before all that is kept need not be looked at.
func (i *inserted) begin(n *newest) {
	*i = inserted{newest: n, threshold: i.threshold, last: math.MinInt64, rows: latest[SearchRow]{items: i.rows.items[:0]}, starts: latest[startOf]{items: i.starts.items[:0]}}
	if n == nil {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	i.rows.since, i.starts.since = n.rows.since, n.starts.since
}

// add takes the newest of a batch.
func (i *inserted) add(batch *span.Batch, groups []uint64, buckets []uint32) {
	if i.newest == nil {
		return
	}
	i.last = max(i.last, slices.Max(batch.Start))
	i.rows.since = max(i.rows.since, i.after(batch.Start, rowsKept))
	i.starts.since = max(i.starts.since, i.after(batch.Start, startsKept))
	for at, start := range batch.Start {
		if start > i.starts.since {
			i.starts.items = append(i.starts.items, startedAt[startOf]{start, startOf{span.GroupID(groups[at]), batch.Source[at]}})
		}
	}
	if i.last > i.rows.since {
		for at, row := range searchRows(batch, i.rows.since) {
			row.group, row.bucket = span.GroupID(groups[at]), buckets[at]
			i.rows.items = append(i.rows.items, startedAt[SearchRow]{row.Start, row})
		}
	}
	i.rows.keep(rowsKept, &i.threshold)
	i.starts.keep(startsKept, &i.threshold)
}

// done ends the insert: it is stored, or nobody knows.
func (i *inserted) done(stored bool) {
	n := i.newest
	switch {
	case n == nil || i.last == math.MinInt64:
		return
	case !stored:
		n.lose(i.last)
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.rows.items = append(n.rows.items, i.rows.items...)
	n.rows.forget(i.rows.since)
	n.rows.keep(rowsKept, &i.threshold)
	n.rows.sort()
	n.starts.items = append(n.starts.items, i.starts.items...)
	n.starts.forget(i.starts.since)
	n.starts.keep(startsKept, &i.threshold)
	n.starts.sort()
}
