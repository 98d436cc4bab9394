package compare

import (
	"fmt"
	"slices"
)

// comparison collects differences. A span that is missing costs one line, not one for
// each span after it.
type comparison struct {
	diffs []string
}

func (c *comparison) add(format string, args ...any) {
	c.diffs = append(c.diffs, fmt.Sprintf(format, args...))
}

// nodes compares two spans that are at one place of their trees, and all below them.
func (c *comparison) nodes(want, got *node) {
	if want.own() != got.own() {
		if k := alike(want.kids, got); k != nil && want.size() > got.size() {
			c.add("%s is missing", want.name)
			c.nodes(k, got)
			return
		}
		if k := alike(got.kids, want); k != nil && want.size() < got.size() {
			c.add("%s is too many, above %s", got.name, want.name)
			c.nodes(want, k)
			return
		}
	}
	for _, field := range want.fields() {
		if w, g := want.text(field), got.text(field); w != g {
			c.add("%s: %s is %s, want %s (%s)", want.name, field, orText(g, "null"), orText(w, "null"), got.name)
		}
	}
	c.children(want, got)
}

// children compares siblings that do not go together one by one: it finds the longest
// series of pairs that look alike to the bottom; between those, siblings that look alike
// themselves go together, and what differs below them is said there. The rest is reported.
func (c *comparison) children(want, got *node) {
	pairs := align(want.kids, got.kids)
	usedGot := map[int]bool{}
	for _, p := range pairs {
		usedGot[p[1]] = true
	}
	var filled [][2]int
	var left []int
	at := [2]int{0, 0}
	for _, p := range append(slices.Clone(pairs), [2]int{len(want.kids), len(got.kids)}) {
		j := at[1]
		for i := at[0]; i < p[0]; i++ {
			k := j
			for k < p[1] && want.kids[i].own() != got.kids[k].own() {
				k++
			}
			if k == p[1] {
				left = append(left, i)
				continue
			}
			usedGot[k] = true
			filled = append(filled, [2]int{i, k})
			j = k + 1
		}
		if p[0] < len(want.kids) && p[1] < len(got.kids) {
			filled = append(filled, p)
		}
		at = [2]int{p[0] + 1, p[1] + 1}
	}
	if len(left) == 1 && len(want.kids) == len(got.kids) && len(usedGot) == len(got.kids)-1 && !c.moved(want, got, left[0], usedGot) {
		for j := range got.kids { // one differs: it is that one, changed
			if !usedGot[j] {
				usedGot[j] = true
				filled = append(filled, [2]int{left[0], j})
			}
		}
		left = nil
	}
	for _, i := range left {
		if !c.moved(want, got, i, usedGot) {
			c.add("%s is not under its parent, %s", want.kids[i].name, want.name)
		}
	}
	for j, k := range got.kids {
		if !usedGot[j] {
			c.add("%s has a child too many: %s, with %d spans below it", want.name, k.name, k.size()-1)
		}
	}
	for _, p := range filled {
		c.nodes(want.kids[p[0]], got.kids[p[1]])
	}
}

// alike is the one of the spans that looks like n.
func alike(list []*node, n *node) *node {
	for _, k := range list {
		if k.own() == n.own() {
			return k
		}
	}
	return nil
}

// moved looks for a span among siblings in another place, and reports it.
func (c *comparison) moved(want, got *node, i int, usedGot map[int]bool) bool {
	for j, k := range got.kids {
		if !usedGot[j] && !apart(want.kids[i], k) {
			usedGot[j] = true
			c.add("%s stands at place %d among its siblings, want %d (%s)", want.kids[i].name, j+1, i+1, k.name)
			return true
		}
	}
	return false
}

// own is what makes two spans alike at first sight.
func (n *node) own() string {
	s := n.text("source") + " " + n.text("observation_point") + " " + n.text("kind") + " " + n.text("service")
	if n.text("source") != "APP" { // the reference does not say what an APP span asks for
		s += " " + n.text("request")
	}
	return s
}

// shape is own of a span and of the first spans below it: siblings can be equal in every
// field of their own.
func (n *node) shape() string {
	const deep = 40
	s := ""
	for v, depth := n, 0; depth < deep; depth++ {
		s += fmt.Sprintf("/%s %d", v.own(), len(v.kids))
		if len(v.kids) == 0 {
			break
		}
		v = v.kids[0]
	}
	return s
}

func apart(x, y *node) bool { return x.shape() != y.shape() }

// align is the longest common series of two lists of siblings by shape.
func align(want, got []*node) [][2]int {
	ws, gs := make([]string, len(want)), make([]string, len(got))
	for i, n := range want {
		ws[i] = n.shape()
	}
	for j, n := range got {
		gs[j] = n.shape()
	}
	length := make([][]int, len(ws)+1)
	for i := range length {
		length[i] = make([]int, len(gs)+1)
	}
	for i := len(ws) - 1; i >= 0; i-- {
		for j := len(gs) - 1; j >= 0; j-- {
			if ws[i] == gs[j] {
				length[i][j] = length[i+1][j+1] + 1
			} else {
				length[i][j] = max(length[i+1][j], length[i][j+1])
			}
		}
	}
	var pairs [][2]int
	for i, j := 0, 0; i < len(ws) && j < len(gs); {
		switch {
		case ws[i] == gs[j]:
			pairs = append(pairs, [2]int{i, j})
			i, j = i+1, j+1
		case length[i+1][j] >= length[i][j+1]:
			i++
		default:
			j++
		}
	}
	return pairs
}

// fields are the fields to compare, in order.
func (r record) fields() []string {
	var list []string
	for field := range r {
		if !ignored[field] {
			list = append(list, field)
		}
	}
	slices.Sort(list)
	return list
}
