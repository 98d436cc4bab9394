package trace

import (
	"cmp"
	"net/netip"
	"slices"

	"github.com/throughline-io/throughline/pkg/span"
)

// chain is all spans of one session: members[lo:hi] in path order.
type chain struct {
	lo, hi  int32
	context traceContext // the trace context the request carries, zero if none
	next    int32        // the next chain with the same context
	under   int32        // chain this one was passed on from by a proxy
	crosses bool         // the session goes from one node to another
}

// traceContext is a span's id inside its trace.
type traceContext struct {
	trace span.TraceID
	span  span.SpanID
}

// known reports whether both ids are there. Ids that are zero match nothing.
func (c traceContext) known() bool { return !c.trace.IsZero() && !c.span.IsZero() }

// rank is the observation point's place on the path. Points whose side is not known lie
// between the nodes.
func rank(p span.Point) int {
	switch p {
	case span.PointClientApp, span.PointClientProcess, span.PointClient, span.PointClientNode:
		return int(p)
	case span.PointServerNode, span.PointServer, span.PointServerProcess, span.PointServerApp:
		return int(p)
	}
	return int(span.PointGateway)
}

func (a *assembly) head(c int32) int32 { return a.members[a.chains[c].lo] }
func (a *assembly) tail(c int32) int32 { return a.members[a.chains[c].hi-1] }

// buildChains is rule 1: it puts SYS and NET spans with the same pair of sequence numbers
// into chains, in path order, and links each to the one before.
func (a *assembly) buildChains() {
	a.chainOf = make([]int32, len(a.s))
	groups := a.groupByPair()
	a.members = make([]int32, 0, len(a.s))
	for _, g := range groups {
		if len(g) == 0 {
			continue // joined with another
		}
		if len(g) == 1 || a.oneSession(g) {
			a.addChain(g)
			continue
		}
		for _, part := range a.separate(g) {
			a.addChain(part)
		}
	}
}

// groupByPair gathers the spans by sequence pair. A request that some hop saw no answer to
// has no pair there: such a hop belongs to the session with the same request number and the
// same addresses. Any other span is alone.
func (a *assembly) groupByPair() [][]int32 {
	groupOf := make([]int32, len(a.s))
	byPair := make(map[uint64]int32, len(a.s)/4)
	unanswered := make(map[halfPair]int32)
	count := int32(0)
	for i, s := range a.s {
		a.chainOf[i], groupOf[i] = none, none
		switch {
		case s.Source != span.SYS && s.Source != span.NET:
			continue
		case s.RequestSeq != 0 && s.ResponseSeq != 0:
			pair := uint64(s.RequestSeq)<<32 | uint64(s.ResponseSeq)
			if g, ok := byPair[pair]; ok {
				groupOf[i] = g
				continue
			}
			byPair[pair] = count
		case s.RequestSeq != 0 && s.Client.IsValid() && s.Server.IsValid():
			half := halfPair{s.RequestSeq, s.Client, s.Server}
			if g, ok := unanswered[half]; ok {
				groupOf[i] = g
				continue
			}
			unanswered[half] = count
		}
		groupOf[i] = count
		count++
	}
	if len(unanswered) > 0 {
		a.joinAnswered(groupOf, unanswered)
	}
	sizes := make([]int32, count)
	total := int32(0)
	for _, g := range groupOf {
		if g != none {
			sizes[g]++
			total++
		}
	}
	flat := make([]int32, total)
	groups := make([][]int32, count)
	at := int32(0)
	for g, n := range sizes {
		groups[g] = flat[at : at : at+n]
		at += n
	}
	for i, g := range groupOf {
		if g != none {
			groups[g] = append(groups[g], int32(i))
		}
	}
	return groups
}

// halfPair is a session as a hop knows it that saw no answer.
type halfPair struct {
	request        uint32
	client, server netip.AddrPort
}

// joinAnswered moves hops that saw no answer to the group of those that did, where there
// is one such group.
func (a *assembly) joinAnswered(groupOf []int32, unanswered map[halfPair]int32) {
	const several = -2
	answered := make(map[int32]int32, len(unanswered))
	for i, s := range a.s {
		if groupOf[i] == none || s.RequestSeq == 0 || s.ResponseSeq == 0 {
			continue
		}
		g, ok := unanswered[halfPair{s.RequestSeq, s.Client, s.Server}]
		if !ok {
			continue
		}
		if to, ok := answered[g]; !ok || to == groupOf[i] {
			answered[g] = groupOf[i]
		} else {
			answered[g] = several
		}
	}
	for i, g := range groupOf {
		if to, ok := answered[g]; ok && to >= 0 {
			groupOf[i] = to
		}
	}
}

// addChain appends one chain and links its members.
func (a *assembly) addChain(list []int32) {
	a.pathOrder(list)
	id := int32(len(a.chains))
	c := chain{lo: int32(len(a.members)), hi: int32(len(a.members) + len(list)), next: none, under: none}
	first, last := a.s[list[0]], a.s[list[len(list)-1]]
	c.crosses = first.Node != last.Node
	for k, i := range list {
		s := a.s[i]
		if own := (traceContext{s.TraceID, s.SpanID}); !c.context.known() && own.known() {
			c.context = own
		}
		switch s.Point {
		case span.PointClientNode, span.PointServerNode, span.PointGateway:
			c.crosses = true
		}
		a.chainOf[i] = id
		if k > 0 {
			p := a.s[list[k-1]]
			switch {
			case s.ResponseSeq != 0 && p.ResponseSeq != 0 && attribute(s, transportKeys) == "unix":
				a.text.str("same places ").num(uint64(s.RequestSeq)).str("/").num(uint64(s.ResponseSeq)).str(" in both directions of a Unix socket,")
			case s.Transport == transportUDP && s.ResponseSeq != 0 && p.ResponseSeq != 0:
				a.text.str("same datagrams, by their hashes ").num(uint64(s.RequestSeq)).str("/").num(uint64(s.ResponseSeq)).str(",")
			case s.ResponseSeq != 0 && p.ResponseSeq != 0:
				a.text.str("same TCP sequence pair ").num(uint64(s.RequestSeq)).str("/").num(uint64(s.ResponseSeq))
			default:
				a.text.str("same TCP request sequence ").num(uint64(s.RequestSeq)).str(" between ").addr(s.Client).str(" and ").addr(s.Server).str(", not answered at every hop,")
			}
			a.text.str(" at ").str(p.Point.String()).str(" and ").str(s.Point.String())
			a.link(i, list[k-1], RuleHopChain, Proven)
		}
	}
	a.members = append(a.members, list...)
	a.chains = append(a.chains, c)
}

// transportUDP is the IP protocol number of UDP, whose datagrams have no sequence numbers.
const transportUDP = 17

// pathOrder sorts by observation point; where several lie at one place of the path, the
// caller's node comes first and the callee's last, then time decides, then the longer.
func (a *assembly) pathOrder(list []int32) {
	if len(list) == 1 {
		return
	}
	caller, callee := "", ""
	low, high := 99, 0
	for _, i := range list {
		s := a.s[i]
		if r := rank(s.Point); s.Point.Client() && r < low {
			low, caller = r, s.Node
		} else if s.Point.Server() && r > high {
			high, callee = r, s.Node
		}
	}
	side := func(node string) int {
		switch {
		case caller == callee:
			return 0
		case node == caller:
			return -1
		case node == callee:
			return 1
		}
		return 0
	}
	slices.SortStableFunc(list, func(x, y int32) int {
		p, q := a.s[x], a.s[y]
		if d := rank(p.Point) - rank(q.Point); d != 0 {
			return d
		}
		return cmp.Or(cmp.Compare(side(p.Node), side(q.Node)), cmp.Compare(p.Start, q.Start), cmp.Compare(q.Duration, p.Duration))
	})
}

// transportKeys say by what a connection goes: tcp, unix.
var transportKeys = []string{"network.transport"}
