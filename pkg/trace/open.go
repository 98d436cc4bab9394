package trace

import "github.com/throughline-io/throughline/pkg/span"

// A process that has thousands of spans of one trace open at once tells nothing about which
// of them made a call, so no more than manyOpen are looked at; after many such calls, in a
// trace that would take minutes, no more than someOpen.
const (
	manyOpen = 4096
	someOpen = 64
)

// found is what deepest found.
type found uint8

const (
	nothingOpen found = iota
	oneOpen           // one deepest span
	commonOpen        // the deepest span above several
	crowd             // more spans than can be looked at
)

// deepest is the deepest APP span of the passage of sp that covers the instant. Where
// several unrelated ones do (parallel work), it is the deepest that holds them all.
func (a *assembly) deepest(sp int32, trace span.TraceID, at int64) (int32, found) {
	if trace.IsZero() || a.host[sp] == none {
		return none, nothingOpen
	}
	x := &a.passages
	k := hostTrace{a.host[sp], trace}
	most := manyOpen
	if x.budget < 0 {
		most = someOpen
	}
	var open []int32
	n := 0
	a.coverOf(x.spans, x.spansOf, k).each(at, func(i int32) bool {
		if a.belongs(i, sp, k) {
			open = append(open, i)
		}
		n++
		return n <= most
	})
	x.budget -= n
	if n > most {
		return none, crowd
	}
	if len(open) == 0 {
		return none, nothingOpen
	}
	leaves := a.leaves(open)
	if len(leaves) > 1 {
		leaves = a.innermost(leaves)
	}
	if len(leaves) == 1 {
		return leaves[0], oneOpen
	}
	if app := a.commonAncestor(leaves); app != none {
		return app, commonOpen
	}
	return none, nothingOpen
}

// topOf is the topmost APP span above i in the same process.
func (a *assembly) topOf(i int32) int32 {
	top := a.passages.top
	if top[i] != none {
		return top[i]
	}
	t := i
	for top[t] == none {
		p := a.parent[t]
		if p == none || a.s[p].Source != span.APP || a.host[p] != a.host[i] {
			top[t] = t
			break
		}
		t = p
	}
	end := top[t]
	for v := i; top[v] == none; v = a.parent[v] {
		top[v] = end
	}
	return end
}

// belongs reports whether APP span i is of the passage of sp: linked below it, or cut off
// from its parent while its process served no other request of the trace.
func (a *assembly) belongs(i, sp int32, k hostTrace) bool {
	top := a.topOf(i)
	p := a.parent[top]
	if p == sp {
		return true
	}
	if p != none && a.s[p].Source != span.APP {
		return false // of another request
	}
	t := a.s[top]
	if t.Start < a.s[sp].Start || t.Start > a.s[sp].End() {
		return false
	}
	n := 0
	a.coverOf(a.passages.sessions, a.passages.sessionOf, k).each(t.Start, func(int32) bool {
		n++
		return n < 2
	})
	return n < 2
}

// leaves are those of the spans that are not above another one.
func (a *assembly) leaves(open []int32) []int32 {
	x := &a.passages
	x.query++
	for _, i := range open {
		for v := a.parent[i]; v != none && a.s[v].Source == span.APP && x.mark[v] != x.query; v = a.parent[v] {
			x.mark[v] = x.query
		}
	}
	var leaves []int32
	for _, i := range open {
		if x.mark[i] != x.query {
			leaves = append(leaves, i)
		}
	}
	return leaves
}

// innermost leaves out spans that hold the whole of another branch whose link to its
// parent is missing: that branch lies below them.
func (a *assembly) innermost(leaves []int32) []int32 {
	const many = 64
	if len(leaves) > many {
		return leaves
	}
	var kept []int32
	for _, l := range leaves {
		holds := false
		for _, m := range leaves {
			top := a.topOf(m)
			if top == a.topOf(l) || a.parent[top] != none {
				continue
			}
			outer, inner := a.s[l], a.s[top]
			if outer.Start <= inner.Start && inner.End() <= outer.End() {
				holds = true
				break
			}
		}
		if !holds {
			kept = append(kept, l)
		}
	}
	return kept
}

// commonAncestor is the lowest APP span above all of the spans, none if there is none.
func (a *assembly) commonAncestor(list []int32) int32 {
	if len(list) == 0 {
		return none
	}
	x := &a.passages
	var path []int32
	at := make(map[int32]int)
	for v := list[0]; v != none && a.s[v].Source == span.APP; v = a.parent[v] {
		at[v] = len(path)
		path = append(path, v)
	}
	x.query++
	best := 0
	for _, i := range list[1:] {
		for v := i; ; v = a.parent[v] {
			if v == none || a.s[v].Source != span.APP {
				return none
			}
			if k, ok := at[v]; ok {
				best = max(best, k)
				break
			}
			if x.mark[v] == x.query {
				break // another one came this way
			}
			x.mark[v] = x.query
		}
	}
	return path[best]
}
