package trace

import "github.com/throughline-io/throughline/pkg/span"

// Hops a session passes where every layer is captured, in steps of 2 so that further
// points between the nodes have a place. The APP spans are before and behind them.
var (
	stepsAcross = map[span.Point]int{span.PointClientProcess: 0, span.PointClient: 2, span.PointClientNode: 4, span.PointGateway: 5, span.PointServerNode: 6, span.PointServer: 8, span.PointServerProcess: 10}
	stepsInside = map[span.Point]int{span.PointClientProcess: 0, span.PointClient: 2, span.PointServer: 4, span.PointServerProcess: 6}
)

// path is the steps of a session's hops and the step of the callee's APP span.
func path(crosses bool) (steps map[span.Point]int, end int) {
	if crosses {
		return stepsAcross, 12
	}
	return stepsInside, 8
}

// missing counts the hops that lie between a span and its parent and were not seen.
func (a *assembly) missing(i int32) uint8 {
	p := a.parent[i]
	s, t := a.s[i], a.s[p]
	from, to := -2, -2
	var crosses bool
	switch {
	case t.Source == span.APP && s.Source == span.APP:
		if !a.called(i, p) {
			return 0
		}
		crosses = s.Node != t.Node
		_, to = path(crosses)
	case a.rule[i] == RuleHopChain:
		crosses = a.chains[a.chainOf[i]].crosses
		steps, _ := path(crosses)
		var ok, ok2 bool
		from, ok = steps[t.Point]
		to, ok2 = steps[s.Point]
		if !ok || !ok2 {
			return 0
		}
	case t.Source == span.APP: // the head of a chain
		crosses = a.chains[a.chainOf[i]].crosses || s.Node != t.Node
		steps, _ := path(crosses)
		var ok bool
		if to, ok = steps[s.Point]; !ok {
			return 0
		}
	default: // behind the tail of a chain: an APP span, or another chain's head
		n := 0
		if c := a.chainOf[p]; c != none {
			crosses = a.chains[c].crosses || s.Source == span.APP && s.Node != t.Node
			steps, end := path(crosses)
			if step, ok := steps[t.Point]; ok {
				n = hopsBetween(step, end)
			}
		}
		if c := a.chainOf[i]; c != none {
			steps, _ := path(a.chains[c].crosses)
			if step, ok := steps[s.Point]; ok {
				n += hopsBetween(-2, step)
			}
		}
		return uint8(n)
	}
	return uint8(hopsBetween(from, to))
}

// hopsBetween counts the even steps strictly between two.
func hopsBetween(from, to int) int {
	n := 0
	for step := from + 1; step < to; step++ {
		if step%2 == 0 {
			n++
		}
	}
	return n
}

// called reports whether an APP span's APP parent is in another process, so that a session
// lies between them.
func (a *assembly) called(i, p int32) bool {
	s, t := a.s[i], a.s[p]
	switch {
	case a.host[i] != none && a.host[p] != none:
		if a.host[i] != a.host[p] {
			return true
		}
	case s.Node != t.Node:
		return true
	}
	return s.Service != t.Service && s.Service != "" && t.Service != "" ||
		s.Kind == span.KindServer && t.Kind == span.KindClient
}
