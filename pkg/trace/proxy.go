package trace

import (
	"github.com/throughline-io/throughline/pkg/span"
)

// linkProxies is rule 2. A proxy without instrumentation passes traceparent on unchanged,
// so several chains carry one span id. Each that the proxy sent hangs under the chain by
// which the proxy got the request.
func (a *assembly) linkProxies() {
	for first := range a.chains {
		first := int32(first)
		if a.carriers[a.chains[first].context] == first && a.chains[first].next != none {
			a.orderProxies(a.carriersOf(a.chains[first].context, len(a.chains)))
		}
	}
}

// proxyKey finds the chain that entered a proxy by what the chain that left it shares.
type proxyKey struct {
	host     int32
	node     string
	passage  uint64
	xRequest string
}

func (a *assembly) orderProxies(chains []int32) {
	byKey := make(map[proxyKey][]int32)
	byHost := make(map[int32][]int32)
	for _, c := range chains {
		t := a.s[a.tail(c)]
		host := a.calleeHost(a.tail(c))
		if t.Point == span.PointServerProcess && t.Passage != 0 {
			k := proxyKey{host: none, node: t.Node, passage: t.Passage}
			byKey[k] = append(byKey[k], c)
		}
		if host != none {
			if t.XRequestID != "" {
				k := proxyKey{host: host, xRequest: t.XRequestID}
				byKey[k] = append(byKey[k], c)
			}
			byHost[host] = append(byHost[host], c)
		}
	}
	for _, c := range chains {
		head := a.head(c)
		s := a.s[head]
		host := a.callerHost(head)
		if s.Point == span.PointClientProcess && s.Passage != 0 {
			if in := other(byKey[proxyKey{host: none, node: s.Node, passage: s.Passage}], c); in != none {
				a.text.str("passage ").hex(s.Passage).str(" of the proxy that passed span id ").spanID(a.chains[c].context.span).str(" on")
				a.passOn(c, in, Causal)
				continue
			}
		}
		if host == none {
			continue
		}
		if s.XRequestID != "" {
			if in := other(byKey[proxyKey{host: host, xRequest: s.XRequestID}], c); in != none {
				a.text.str("X-Request-ID ").str(s.XRequestID).str(" and span id ").spanID(a.chains[c].context.span).str(" came in and went out unchanged")
				a.passOn(c, in, Causal)
				continue
			}
		}
		if in := a.enteredBefore(c, head, byHost[host]); in != none {
			a.text.str("span id ").spanID(a.chains[c].context.span).str(" came into the same pod and left it unchanged while that request was open")
			a.passOn(c, in, Inferred)
		}
	}
}

// other is the only chain of the list but c, none if there are several.
func other(list []int32, c int32) int32 {
	if len(list) > 2 {
		return none
	}
	found := none
	for _, o := range list {
		if o == c {
			continue
		}
		if found != none {
			return none
		}
		found = o
	}
	return found
}

// manyProxied bounds the comparisons for one span id by time alone.
const manyProxied = 64

// enteredBefore is the only chain that ended in the sender's pod and was open when chain c
// left it. Where the two were seen on different nodes, clocks say nothing.
func (a *assembly) enteredBefore(c, head int32, list []int32) int32 {
	if len(list) > manyProxied {
		return none
	}
	s, found := a.s[head], none
	for _, o := range list {
		t := a.s[a.tail(o)]
		if o == c || t.Node == s.Node && (s.Start < t.Start || s.Start > t.End()) {
			continue
		}
		if t.Point == span.PointServerProcess && s.Point == span.PointClientProcess && !a.sameProcess(a.tail(o), head) {
			continue
		}
		if found != none {
			return none
		}
		found = o
	}
	return found
}

func (a *assembly) passOn(c, in int32, conf Confidence) {
	a.chains[c].under = in
	a.link(a.head(c), a.tail(in), RuleProxy, conf)
}
