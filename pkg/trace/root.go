package trace

import (
	"net/netip"
	"strings"

	"github.com/throughline-io/throughline/pkg/span"
)

// samePeer reports whether a session's client is the peer the SERVER span names.
func samePeer(session, app *span.Span) bool {
	return app.Client.Port() != 0 && unmap(session.Client) == unmap(app.Client)
}

func unmap(p netip.AddrPort) netip.AddrPort {
	return netip.AddrPortFrom(p.Addr().Unmap(), p.Port())
}

// answered is the end of the time in which a session's handler can start.
func answered(session *span.Span) int64 {
	if session.ResponseStart != 0 {
		return session.Start + int64(session.ResponseStart)
	}
	return session.End()
}

// startsIn reports whether the APP span starts between the session's first read and first
// write (for packets: between request and response). Not "is covered": where an answer is
// flushed early, the span goes on after the session's end.
func startsIn(session, app *span.Span) bool {
	last := app.Start + int64(span.ClockStep(app.Start)) - 1
	return session.Start <= last && app.Start <= answered(session)
}

// otherRequest reports whether a session and an APP span are known to be of different requests.
func otherRequest(session, app *span.Span) bool {
	other := func(x, y string) bool { return x != "" && y != "" && x != y }
	return session.Protocol == app.Protocol && (other(session.Type, app.Type) || other(path(session), path(app)) || session.Code != 0 && app.Code != 0 && session.Code != app.Code)
}

// sameRequest reports whether both are known to ask for the same, and to be answered alike.
func sameRequest(session, app *span.Span) bool {
	return session.Protocol == app.Protocol && app.Type != "" && session.Type == app.Type && path(app) != "" && path(session) == path(app) && app.Code != 0 && session.Code == app.Code
}

// path is what is asked for; "" where that is nothing that both a session and code have.
func path(s *span.Span) string {
	p, _, _ := strings.Cut(s.Resource, "?")
	if !strings.HasPrefix(p, "/") {
		return ""
	}
	return p
}

// linkServerRoots is rule 4. HTTP/1 has one request at a time on a connection, so the
// session of the span's peer in which the span starts is its own. A clock of milliseconds
// (span.ClockStep) says an interval; where several sessions are left in it there is no link. A SERVER span whose
// parent id no session carries is treated alike, for a trace context that the capture cut
// off; its session is then known to carry that id.
func (a *assembly) linkServerRoots() {
	type connection struct {
		peer netip.AddrPort
		host int32
	}
	sessions := make(map[connection][]int32)
	var wanted []int32
	for i, s := range a.s {
		if s.Source != span.APP || s.Kind != span.KindServer || s.Client.Port() == 0 || !s.Client.Addr().IsValid() || a.host[i] == none {
			continue
		}
		if id := (traceContext{s.TraceID, s.ParentSpanID}); id.known() {
			if _, carried := a.carriers[id]; carried {
				continue
			}
		}
		wanted = append(wanted, int32(i))
		sessions[connection{unmap(s.Client), a.host[i]}] = nil
	}
	if len(wanted) == 0 {
		return
	}
	for c := range a.chains {
		tail := a.tail(int32(c))
		s := a.s[tail]
		if !s.Point.Server() {
			continue
		}
		k := connection{unmap(s.Client), a.calleeHost(tail)}
		if list, ok := sessions[k]; ok {
			sessions[k] = append(list, int32(c))
		}
	}
	covers := make(map[connection]*cover, len(sessions))
	for k, list := range sessions {
		if len(list) > 0 {
			covers[k] = newCover(list, func(c int32) (int64, int64) {
				s := a.s[a.tail(c)]
				return s.Start, answered(s)
			})
		}
	}
	for _, i := range wanted {
		s := a.s[i]
		found, several := none, false
		last := s.Start + int64(span.ClockStep(s.Start)) - 1
		covers[connection{unmap(s.Client), a.host[i]}].within(s.Start, last, func(c int32) bool {
			if otherRequest(a.s[a.tail(c)], s) {
				return true
			}
			if id := a.chains[c].context; id.known() && !s.ParentSpanID.IsZero() {
				return true // the session carries another id than the span's parent
			}
			several = found != none
			found = c
			return !several
		})
		if found == none || several {
			continue
		}
		tail := a.tail(found)
		conf := Proven
		if multiplexes(a.s[tail]) {
			conf = Inferred
		}
		a.text.str("peer ").addr(s.Client)
		if a.s[tail].Point == span.PointServerProcess {
			a.text.str(" and start between the first read and the first write")
		} else {
			a.text.str(" and start between request and response at ").str(a.s[tail].Point.String())
		}
		a.link(i, tail, RuleServerRoot, conf)
		if id := (traceContext{s.TraceID, s.ParentSpanID}); id.known() && !a.chains[found].context.known() && conf == Proven {
			a.chains[found].context = id
			a.carry(found)
		}
	}
}

// multiplexes reports whether a connection can have several requests open.
func multiplexes(s *span.Span) bool {
	return strings.HasPrefix(s.Version, "2") || s.Protocol == "HTTP2" || s.Protocol == "gRPC"
}
