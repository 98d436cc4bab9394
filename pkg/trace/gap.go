package trace

import "github.com/throughline-io/throughline/pkg/span"

// way is the points that a session passes where every layer is captured, in steps of 2 so
// that further points between the nodes have a place. The APP spans are before and behind them.
type way struct {
	hops []hop // that must be there, by step
	step [span.PointRest + 1]int8
	end  int8 // the callee's APP span
}

type hop struct {
	point span.Point
	step  int8
}

// caller is the step of the caller's APP span, offWay that of a point that is not on the way.
const (
	caller = int8(-2)
	offWay = int8(-1)
)

var (
	across = newWay(span.PointClientProcess, span.PointClient, span.PointClientNode, span.PointServerNode, span.PointServer, span.PointServerProcess)
	inside = newWay(span.PointClientProcess, span.PointClient, span.PointServer, span.PointServerProcess)
)

func newWay(points ...span.Point) *way {
	w := &way{end: int8(2 * len(points))}
	for p := range w.step {
		w.step[p] = offWay
	}
	for n, p := range points {
		w.hops = append(w.hops, hop{p, int8(2 * n)})
		w.step[p] = int8(2 * n)
	}
	if from := w.step[span.PointClientNode]; from != offWay {
		w.step[span.PointGateway] = from + 1
	}
	return w
}

func wayOf(crosses bool) *way {
	if crosses {
		return across
	}
	return inside
}

// at is a point's step.
func (w *way) at(p span.Point) int8 {
	if int(p) < len(w.step) {
		return w.step[p]
	}
	return offWay
}

// between is the hops strictly between two steps.
func (w *way) between(from, to int8) []hop {
	if from == offWay || to == offWay {
		return nil
	}
	first := 0
	for first < len(w.hops) && w.hops[first].step <= from {
		first++
	}
	last := first
	for last < len(w.hops) && w.hops[last].step < to {
		last++
	}
	return w.hops[first:last]
}

// missing counts the hops that lie between a span and its parent and that nobody saw: all of
// them (gap), and those that somebody looked for (missing): an agent was there, and what was
// spoken is what it reads.
func (a *assembly) missing(i int32) (missing, gap uint8) {
	if a.given != nil {
		n := a.given[a.s[i]].Missing
		return n, n
	}
	p := a.parent[i]
	s, t := a.s[i], a.s[p]
	var n hopCount
	switch {
	case t.Source == span.APP && s.Source == span.APP:
		if a.called(i, p) {
			w := wayOf(s.Node != t.Node)
			a.countHops(&n, w.between(caller, w.end), a.placeOf(p), a.placeOf(i))
			if unread(t, s) {
				n.missing = 0
			}
		}
	case a.rule[i] == RuleHopChain:
		w := wayOf(a.chains[a.chainOf[i]].crosses)
		if hops := w.between(w.at(t.Point), w.at(s.Point)); len(hops) > 0 {
			client, server := a.endsOf(p)
			if s.Point.Server() {
				_, server = a.endsOf(i)
			}
			a.countHops(&n, hops, client, server)
		}
	case t.Source == span.APP: // the head of a chain
		w := wayOf(a.chains[a.chainOf[i]].crosses || s.Node != t.Node)
		if hops := w.between(caller, w.at(s.Point)); len(hops) > 0 {
			_, server := a.endsOf(i)
			a.countHops(&n, hops, a.placeOf(p), server)
		}
	default: // behind the tail of a chain: an APP span, or another chain's head
		if c := a.chainOf[p]; c != none {
			w := wayOf(a.chains[c].crosses || s.Source == span.APP && s.Node != t.Node)
			if hops := w.between(w.at(t.Point), w.end); len(hops) > 0 {
				client, server := a.endsOf(p)
				if s.Source == span.APP {
					server = a.placeOf(i)
				}
				a.countHops(&n, hops, client, server)
			}
		}
		if c := a.chainOf[i]; c != none {
			w := wayOf(a.chains[c].crosses)
			if hops := w.between(caller, w.at(s.Point)); len(hops) > 0 {
				client, server := a.endsOf(i)
				a.countHops(&n, hops, client, server)
			}
		}
	}
	return uint8(n.missing), uint8(n.gap)
}

type hopCount struct{ missing, gap int }

// countHops adds the hops of a session from one place to another.
func (a *assembly) countHops(n *hopCount, hops []hop, client, server site) {
	for _, h := range hops {
		n.gap++
		if a.lookouts.watches(h.point, client, server) {
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
