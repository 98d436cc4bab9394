package trace

import (
	"cmp"
	"slices"

	"github.com/throughline-io/throughline/pkg/span"
)

// tree lays the linked spans out in pre-order.
func (a *assembly) tree(o Options) *Tree {
	n := len(a.s)
	t := &Tree{
		Spans: make([]*span.Span, 0, n), Parent: make([]int32, 0, n), Depth: make([]int32, 0, n),
		Rule: make([]Rule, 0, n), Reason: make([]string, n), Confidence: make([]Confidence, 0, n),
		Missing: make([]uint8, 0, n), Gap: make([]uint8, 0, n), Orphan: make([]string, n), last: make([]int32, n),
		Cycles: a.cycles, Duplicates: a.duplicates, entities: o.Entities,
	}
	kids, roots := a.children()
	sortRoots(a.s, roots)
	text := a.text.texts()
	a.findLookouts(o.Watched)
	at := make([]int32, n) // place in the tree
	type visit struct{ span, parent, depth int32 }
	var stack []visit
	for k := len(roots) - 1; k >= 0; k-- {
		stack = append(stack, visit{roots[k], none, 0})
	}
	for len(stack) > 0 {
		v := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		i, to := v.span, int32(len(t.Spans))
		at[i] = to
		t.Spans = append(t.Spans, a.s[i])
		t.Parent = append(t.Parent, v.parent)
		t.Depth = append(t.Depth, v.depth)
		t.Rule = append(t.Rule, a.rule[i])
		t.Confidence = append(t.Confidence, a.conf[i])
		if v.parent == none {
			t.Roots = append(t.Roots, to)
			t.Missing, t.Gap = append(t.Missing, 0), append(t.Gap, 0)
			if to > 0 {
				t.Orphan[to] = text(a.why[i])
			}
		} else {
			t.Reason[to] = text(a.why[i])
			missing, gap := a.missing(i)
			t.Missing, t.Gap = append(t.Missing, missing), append(t.Gap, gap)
		}
		list := kids(i)
		for k := len(list) - 1; k >= 0; k-- {
			stack = append(stack, visit{list[k], to, v.depth + 1})
		}
	}
	for i := int32(n) - 1; i >= 0; i-- {
		t.last[i] = max(t.last[i], i+1)
		if p := t.Parent[i]; p != none {
			t.last[p] = max(t.last[p], t.last[i])
		}
	}
	t.Weak = a.weakLinks(at)
	slices.SortFunc(t.Weak, func(x, y WeakLink) int {
		return cmp.Or(cmp.Compare(x.Span, y.Span), cmp.Compare(x.Parent, y.Parent))
	})
	t.findWithin()
	a.nameServices(t, at)
	a.alignClocks(t)
	return t
}

// children gives every span's children by start, and the roots. Canonical order is by
// start, so filling in that order sorts.
func (a *assembly) children() (of func(i int32) []int32, roots []int32) {
	n := len(a.s)
	end := make([]int32, n+1)
	for i := range a.s {
		if p := a.parent[i]; p != none {
			end[p+1]++
		} else {
			roots = append(roots, int32(i))
		}
	}
	for i := range n {
		end[i+1] += end[i]
	}
	flat := make([]int32, n-len(roots))
	fill := slices.Clone(end)
	for i := range a.s {
		if p := a.parent[i]; p != none {
			flat[fill[p]] = int32(i)
			fill[p]++
		}
	}
	return func(i int32) []int32 { return flat[end[i]:end[i+1]] }, roots
}

// sortRoots puts the longest first: its duration is the trace's, whatever the clocks say.
func sortRoots(s []*span.Span, roots []int32) {
	if len(roots) == 0 {
		return
	}
	main := 0
	for k, r := range roots {
		if lasting(s[r]) > lasting(s[roots[main]]) {
			main = k
		}
	}
	first := roots[main]
	copy(roots[1:main+1], roots[:main])
	roots[0] = first
}
