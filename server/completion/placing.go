package completion

import (
	"net/netip"

	"github.com/throughline-io/throughline/pkg/span"
)

// process is where code ran, as agents know it.
type process struct {
	node   string
	pid    uint32
	pod    netip.Addr
	entity uint64
}

func processOf(s *span.Span) process { return process{s.Node, s.PID, s.PodIP, s.Entity} }

// carried is a trace context as a request carries it.
type carried struct {
	trace span.TraceID
	span  span.SpanID
}

func (c carried) known() bool { return !c.trace.IsZero() && !c.span.IsZero() }

// place fills in where APP spans ran, where they do not say so. The call that carries a span's id
// left the process of the span; the request that carries its parent's id came to that of a SERVER
// span; and spans under one another are of one process, unless the one below is of a server.
func place(app, seen []*span.Span) {
	p := placing{sent: map[carried][]process{}, received: map[carried][]process{}}
	for _, s := range seen {
		id := carried{s.TraceID, s.SpanID}
		switch {
		case s.Source != span.SYS || !id.known():
		case s.Point == span.PointClientProcess:
			p.sent[id] = append(p.sent[id], processOf(s))
		case s.Point == span.PointServerProcess:
			p.received[id] = append(p.received[id], processOf(s))
		}
	}
	families := families(app)
	votes := map[int]map[process]int{}
	own := make([]process, len(app))
	for i, s := range app {
		if own[i] = p.of(s); own[i] != (process{}) {
			of := votes[families[i]]
			if of == nil {
				of = map[process]int{}
				votes[families[i]] = of
			}
			of[own[i]]++
		}
	}
	for i, s := range app {
		at := own[i]
		if at == (process{}) {
			at = most(votes[families[i]])
		}
		settle(s, at)
	}
}

// settle fills in what the span does not say.
func settle(s *span.Span, at process) {
	if at == (process{}) || s.PodIP.IsValid() && at.pod.IsValid() && s.PodIP.Unmap() != at.pod.Unmap() {
		return
	}
	if !s.PodIP.IsValid() {
		s.PodIP = at.pod
	}
	if s.Entity == 0 {
		s.Entity = at.entity
	}
	if s.Node == "" {
		s.Node = at.node
	}
	if s.PID == 0 {
		s.PID = at.pid
	}
}

// most is who most spans of a family are of; of several the first by address, so that the answer is
// always the same.
func most(votes map[process]int) (best process) {
	for at, n := range votes {
		if m := votes[best]; n > m || n == m && at.less(best) {
			best = at
		}
	}
	return best
}

func (p process) less(q process) bool {
	switch {
	case p.node != q.node:
		return p.node < q.node
	case p.pid != q.pid:
		return p.pid < q.pid
	}
	return p.pod.Less(q.pod)
}

// placing are the processes that sent and received what carries an id.
type placing struct {
	sent, received map[carried][]process
}

// of is the process of one span, by itself. A proxy that passes a trace context on both receives
// and sends it: it is neither the caller nor the called.
func (p *placing) of(s *span.Span) process {
	id := carried{s.TraceID, s.SpanID}
	if at := only(p.sent[id], p.received[id]); at != (process{}) && id.known() {
		return at
	}
	switch s.Kind {
	case span.KindServer, span.KindConsumer:
		if parent := (carried{s.TraceID, s.ParentSpanID}); parent.known() {
			return only(p.received[parent], p.sent[parent])
		}
	}
	return process{}
}

// only is the one process of a list that is not in another list; none where there are several.
func only(list, not []process) (found process) {
	for _, at := range list {
		passing := false
		for _, n := range not {
			passing = passing || n == at
		}
		if passing || at == found {
			continue
		}
		if found != (process{}) {
			return process{}
		}
		found = at
	}
	return found
}

// families numbers the spans: those of one process that hang together have one number.
func families(app []*span.Span) []int {
	at := make(map[carried]int, len(app))
	for i, s := range app {
		at[carried{s.TraceID, s.SpanID}] = i
	}
	family := make([]int, len(app))
	for i := range family {
		family[i] = i
	}
	find := func(i int) int {
		for family[i] != i {
			family[i] = family[family[i]]
			i = family[i]
		}
		return i
	}
	for i, s := range app {
		parent, ok := at[carried{s.TraceID, s.ParentSpanID}]
		if ok && parent != i && inside(app[parent].Kind, s.Kind) {
			family[find(i)] = find(parent)
		}
	}
	for i := range family {
		family[i] = find(i)
	}
	return family
}

// inside reports whether a span is of the process of the span above it. What says no kind may be
// of another one below a call.
func inside(above, below span.Kind) bool {
	switch below {
	case span.KindServer, span.KindConsumer:
		return false
	case span.KindUnspecified:
		return above != span.KindClient && above != span.KindProducer
	}
	return true
}
