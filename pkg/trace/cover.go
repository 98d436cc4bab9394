package trace

import (
	"cmp"
	"slices"
)

// cover finds the intervals that hold an instant, in time proportional to their number
// (times a logarithm): a segment tree of ends over the intervals sorted by start.
type cover struct {
	ids  []int32
	lo   []int64
	last []int64 // last[1] is the root: the latest end below; leaves from len(last)/2
}

func newCover(ids []int32, interval func(id int32) (from, to int64)) *cover {
	ids = slices.Clone(ids)
	slices.SortStableFunc(ids, func(x, y int32) int {
		p, _ := interval(x)
		q, _ := interval(y)
		return cmp.Compare(p, q)
	})
	size := 1
	for size < len(ids) {
		size *= 2
	}
	c := &cover{ids: ids, lo: make([]int64, len(ids)), last: make([]int64, 2*size)}
	for i := range c.last {
		c.last[i] = -1 << 63
	}
	for k, id := range ids {
		c.lo[k], c.last[size+k] = interval(id)
	}
	for k := size - 1; k > 0; k-- {
		c.last[k] = max(c.last[2*k], c.last[2*k+1])
	}
	return c
}

// each yields the ids of the intervals that hold t, by start, until yield says no. A nil
// cover holds nothing.
func (c *cover) each(t int64, yield func(id int32) bool) { c.within(t, t, yield) }

// within yields those that hold any moment of [from, to].
func (c *cover) within(from, to int64, yield func(id int32) bool) {
	if c == nil || len(c.ids) == 0 {
		return
	}
	n, _ := slices.BinarySearchFunc(c.lo, to, func(x, t int64) int {
		if x <= t {
			return -1
		}
		return 1
	})
	c.visit(1, 0, len(c.last)/2, n, from, yield)
}

// visit goes through the leaves [from, from+width) below node, of which the first n start early
// enough, for those that end at t or later.
func (c *cover) visit(node, from, width, n int, t int64, yield func(id int32) bool) bool {
	if from >= n || c.last[node] < t {
		return true
	}
	if width == 1 {
		return yield(c.ids[from])
	}
	half := width / 2
	return c.visit(2*node, from, half, n, t, yield) && c.visit(2*node+1, from+half, half, n, t, yield)
}
