package trace

import (
	"cmp"
	"math"
	"slices"

	"github.com/throughline-io/throughline/pkg/span"
)

// Clocks of nodes. A session seen on two nodes bounds how far their clocks are apart: its
// request cannot arrive before it was sent, nor its answer. Each such bound is an edge of a
// graph over the nodes, and the shortest paths from the main root's node give the tightest
// bounds for every other node, also where nodes call each other in a circle and where one
// session lost packets: another path is then the tighter one. The middle is the estimate,
// as in NTP.

// bound says that the clock of node to is at most most nanoseconds ahead of node from's.
type bound struct {
	from, to int32
	most     int64
}

const unbounded = math.MaxInt64

// alignClocks estimates Offsets, and decides whether raw times are good enough for Where:
// they are if they contradict no session.
func (a *assembly) alignClocks(t *Tree) {
	t.Offsets = map[string]int64{}
	if len(t.Spans) == 0 || t.Spans[0].Node == "" {
		return
	}
	g := clockGraph{index: map[string]int32{}}
	g.node(t.Spans[0].Node)
	tightest := make(map[[2]int32]int64)
	for i := range t.Spans {
		addBounds(&g, tightest, t, int32(i), false)
	}
	low, high := g.solve(tightest)
	if g.isolated(low, high) {
		for i := range t.Spans {
			addBounds(&g, tightest, t, int32(i), true)
		}
		low, high = g.solve(tightest)
	}
	for v, name := range g.names {
		if low[v] == -unbounded || high[v] == unbounded {
			continue
		}
		t.Offsets[name] = low[v] + (high[v]-low[v])/2
		if low[v] > 0 || high[v] < 0 {
			t.Skewed = append(t.Skewed, name)
		}
	}
	if len(t.Skewed) > 0 {
		t.shift = t.Offsets
	}
}

// addBounds adds what the link above span i says about two clocks. Hops of one session
// say it exactly; links with APP spans (loose) only nearly, as a handler may go on after
// its answer.
func addBounds(g *clockGraph, tightest map[[2]int32]int64, t *Tree, i int32, loose bool) {
	p := t.Parent[i]
	if p == none {
		return
	}
	s, q := t.Spans[i], t.Spans[p]
	if s.Node == q.Node || s.Node == "" || q.Node == "" || loose == (t.Rule[i] == RuleHopChain) {
		return
	}
	if loose && (t.Confidence[i] != Proven || s.Source == span.APP && s.Kind != span.KindServer || q.Source == span.APP && q.Kind != span.KindClient) {
		return
	}
	from, to := g.node(q.Node), g.node(s.Node)
	add := func(from, to int32, most int64) {
		k := [2]int32{from, to}
		if old, ok := tightest[k]; !ok || most < old {
			tightest[k] = most
		}
	}
	add(from, to, difference(s.Start, q.Start))
	switch {
	case !loose && s.ResponseStart != 0 && q.ResponseStart != 0:
		add(to, from, difference(answered(q), answered(s)))
	case loose && s.Duration != 0 && q.Duration != 0:
		add(to, from, difference(q.End(), s.End()))
	}
}

// difference is x-y, held far from overflow: two clocks cannot be a century apart.
func difference(x, y int64) int64 {
	const century = 100 * 366 * 24 * 3600 * int64(1e9)
	d := x - y
	if (x > y) != (d > 0) {
		d = -d
	}
	return min(max(d, -century/32), century/32)
}

// clockGraph numbers the nodes; 0 is the main root's.
type clockGraph struct {
	index map[string]int32
	names []string
}

func (g *clockGraph) node(name string) int32 {
	i, ok := g.index[name]
	if !ok {
		i = int32(len(g.names))
		g.index[name] = i
		g.names = append(g.names, name)
	}
	return i
}

func (g *clockGraph) isolated(low, high []int64) bool {
	for v := range g.names {
		if low[v] == -unbounded || high[v] == unbounded {
			return true
		}
	}
	return len(g.names) < 2
}

// solve gives each node's lowest and highest possible offset from node 0.
func (g *clockGraph) solve(tightest map[[2]int32]int64) (low, high []int64) {
	edges := make([]bound, 0, len(tightest))
	for k, most := range tightest {
		edges = append(edges, bound{k[0], k[1], most})
	}
	slices.SortFunc(edges, func(x, y bound) int {
		return cmp.Or(cmp.Compare(x.from, y.from), cmp.Compare(x.to, y.to))
	})
	high, ok := g.shortest(edges)
	if ok {
		back := make([]bound, len(edges))
		for k, e := range edges {
			back[k] = bound{e.to, e.from, e.most}
		}
		low, ok = g.shortest(back)
		for v := range low {
			if low[v] != unbounded {
				low[v] = -low[v]
			} else {
				low[v] = -unbounded
			}
		}
	}
	if !ok {
		return g.spanning(edges)
	}
	return low, high
}

// shortest is the distances from node 0. It is false where bounds contradict each other
// all the way round a circle, which only clocks that were set meanwhile do.
func (g *clockGraph) shortest(edges []bound) ([]int64, bool) {
	n := len(g.names)
	from := make([]int, n+1)
	for _, e := range edges {
		from[e.from+1]++
	}
	for v := range n {
		from[v+1] += from[v]
	}
	sorted := slices.Clone(edges)
	slices.SortStableFunc(sorted, func(x, y bound) int { return cmp.Compare(x.from, y.from) })
	far := make([]int64, n)
	hops := make([]int, n)
	for v := range far {
		far[v] = unbounded
	}
	far[0] = 0
	queue, queued := []int32{0}, make([]bool, n)
	budget := 64 * (len(edges) + n)
	for len(queue) > 0 {
		v := queue[0]
		queue, queued[v] = queue[1:], false
		for _, e := range sorted[from[v]:from[v+1]] {
			d := far[v] + e.most
			if d >= far[e.to] {
				continue
			}
			far[e.to], hops[e.to] = d, hops[v]+1
			if budget--; budget < 0 || hops[e.to] > n || d < -unbounded/2 {
				return nil, false
			}
			if !queued[e.to] {
				queue, queued[e.to] = append(queue, e.to), true
			}
		}
	}
	return far, true
}

// spanning is the way out where bounds contradict each other: each pair's own middle, along
// the tree of the pairs with the shortest way there and back.
func (g *clockGraph) spanning(edges []bound) (low, high []int64) {
	type pair struct {
		x, y        int32
		ahead, wide int64 // y's clock ahead of x's; time there and back
	}
	most := make(map[[2]int32]int64, len(edges))
	for _, e := range edges {
		most[[2]int32{e.from, e.to}] = e.most
	}
	var pairs []pair
	for _, e := range edges {
		if back, ok := most[[2]int32{e.to, e.from}]; ok && e.from < e.to {
			wide := e.most + back
			pairs = append(pairs, pair{e.from, e.to, (e.most - back) / 2, max(wide, -wide)})
		}
	}
	slices.SortStableFunc(pairs, func(p, q pair) int { return cmp.Compare(p.wide, q.wide) })
	union := make([]int32, len(g.names))
	for v := range union {
		union[v] = int32(v)
	}
	find := func(v int32) int32 {
		for union[v] != v {
			union[v] = union[union[v]]
			v = union[v]
		}
		return v
	}
	near := make([][]pair, len(g.names))
	for _, p := range pairs {
		if x, y := find(p.x), find(p.y); x != y {
			union[y] = x
			near[p.x] = append(near[p.x], p)
			near[p.y] = append(near[p.y], pair{p.y, p.x, -p.ahead, p.wide})
		}
	}
	low, high = make([]int64, len(g.names)), make([]int64, len(g.names))
	for v := range low {
		low[v], high[v] = -unbounded, unbounded
	}
	low[0], high[0] = 0, 0
	for stack := []int32{0}; len(stack) > 0; {
		v := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		for _, p := range near[v] {
			if high[p.y] == unbounded {
				low[p.y], high[p.y] = low[v]+p.ahead, high[v]+p.ahead
				stack = append(stack, p.y)
			}
		}
	}
	return low, high
}
