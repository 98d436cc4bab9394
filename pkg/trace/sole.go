package trace

import "github.com/throughline-io/throughline/pkg/span"

// linkSoleRequests is rule 4 for SERVER spans that do not say who called them: Flask's by the
// stable conventions, Envoy's, Rack's, and those that an APM hands in with their ids and times alone. Where all
// requests of their host are at hand, the only one without trace context in which the span
// starts is its own, unless two spans claim it. Time says so, and nothing else. Where they are not (complete), that must
// have asked for the same, and been answered alike: an agent that has seen no other one like it has brought them together.
func (a *assembly) linkSoleRequests(complete bool) {
	var wanted []int32
	for i := range a.s {
		if a.callerUnknown(int32(i)) {
			wanted = append(wanted, int32(i))
		}
	}
	if len(wanted) == 0 {
		return
	}
	free := map[int32][]int32{} // by host: chains without context and without handler
	handled := map[int32]bool{}
	for i, parent := range a.parent {
		if parent != none && a.rule[i] == RuleServerRoot {
			handled[a.chainOf[parent]] = true
		}
	}
	for c := range a.chains {
		tail := a.tail(int32(c))
		if host := a.calleeHost(tail); a.s[tail].Point.Server() && host != none && !a.chains[c].context.known() && !handled[int32(c)] {
			free[host] = append(free[host], int32(c))
		}
	}
	covers := make(map[int32]*cover, len(free))
	for host, list := range free {
		covers[host] = newCover(list, func(c int32) (int64, int64) {
			s := a.s[a.tail(c)]
			return s.Start, answered(s)
		})
	}
	claims := map[int32][]int32{} // by chain: who starts in it and in no other
	for _, i := range wanted {
		s := a.s[i]
		var found []int32
		covers[a.host[i]].within(s.Start, s.Start+int64(span.ClockStep(s.Start))-1, func(c int32) bool {
			if session := a.s[a.tail(c)]; !otherRequest(session, s) && (complete || sameRequest(session, s)) {
				found = append(found, c)
			}
			return len(found) < 2
		})
		if len(found) == 1 {
			claims[found[0]] = append(claims[found[0]], i)
		}
	}
	for c, spans := range claims {
		if len(spans) == 1 {
			a.text.str("the only request without trace context that its process was serving when it started")
			if !complete {
				a.text.str(", of those that asked for this")
			}
			a.link(spans[0], a.tail(c), RuleServerRoot, Inferred)
		}
	}
}

// callerUnknown reports whether a span is of a server, and neither it nor a trace context says who
// called it.
func (a *assembly) callerUnknown(i int32) bool {
	s := a.s[i]
	if s.Source != span.APP || s.Kind != span.KindServer || s.Client.Port() != 0 || a.host[i] == none || a.rule[i] != RuleNone {
		return false
	}
	id := traceContext{s.TraceID, s.ParentSpanID}
	if !id.known() {
		return true
	}
	_, carried := a.carriers[id]
	_, called := a.apps[id]
	return !carried && !called
}
