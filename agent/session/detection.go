package session

import (
	"unsafe"

	"github.com/throughline-io/throughline/agent/l7"
)

// Bounds of what is looked at to find out a connection's protocol. A message begins where a side takes
// its turn: of what it says behind, as of a body that capture met in its middle, a beginning is known
// that one segment tells, and nothing is kept or counted.
const (
	maxLooks       = 512              // in all, until the connection is left as unknown
	maxLooksOfTurn = 16               // of what one side says at a stretch
	turnPause      = 100 * int64(1e6) // ns: who speaks again after it takes a turn
	maxRefuted     = 2                // requests in a row that the other side's bytes do not answer
	maxMistakes    = 2                // protocols that were none
)

// detection is how far a connection's protocol is found out. One side's bytes make it probable, the
// other's confirm it.
type detection struct {
	looks, ofTurn int
	turn          bool  // whose turn it is: outgoing
	lookedAt      int64 // the latest segment

	by        bool // whose bytes told the protocol: outgoing
	confirmed bool
	refuted   int
	doubted   uint32 // sequence number of the request that was refuted latest
	mistakes  int

	told told
}

// told is what the beginning of a segment was told to be: it is asked for twice while a segment is fed, and only then is it good.
type told struct {
	data     *byte
	n        int
	protocol *l7.Protocol
	match    l7.Match
}

// detect tells what begins with data, which is of the segment that is fed or was kept.
func (c *Conn) detect(data []byte) (*l7.Protocol, l7.Match) {
	t := &c.detection.told
	if at := unsafe.SliceData(data); t.data == nil || t.data != at || t.n != len(data) {
		t.protocol, t.match = c.o.Protocols.Detect(data)
		t.data, t.n = at, len(data)
	}
	return t.protocol, t.match
}

// mayLook reports whether a direction's next bytes may be waited for, and count as looked at in vain.
func (c *Conn) mayLook(outgoing bool) bool {
	f := &c.detection
	if f.turn != outgoing || c.last-f.lookedAt > turnPause {
		f.ofTurn = 0
	}
	f.turn, f.lookedAt = outgoing, c.last
	f.ofTurn++
	return f.ofTurn <= maxLooksOfTurn
}

// looked says that bytes were of no protocol.
func (c *Conn) looked() {
	if c.detection.looks++; c.detection.looks > maxLooks {
		c.leave()
	}
}

// leave gives up to find out the connection's protocol, until it is opened anew.
func (c *Conn) leave() {
	c.left, c.opaque = true, true
	c.count.left.Add(1)
	for _, d := range [...]*direction{&c.out, &c.in} {
		d.forgetHeld()
	}
}

// confirm says that a frame begins in a direction, as the protocol wants it.
func (c *Conn) confirm(outgoing bool) {
	if outgoing != c.detection.by {
		c.detection.confirmed, c.detection.refuted = true, 0
	}
}

// refute says that what a direction says is no frame, though a request waits for its answer.
func (c *Conn) refute(outgoing bool) {
	f := &c.detection
	if f.confirmed || outgoing == f.by || len(c.pending) == 0 {
		return
	}
	at := c.pending[len(c.pending)-1].Request.Seq
	if f.refuted > 0 && at == f.doubted {
		return
	}
	f.doubted = at
	if f.refuted++; f.refuted >= maxRefuted {
		c.mistook()
	}
}

// mistook takes back the protocol: requests were seen where there were none.
func (c *Conn) mistook() {
	for len(c.pending) > 0 {
		c.emit(c.pending[0], Mistaken, 0)
	}
	for _, d := range [...]*direction{&c.out, &c.in} {
		d.framing, d.synced = framing{}, false
	}
	c.protocol, c.dialogue, c.misses = nil, nil, 0
	mistakes := c.detection.mistakes + 1
	c.detection = detection{looks: c.detection.looks, mistakes: mistakes}
	if mistakes >= maxMistakes {
		c.leave()
	}
}
