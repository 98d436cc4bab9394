package session

import "math"

// resent counts a segment with bytes that were seen before: at a place before the one where
// its first copy was lost.
func (d *direction) resent(s *Segment) {
	if s.Len == 1 && s.Seq == d.next-1 {
		return // a keep-alive probe may carry the last byte again (RFC 9293, 3.8.4)
	}
	if m := d.messageAt(s.Seq); m != nil {
		if m.Resent < math.MaxUint16 {
			m.Resent++
		}
	} else if d.c.o.OnResent != nil {
		d.c.telling = true
		d.c.o.OnResent(d.outgoing, s.Seq)
		d.c.telling = false
	}
}

// messageAt is the open message that a byte seen belongs to, or will belong to.
func (d *direction) messageAt(seq uint32) *Message {
	if d.inMessage && int32(seq-d.msg.Seq) >= 0 {
		return d.msg
	}
	if d.c.protocol == nil || !d.fromClient() {
		return nil
	}
	for i := len(d.c.pending) - 1; i >= 0; i-- {
		if m := &d.c.pending[i].Request; int32(seq-m.Seq) >= 0 {
			if uint64(seq-m.Seq) < m.Size {
				return m
			}
			return nil
		}
	}
	return nil
}
