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
)

// lingering is a span that may have to be counted for once more.
type lingering struct {
	span     span.Span
	conn     *conn
	bytes    int
	complete int64 // when its answer was
	due      int64
	gone     bool
}

// linger keeps a finished span back.
func (t *tap) linger(k *conn, s *span.Span, complete int64) {
	if len(t.lingering) >= maxLinger {
		t.release(t.lingering[0])
	}
	l := t.spare
	if t.spare = nil; l == nil {
		l = new(lingering)
	}
	*l = lingering{span: *s, conn: k, bytes: spanBytes(s), complete: complete, due: complete + lingerFor}
	t.take(l.bytes)
	k.lingering = append(k.lingering, l)
	t.lingering = append(t.lingering, l)
}

// release hands a span on, and those of its connection that finished before.
func (t *tap) release(until *lingering) {
	k := until.conn
	n := 0
	for n < len(k.lingering) {
		l := k.lingering[n]
		n++
		l.gone = true
		t.take(-l.bytes)
		t.hand(&l.span)
		if l == until {
			break
		}
	}
	if k.lingering = slices.Delete(k.lingering, 0, n); len(k.lingering) == 0 && cap(k.lingering) > 8 {
		k.lingering = nil // there was a burst
	}
	for len(t.lingering) > 0 && t.lingering[0].gone {
		t.spare = t.lingering[0]
		t.lingering[0] = nil
		t.lingering = t.lingering[1:]
	}
}

// releaseDue hands on what has waited long enough; now is in Unix ns.
func (t *tap) releaseDue(now int64) {
	// One that was complete in the future is so because the clock was set back.
	for len(t.lingering) > 0 && (t.lingering[0].due <= now || t.lingering[0].complete > now+lingerMost) {
		t.release(t.lingering[0])
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
