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

// missing counts the hops that lie between a span and its parent and that nobody saw: all of
// them (gap), and those that somebody looked for (missing).
func (a *assembly) missing(i int32) (missing, gap uint8) {
	p := a.parent[i]
	s, t := a.s[i], a.s[p]
	var n hopCount
	switch {
	case t.Source == span.APP && s.Source == span.APP:
		if a.called(i, p) {
			steps, end := path(s.Node != t.Node)
			a.countHops(&n, steps, -2, end, a.placeOf(p), a.placeOf(i))
		}
	case a.rule[i] == RuleHopChain:
		steps, _ := path(a.chains[a.chainOf[i]].crosses)
		from, ok := steps[t.Point]
		to, ok2 := steps[s.Point]
		if ok && ok2 {
			client, server := a.endsOf(p)
			if s.Point.Server() {
				_, server = a.endsOf(i)
			}
			a.countHops(&n, steps, from, to, client, server)
		}
	case t.Source == span.APP: // the head of a chain
		steps, _ := path(a.chains[a.chainOf[i]].crosses || s.Node != t.Node)
		if to, ok := steps[s.Point]; ok {
			_, server := a.endsOf(i)
			a.countHops(&n, steps, -2, to, a.placeOf(p), server)
		}
	default: // behind the tail of a chain: an APP span, or another chain's head
		if c := a.chainOf[p]; c != none {
			steps, end := path(a.chains[c].crosses || s.Source == span.APP && s.Node != t.Node)
			if step, ok := steps[t.Point]; ok {
				client, server := a.endsOf(p)
				if s.Source == span.APP {
					server = a.placeOf(i)
				}
				a.countHops(&n, steps, step, end, client, server)
			}
		}
		if c := a.chainOf[i]; c != none {
			steps, _ := path(a.chains[c].crosses)
			if step, ok := steps[s.Point]; ok {
				client, server := a.endsOf(i)
				a.countHops(&n, steps, -2, step, client, server)
			}
		}
	}
	return uint8(n.missing), uint8(n.gap)
}

type hopCount struct{ missing, gap int }

// countHops adds the hops strictly between two steps of a session's way. Odd steps are hops
// that need not be there.
func (a *assembly) countHops(n *hopCount, steps map[span.Point]int, from, to int, client, server site) {
	for point, step := range steps {
		if step <= from || step >= to || step%2 != 0 {
			continue
		}
		n.gap++
		if a.lookouts.watches(point, client, server) {
			n.missing++
		}
	}
}

// placeOf is where an APP span's code ran.
func (a *assembly) placeOf(i int32) site {
	s := a.s[i]
	return site{a.host[i], usable(s.PodIP), s.Node, s.Start}
}

// endsOf are the two ends of a hop's session. Its node is that of the end it was seen at, and
// of the other one where the session stays on the node.
func (a *assembly) endsOf(i int32) (client, server site) {
	s := a.s[i]
	client = site{a.callerHost(i), usable(s.Client.Addr()), "", s.Start}
	server = site{a.calleeHost(i), usable(s.Server.Addr()), "", s.Start}
	crosses := a.chainOf[i] != none && a.chains[a.chainOf[i]].crosses
	if s.Point.Client() || !crosses {
		client.node = s.Node
	}
	if s.Point.Server() || !crosses {
		server.node = s.Node
	}
	return client, server
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
