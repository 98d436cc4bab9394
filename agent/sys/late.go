package sys

import (
	"time"

	"github.com/throughline-io/throughline/agent/causality"
	"github.com/throughline-io/throughline/pkg/span"
)

// lateCall is a call that is over, while it is not known yet which request it was made for.
type lateCall struct {
	span   span.Span
	answer int64 // when its answer began, Unix ns
	at     int64 // by the kernel's monotonic clock
}

// lateCalls are these by strand. Their spans wait: an edge sent later would join them with their request's trace,
// and not say which of its spans is the parent.
type lateCalls struct {
	of map[*causality.Strand][]lateCall
	n  int
}

const (
	// lateFor is how long a span waits for the answer to its request. Behind it goes without.
	lateFor = 30 * time.Second
	// lateKept bounds the spans that wait.
	lateKept = 8192
)

// keep keeps a call; false: there is no room.
func (l *lateCalls) keep(s *causality.Strand, call lateCall) bool {
	if l.n >= lateKept {
		return false
	}
	if l.of == nil {
		l.of = map[*causality.Strand][]lateCall{}
	}
	l.of[s] = append(l.of[s], call)
	l.n++
	return true
}

// take takes the calls of a strand out.
func (l *lateCalls) take(s *causality.Strand) []lateCall {
	calls := l.of[s]
	delete(l.of, s)
	l.n -= len(calls)
	return calls
}

// waits reports whether a call's span is kept until it is known what it was made for.
func (c *Capture) waits(sp *span.Span, s *causality.Strand, answer int64) bool {
	if s == nil || s.Over() {
		return false
	}
	if !c.late.keep(s, lateCall{*sp, answer, c.moment.Time}) {
		c.counts.lateRefused.Add(1)
		return false
	}
	return true
}

// told sends what waited for a strand.
func (c *Capture) told(s *causality.Strand) {
	for _, call := range c.late.take(s) {
		c.sendLate(s, &call)
	}
}

func (c *Capture) sendLate(s *causality.Strand, call *lateCall) {
	sp := &call.span
	p, claim := c.strandOf(s, sp.TraceID, call.answer)
	if p != nil {
		sp.SyscallReq, sp.Passage, sp.PassageRule = p.ID, p.ID, claim.Rule()
	}
	c.sink(sp)
	if p != nil {
		c.causes.Join(p, claim, sp.Group(), sp.Start)
	}
}

// strandOf is the passage of a strand's call, with the trace context that it has, whose answer began at a time; nil: it has none that
// is known.
func (c *Capture) strandOf(s *causality.Strand, trace span.TraceID, answer int64) (*causality.Passage, causality.Claim) {
	p, claim := s.Told()
	if p == nil || !c.causes.Fits(claim, trace) || !c.causes.Holds(claim, p, answer, &c.moment) {
		return nil, 0
	}
	return p, claim
}

// sweepLate sends what waited for too long.
func (c *Capture) sweepLate(now int64) {
	for s, calls := range c.late.of {
		if now-calls[0].at > int64(lateFor) {
			c.counts.lateExpired.Add(uint64(len(calls)))
			c.told(s)
		}
	}
}

// sendAllLate sends all that waits.
func (c *Capture) sendAllLate() {
	for s := range c.late.of {
		c.told(s)
	}
}
