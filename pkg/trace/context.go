package trace

import (
	"github.com/throughline-io/throughline/pkg/span"
)

// indexContexts finds APP spans by their id and chains by the id they carry.
func (a *assembly) indexContexts() {
	a.apps = make(map[traceContext]int32, len(a.s)/2)
	for i, s := range a.s {
		if c := (traceContext{s.TraceID, s.SpanID}); s.Source == span.APP && c.known() {
			if first, ok := a.apps[c]; !ok {
				a.apps[c] = int32(i)
			} else {
				a.share(c, first, int32(i))
			}
		}
	}
	a.carriers = make(map[traceContext]int32, len(a.chains))
	for c := int32(len(a.chains)) - 1; c >= 0; c-- {
		a.carry(c)
	}
}

// carry enters a chain among those that carry its context.
func (a *assembly) carry(c int32) {
	id := a.chains[c].context
	if !id.known() {
		return
	}
	if first, ok := a.carriers[id]; ok {
		a.chains[c].next = first
	}
	a.carriers[id] = c
}

// manyCarriers bounds the chains that are compared for one span id. Retries and proxies
// make a few; more say nothing about which of them a handler belongs to.
const manyCarriers = 256

// carriersOf lists the chains that carry a span id, up to a number of them.
func (a *assembly) carriersOf(id traceContext, most int) []int32 {
	if !id.known() {
		return nil
	}
	c, ok := a.carriers[id]
	if !ok {
		return nil
	}
	var list []int32
	for ; c != none && len(list) < most; c = a.chains[c].next {
		list = append(list, c)
	}
	return list
}

// linkApps is the second half of rule 3, and rule 6: an APP span with a parent id hangs
// under the chain that brought the id to its process, else under the APP span itself.
func (a *assembly) linkApps() {
	for i := range a.s {
		s := a.s[i]
		i := int32(i)
		if a.chainOf[i] == none && s.Source != span.APP {
			a.text.str("its source is none of APP, SYS and NET")
			a.orphan(i)
			continue
		}
		if s.Source != span.APP || a.rule[i] != RuleNone {
			continue
		}
		if a.linkShared(i) {
			continue
		}
		if s.ParentSpanID.IsZero() {
			a.text.str("starts a trace: no parent span id")
			if s.Kind == span.KindServer {
				a.text.str(", and no session of its pod with peer ").addr(s.Client).str(" in which it starts")
			}
			a.orphan(i)
			continue
		}
		id := traceContext{s.TraceID, s.ParentSpanID}
		x, ok := a.apps[id]
		if !ok || !id.known() {
			x = none
		} else {
			x = a.endOf(id, x, s)
		}
		if c := a.broughtBy(i, x, id); c != none {
			tail := a.tail(c)
			a.text.str("traceparent at ").str(a.s[tail].Point.String()).str(" carries span id ").spanID(s.ParentSpanID).str(", its parent_span_id")
			a.link(i, tail, RuleContext, Proven)
			continue
		}
		if x != none {
			a.text.str("parent_span_id ").spanID(s.ParentSpanID).str(" in the same trace")
			a.link(i, x, RuleParentID, Proven)
			continue
		}
		a.text.str("parent span ").spanID(s.ParentSpanID).str(" is not among these spans, nor is a session that carries it")
		a.orphan(i)
	}
}

// broughtBy is the chain by which the span id of x (none if x is missing) came to APP span
// i's process; none where i is in x's own process or nothing tells.
func (a *assembly) broughtBy(i, x int32, id traceContext) int32 {
	chains := a.carriersOf(id, manyCarriers+1)
	if len(chains) == 0 || len(chains) > manyCarriers || a.stayed(i, x, chains) {
		return none
	}
	var here, maybe []int32
	for _, c := range chains {
		tail := a.tail(c)
		if host := a.calleeHost(tail); host != none && host == a.host[i] {
			here = append(here, c)
		} else if !a.wentElsewhere(tail, i) {
			maybe = append(maybe, c)
		}
	}
	if len(here) == 0 {
		here = maybe
	}
	switch len(here) {
	case 0:
		return none
	case 1:
		return here[0]
	}
	return a.broughtByOne(i, here)
}

// broughtByOne chooses among several chains with one id (a retry, or a proxy's two sides):
// the one whose connection is the span's and in which it starts; else the only one in
// which it starts; else the only one that no proxy passed on.
func (a *assembly) broughtByOne(i int32, chains []int32) int32 {
	s := a.s[i]
	only := func(ok func(t *span.Span, c int32) bool) int32 {
		found := none
		for _, c := range chains {
			if ok(a.s[a.tail(c)], c) {
				if found != none {
					return none
				}
				found = c
			}
		}
		return found
	}
	if s.Client.Port() != 0 {
		if c := only(func(t *span.Span, _ int32) bool { return samePeer(t, s) && startsIn(t, s) }); c != none {
			return c
		}
	}
	if c := only(func(t *span.Span, _ int32) bool { return t.Point.Server() && startsIn(t, s) }); c != none {
		return c
	}
	passedOn := make(map[int32]bool)
	for _, c := range chains {
		passedOn[a.chains[c].under] = true
	}
	return only(func(_ *span.Span, c int32) bool { return !passedOn[c] })
}

// stayed reports whether APP span i is in the process of its parent x, so that no call
// lies between them.
func (a *assembly) stayed(i, x int32, chains []int32) bool {
	s := a.s[i]
	if s.Kind == span.KindServer || s.Kind == span.KindConsumer {
		return false
	}
	if x == none {
		if a.host[i] == none {
			return false
		}
		for _, c := range chains {
			if a.callerHost(a.head(c)) == a.host[i] {
				return true
			}
		}
		return false
	}
	p := a.s[x]
	switch {
	case a.host[i] != none && a.host[x] != none:
		return a.host[i] == a.host[x] && (s.Service == p.Service || s.Service == "" || p.Service == "")
	case s.OTelResource != 0 && p.OTelResource != 0:
		return s.OTelResource == p.OTelResource
	}
	return s.Service == p.Service
}

// linkChains is the first half of rule 3: a chain hangs under the APP span whose id it
// carries. It returns the chains without one.
func (a *assembly) linkChains() (unsent []int32) {
	for c := range a.chains {
		c := int32(c)
		if a.chains[c].under != none {
			continue // rule 2 has linked it
		}
		head := a.head(c)
		id := a.chains[c].context
		x, ok := a.apps[id]
		if !id.known() || !ok {
			unsent = append(unsent, c)
			continue
		}
		if !a.sentBy(x, c) {
			a.text.str("carries span id ").spanID(id.span).str(" as other sessions do, but was not sent by that span's process; the proxy between was not seen")
			a.orphan(head)
			continue
		}
		a.text.str("traceparent at ").str(a.s[head].Point.String()).str(" carries span id ").spanID(id.span)
		a.link(head, x, RuleContext, Proven)
	}
	return unsent
}

// sentBy reports whether chain c, of those with the id of APP span x that no proxy is known
// to have passed on, was sent by x's process. The only one there is was.
func (a *assembly) sentBy(x, c int32) bool {
	first := a.carriers[a.chains[c].context]
	if first == c && a.chains[c].next == none {
		return true
	}
	from := a.callerHost(a.head(c))
	if from == none || a.host[x] == none || from == a.host[x] {
		return true
	}
	for o, n := first, 0; o != none; o, n = a.chains[o].next, n+1 {
		if o != c && a.chains[o].under == none || n > manyCarriers {
			return false
		}
	}
	return true
}

// linkUnsent links a chain for which no APP span is known to have sent it: one that begins at a process goes to its passage.
func (a *assembly) linkUnsent(c int32) {
	head := a.head(c)
	s := a.s[head]
	if s.Point == span.PointClientProcess && a.linkPassage(head, a.chains[c].context.trace) {
		return
	}
	switch id := a.chains[c].context; {
	case id.known():
		a.text.str("carries span id ").spanID(id.span).str(", whose APP span is not among these spans")
	case s.Point == span.PointClientProcess && s.Passage != 0:
		a.text.str("no s-p of passage ").hex(s.Passage).str(" among these spans")
	case s.Point == span.PointClientProcess:
		a.text.str("starts here: no trace context and no passage")
	case s.RequestSeq == 0 || s.ResponseSeq == 0:
		a.text.str("no trace context, and no TCP sequence pair to find its other hops by")
	default:
		a.text.str("no trace context, and no hop before it among these spans")
	}
	a.orphan(head)
}
