package net

import (
	"math"
	"unsafe"

	"github.com/throughline-io/throughline/agent/flow"
)

// timeline is when the bytes of one direction of a connection passed an interface, where nobody can tell what they say from
// the packets: who can says afterwards where a message lay.
type timeline struct {
	stretches []stretch // by sequence number
}

// stretch is bytes that passed, as one packet or, long ago, as several.
type stretch struct {
	seq, end    uint32
	first, last int64 // times of its first and its last packet, Unix ns
	tunnels     tunnels
	resent      uint16 // packets with bytes of it that had passed before
	turns       bool   // the other side had said something since the stretch before it: a message is likely to begin here
}

// stretchesKept bounds the stretches of a direction. Of more the old ones are joined, but for where a message is likely to
// begin: of a long answer the first packet is known still when it ends.
const stretchesKept = 128

const stretchBytes = int(unsafe.Sizeof(stretch{}))

func (t *timeline) bytes() int { return cap(t.stretches) * stretchBytes }

// add takes a packet.
func (t *timeline) add(s stretch) {
	at := len(t.stretches)
	for at > 0 && int32(t.stretches[at-1].seq-s.seq) > 0 {
		at--
	}
	if at > 0 {
		if before := &t.stretches[at-1]; int32(before.end-s.seq) > 0 { // it passed before, all of it or its beginning
			if before.resent < math.MaxUint16 {
				before.resent++
			}
			if int32(before.end-s.end) >= 0 {
				return
			}
			s.seq = before.end
		}
	}
	if len(t.stretches) >= stretchesKept {
		t.join()
		at = len(t.stretches)
		for at > 0 && int32(t.stretches[at-1].seq-s.seq) > 0 {
			at--
		}
	}
	t.stretches = append(t.stretches, stretch{})
	copy(t.stretches[at+1:], t.stretches[at:])
	t.stretches[at] = s
}

// join joins the older three quarters two by two, first those where no message is likely to begin. Where that is not much, as
// bytes between them were not seen, the oldest quarter goes.
func (t *timeline) join() {
	const old = stretchesKept * 3 / 4
	t.joinUpTo(old, false)
	if len(t.stretches) > old {
		t.joinUpTo(old, true)
	}
	if len(t.stretches) > old {
		t.stretches = t.stretches[:copy(t.stretches, t.stretches[stretchesKept/4:])]
	}
}

func (t *timeline) joinUpTo(old int, alsoTurns bool) {
	kept := t.stretches[:0]
	for i := 0; i < len(t.stretches); i++ {
		s := t.stretches[i]
		if i+1 < old && (alsoTurns || !t.stretches[i+1].turns) && t.stretches[i+1].seq == s.end {
			i++
			next := &t.stretches[i]
			s.end, s.last = next.end, max(s.last, next.last)
			s.resent += min(next.resent, math.MaxUint16-s.resent)
		}
		kept = append(kept, s)
	}
	t.stretches = kept
}

// find is the stretch with a byte; nil: it was not seen.
func (t *timeline) find(seq uint32) *stretch {
	for i := len(t.stretches) - 1; i >= 0; i-- {
		if s := &t.stretches[i]; int32(seq-s.seq) >= 0 {
			if int32(seq-s.end) < 0 {
				return s
			}
			return nil
		}
	}
	return nil
}

// at is when a byte of the stretch passed: of several packets about when, as they came one behind the other.
func (s *stretch) at(seq uint32) int64 {
	length := int64(s.end - s.seq)
	if s.first == s.last || length <= 1 {
		return s.last
	}
	return s.first + int64(float64(s.last-s.first)*float64(seq-s.seq)/float64(length-1))
}

// resentIn counts the packets that were sent again with bytes of a message.
func (t *timeline) resentIn(r flow.Range) (n uint16) {
	from, to := r.From, r.To
	if to == 0 {
		to = from + 1
	}
	for i := len(t.stretches) - 1; i >= 0; i-- {
		s := &t.stretches[i]
		if int32(s.end-from) <= 0 {
			break
		}
		if int32(s.seq-to) < 0 {
			n += min(s.resent, math.MaxUint16-n)
		}
	}
	return n
}
