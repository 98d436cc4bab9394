package net

import (
	"math"
	"slices"

	"github.com/throughline-io/throughline/pkg/span"
)

// A request that is lost is sent again while its session is open. An answer that is lost is
// sent again when its session is complete here, in front of the loss. So a span stays for as
// long as its answer may come again, unless the client goes on.
const (
	lingerFor  = 250e6   // ns: Linux sends again after 200 ms and the round trip (TCP_RTO_MIN)
	lingerMost = 5e9     // ns, with the time doubled each time it was sent again
	maxLinger  = 1 << 14 // spans at one interface
	maxSpare   = 1 << 8  // places kept for spans to come, at all interfaces
)

// lingering is a span that may have to be counted for once more.
type lingering struct {
	before, after *lingering // in the queue

	span     span.Span
	conn     *conn
	bytes    int
	complete int64 // when its answer was
	due      int64
}

// lingerQueue has the spans that wait at an interface, by when they finished. Most leave from within it,
// with the next question of their connection.
type lingerQueue struct {
	first, last *lingering
	n           int
}

func (q *lingerQueue) push(l *lingering) {
	if l.before = q.last; l.before == nil {
		q.first = l
	} else {
		l.before.after = l
	}
	q.last = l
	q.n++
}

func (q *lingerQueue) remove(l *lingering) {
	if l.before == nil {
		q.first = l.after
	} else {
		l.before.after = l.after
	}
	if l.after == nil {
		q.last = l.before
	} else {
		l.after.before = l.before
	}
	q.n--
}

// newLingering is a place that a span has left, so that one is not allocated for every span.
func (c *Capture) newLingering() *lingering {
	n := len(c.spare)
	if n == 0 {
		return new(lingering)
	}
	l := c.spare[n-1]
	c.spare = c.spare[:n-1]
	return l
}

// vacate keeps a place for a span to come.
func (c *Capture) vacate(l *lingering) {
	if len(c.spare) < maxSpare {
		*l = lingering{} // what it said is not kept
		c.spare = append(c.spare, l)
	}
}

// linger keeps a finished span back.
func (t *tap) linger(k *conn, s *span.Span, complete int64) {
	if t.lingering.n >= maxLinger {
		t.release(t.lingering.first)
	}
	l := t.c.newLingering()
	l.span, l.conn, l.bytes, l.complete, l.due = *s, k, spanBytes(s), complete, complete+lingerFor
	t.take(l.bytes)
	k.lingering = append(k.lingering, l)
	t.lingering.push(l)
}

// release hands a span on, and those of its connection that finished before.
func (t *tap) release(until *lingering) {
	k := until.conn
	n := 0
	for n < len(k.lingering) {
		l := k.lingering[n]
		n++
		t.take(-l.bytes)
		t.hand(&l.span)
		t.lingering.remove(l)
		t.c.vacate(l)
		if l == until {
			break
		}
	}
	if k.lingering = slices.Delete(k.lingering, 0, n); len(k.lingering) == 0 && cap(k.lingering) > 8 {
		k.lingering = nil // there was a burst
	}
}

// releaseDue hands on what has waited long enough; now is in Unix ns.
func (t *tap) releaseDue(now int64) {
	// One that was complete in the future is so because the clock was set back.
	for l := t.lingering.first; l != nil && (l.due <= now || l.complete > now+lingerMost); l = t.lingering.first {
		t.release(l)
	}
}

// goesOn is called when the client asks the next question: it has its answers.
func (k *conn) goesOn() {
	if n := len(k.lingering); n > 0 {
		k.tap.release(k.lingering[n-1])
	}
}

// resent counts a packet of an answer that was complete.
func (k *conn) resent(fromA bool, seq uint32, at int64) {
	for i := len(k.lingering) - 1; i >= 0; i-- {
		l := k.lingering[i]
		s := &l.span
		toA := s.Client == addrPort(k.key.a, k.key.aPort)
		if fromA == toA || uint64(seq-s.ResponseSeq) >= max(s.ResponseSize, 1) {
			continue
		}
		if s.Retransmissions < math.MaxUint16 {
			s.Retransmissions++
		}
		// Behind the others in the queue it may wait longer than it must, and never less.
		l.due = min(at+2*(at-l.complete)+lingerFor, l.complete+lingerMost)
		return
	}
	k.tap.c.count.lateResent.Add(1)
}
