package trace

import (
	"cmp"
	"slices"

	"github.com/throughline-io/throughline/pkg/span"
)

// Times of broken spans are held where sums of them do not overflow: starts within 146
// years of 1970, durations under 73 years.
const (
	farthest = 1 << 62
	longest  = 1 << 61
)

// lasting is the span's duration.
func lasting(s *span.Span) int64 { return int64(min(s.Duration, longest)) }

// timeline is every span's interval on one clock: raw, or aligned where raw times
// contradict the sessions.
type timeline struct {
	t          *Tree
	start, end []int64
}

func newTimeline(t *Tree) *timeline {
	l := &timeline{t: t, start: make([]int64, len(t.Spans)), end: make([]int64, len(t.Spans))}
	for i, s := range t.Spans {
		l.start[i] = min(max(s.Start, -farthest), farthest)
		if t.shift != nil {
			l.start[i] -= t.shift[s.Node]
		}
		l.end[i] = l.start[i] + lasting(s)
	}
	return l
}

// Self is each span's duration minus the union of the intervals of those that ran within
// it, clipped to its own.
func Self(t *Tree) []int64 {
	l := newTimeline(t)
	self := make([]int64, len(t.Spans))
	var kids []int32
	for i := range t.Spans {
		kids = append(kids[:0], t.innerOf(int32(i))...)
		slices.SortStableFunc(kids, func(x, y int32) int { return cmp.Compare(l.start[x], l.start[y]) })
		at, end := l.start[i], l.end[i]
		for _, k := range kids {
			if l.start[k] > at {
				self[i] += min(l.start[k], end) - at
			}
			if at = max(at, l.end[k]); at >= end {
				break
			}
		}
		self[i] += max(0, end-at)
	}
	return self
}

// hold is a slice of time that one span holds: none that ran within it on the last-finishing
// path covers it.
type hold struct {
	span          int32
	from, to      int64
	before, after int32 // the inner spans that end and begin it, none at the span's own ends
}

// spine cuts the root's interval into holds, by time. Walking back from the end, the child
// that finished last is what the parent waited for; it holds that time, or a child of it.
func (l *timeline) spine(root int32) []hold {
	type frame struct {
		span, after int32
		from, at    int64 // what is left of the frame's time
		kids, next  int   // kids[kids:] of the shared list
	}
	holds := make([]hold, 0, 2*(l.t.last[root]-root))
	var kids []int32
	var stack []frame
	push := func(i int32, from, to int64) {
		first := len(kids)
		kids = append(kids, l.t.innerOf(i)...)
		slices.SortStableFunc(kids[first:], func(x, y int32) int { return cmp.Compare(l.end[y], l.end[x]) })
		stack = append(stack, frame{i, none, from, to, first, first})
	}
	push(root, l.start[root], l.end[root])
	for len(stack) > 0 {
		f := &stack[len(stack)-1]
		child := none
		for f.next < len(kids) && f.at > f.from {
			k := kids[f.next]
			f.next++
			if e := min(l.end[k], f.at); e > f.from && l.start[k] < e {
				child = k
				break
			}
		}
		if child == none {
			if f.at > f.from {
				holds = append(holds, hold{f.span, f.from, f.at, none, f.after})
			}
			kids = kids[:f.kids]
			stack = stack[:len(stack)-1]
			continue
		}
		from, to := max(f.from, l.start[child]), min(l.end[child], f.at)
		if to < f.at {
			holds = append(holds, hold{f.span, to, f.at, child, f.after})
		}
		f.at, f.after = from, child
		push(child, from, to)
	}
	slices.Reverse(holds)
	return holds
}
