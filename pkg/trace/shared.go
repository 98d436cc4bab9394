package trace

import "github.com/throughline-io/throughline/pkg/span"

// In Zipkin's model the two ends of a call have one span id. So have the spans that come from
// Zipkin's libraries, by a collector or a file.

// share tells the two ends of a call apart that have one id.
func (a *assembly) share(id traceContext, x, y int32) {
	if calls(a.s[y]) {
		x, y = y, x
	}
	if !calls(a.s[x]) || !serves(a.s[y]) {
		return
	}
	if a.served == nil {
		a.served = map[traceContext]int32{}
	}
	if _, known := a.served[id]; !known {
		a.apps[id], a.served[id] = x, y
	}
}

func calls(s *span.Span) bool { return s.Kind == span.KindClient || s.Kind == span.KindProducer }

func serves(s *span.Span) bool { return s.Kind == span.KindServer || s.Kind == span.KindConsumer }

// linkShared hangs the called end of such a call under the calling one, or under the session
// between them.
func (a *assembly) linkShared(i int32) bool {
	s := a.s[i]
	id := traceContext{s.TraceID, s.SpanID}
	if end, ok := a.served[id]; !ok || end != i {
		return false
	}
	caller := a.apps[id]
	if c := a.broughtBy(i, caller, id); c != none {
		tail := a.tail(c)
		a.text.str("traceparent at ").str(a.s[tail].Point.String()).str(" carries span id ").spanID(s.SpanID).str(", which both ends of the call have")
		a.link(i, tail, RuleContext, Proven)
		return true
	}
	a.text.str("both ends of the call have span id ").spanID(s.SpanID).str(", as Zipkin's libraries give it")
	a.link(i, caller, RuleParentID, Proven)
	return true
}

// endOf is which end of a call whose ends share an id a span belongs to that names it as its
// parent: the called one, unless it is of the caller's own service.
func (a *assembly) endOf(id traceContext, caller int32, s *span.Span) int32 {
	end, ok := a.served[id]
	if !ok || s.Service == a.s[caller].Service && s.Service != a.s[end].Service {
		return caller
	}
	return end
}
