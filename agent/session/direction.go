package session

import (
	"slices"
)

// farAway is the distance of sequence numbers beyond which a segment is of another life of
// the connection: more than any window.
const farAway = 1 << 26

// direction is one side's stream: segments in, bytes in order out.
type direction struct {
	c        *Conn
	outgoing bool

	next   uint32 // sequence number of the next byte
	placed bool   // next is known
	synced bool   // next is where a message begins, or inside one that is followed
	heard  bool   // anything at all was seen
	seen   int64  // exit of the latest segment taken
	fin    int64  // when the side said that it sends no more
	said   uint32 // where its latest message ended that is of a session, or where it was met

	held               []Segment // beyond a gap, by sequence number
	heldSince          int64
	heldTick, seenTick int64

	framing
}

// feed puts a segment in its place.
func (d *direction) feed(s *Segment) {
	if !d.placed {
		d.place(s.Seq)
	}
	if (d.c.multiplexed || d.c.protocol == nil) && s.Ack != 0 {
		if other := d.c.direction(!d.outgoing); len(other.held) > 0 && !before(s.Ack, other.held[0].Seq) {
			other.giveUpGap() // what is missing has arrived, and was not captured
		}
	}
	switch ahead := int32(s.Seq - d.next); {
	case ahead > 0 && !d.synced && !d.inMessage:
		d.missed(0) // nothing was being followed: it may be any number of messages
		d.next = s.Seq
	case ahead > farAway && uint64(ahead) > d.skip, ahead < -farAway:
		d.c.count.gaps.Add(1)
		d.abandon(true)
		d.missed(0)
		d.forgetHeld()
		d.next = s.Seq
	case ahead > 0:
		d.hold(s)
		if len(d.held) > maxHeld || s.Exit-d.heldSince > gapPatience || d.c.bytes > maxBytes {
			d.giveUpGaps()
		}
		return
	case ahead < 0:
		d.resent(s)
		if !trim(s, d.next) {
			d.c.count.duplicates.Add(1)
			return
		}
	}
	d.take(s)
	d.drain()
}

// place says where the direction's next byte is.
func (d *direction) place(seq uint32) { d.next, d.said, d.placed = seq, seq, true }

// trim cuts off what lies before next; false: nothing is left.
func trim(s *Segment, next uint32) bool {
	n := int(next - s.Seq)
	if n >= s.Len {
		return false
	}
	s.Seq, s.Len = next, s.Len-n
	if s.WireLen -= n; s.WireLen > 0 {
		s.Wire += uint32(n)
	}
	s.Data = s.Data[min(n, len(s.Data)):]
	return true
}

// hold keeps a segment that lies beyond a gap.
func (d *direction) hold(s *Segment) {
	at, found := slices.BinarySearchFunc(d.held, s.Seq, func(h Segment, seq uint32) int { return int(int32(h.Seq - seq)) })
	if found && d.held[at].Len >= s.Len {
		d.resent(s)
		d.c.count.duplicates.Add(1)
		return
	}
	if len(d.held) == 0 {
		d.heldSince, d.heldTick = s.Exit, d.c.tick
	}
	d.held = slices.Insert(d.held, at, d.c.keep(s))
}

// forgetHeld drops what lies beyond a gap.
func (d *direction) forgetHeld() {
	for i := range d.held {
		d.c.release(&d.held[i])
	}
	d.held = nil
}

// drain takes what a filled gap has set free.
func (d *direction) drain() {
	for len(d.held) > 0 && !d.c.opaque {
		s := d.held[0]
		if int32(s.Seq-d.next) > 0 {
			return
		}
		d.c.release(&s)
		d.held = slices.Delete(d.held, 0, 1)
		if int32(s.Seq-d.next) < 0 && !trim(&s, d.next) {
			d.c.count.duplicates.Add(1)
			continue
		}
		d.take(&s)
	}
}

// giveUpGaps goes on behind the first gap, and before that behind the other side's, if what follows that was said before.
func (d *direction) giveUpGaps() {
	other := d.c.direction(!d.outgoing)
	if len(d.held) > 0 && len(other.held) > 0 && before(other.held[0].Seq, d.held[0].Ack) && !before(d.held[0].Seq, other.held[0].Ack) {
		other.giveUpGap()
	}
	d.giveUpGap()
}

// giveUpGap goes on behind the first gap: inside a body by arithmetic, else with the next
// message that is seen to begin.
func (d *direction) giveUpGap() {
	if len(d.held) == 0 {
		return
	}
	missing := uint64(d.held[0].Seq - d.next)
	d.heldSince, d.heldTick = d.held[0].Exit, d.c.tick
	if d.skip >= missing || d.open != 0 {
		d.c.count.gapsInBody.Add(1)
		d.passMissing(missing)
	} else {
		d.c.count.gaps.Add(1)
		whole, ack := d.synced && !d.inMessage, uint32(0)
		if d.inMessage {
			ack = d.msg.ack
		}
		d.abandon(true)
		d.missed(ack)
		d.gap.whole = whole
	}
	if len(d.held) > 0 { // else giving up closed the connection's matters
		d.next = d.held[0].Seq
		d.drain()
	}
}
