package session

import "github.com/throughline-io/throughline/agent/l7"

// A system call is seen when it returns. A thread that was stopped inside the write of its
// request may return after another one has read the response: then the response is seen
// first. So a response nobody waits for is kept until the client is heard of again, and
// the times tell which was first.

// keepEarly takes a segment of a response whose request has not been seen; false: it is
// none.
func (c *Conn) keepEarly(d *direction, s *Segment) bool {
	if len(c.early) == 0 && !c.beginsEarly(d, s) || len(c.early) > 0 && d.outgoing != c.earlyOut {
		return false
	}
	if len(c.early) >= maxHeld || c.bytes > maxBytes {
		c.takeEarly(len(c.early))
		return false
	}
	c.earlyOut = d.outgoing
	if len(c.early) == 0 {
		c.earlyTick = c.tick
	}
	if kept := *s; len(c.early) == 0 {
		kept.Data = append(c.earlyRoom[:0], s.Data...)
		c.earlyRoom = nil
		c.bytes += segmentBytes(&kept)
		c.early = append(c.early, kept)
	} else {
		c.early = append(c.early, c.keep(s))
	}
	return true
}

// unasked is a dialogue that knows what a server says without being asked, which so is no answer.
type unasked interface{ Unasked(data []byte) bool }

// beginsEarly reports whether a response begins that no request waits for.
func (c *Conn) beginsEarly(d *direction, s *Segment) bool {
	if d.inMessage || d.placed && s.Seq != d.next || len(c.pending) > 0 {
		return false
	}
	if c.protocol == nil {
		_, m := c.detect(s.Data)
		return m == l7.MatchResponse
	}
	if d.fromClient() {
		return false
	}
	if u, ok := c.dialogue.(unasked); ok && d.synced && u.Unasked(s.Data) {
		return false
	}
	m := l7.MatchResponse
	if !d.synced {
		m = c.protocol.Resume(s.Data, s.Len-len(s.Data))
	}
	return m == l7.MatchResponse || m == l7.MatchEither
}

// takeEarlyBefore frames what was kept and is older than a segment of the client: what is
// written is sent from the call's entry on, what is read has arrived by its exit.
func (c *Conn) takeEarlyBefore(request *Segment) {
	n := 0
	for ; n < len(c.early); n++ {
		begun, arrived := request.Exit, c.early[n].Enter
		if !c.earlyOut {
			begun, arrived = request.Enter, c.early[n].Exit
		}
		if begun < arrived {
			break
		}
	}
	c.takeEarly(n)
}

// fewEarly is how many segments are kept early mostly.
const fewEarly = 2

// takeEarly frames the first n segments that were kept.
func (c *Conn) takeEarly(n int) {
	if n == 0 {
		return
	}
	c.detection.told.data = nil
	early, rest := c.early[:n], c.early[n:]
	c.early = nil
	if len(rest) > 0 {
		c.early = rest
	}
	d := c.direction(c.earlyOut)
	for i := range early {
		c.release(&early[i])
		if !c.opaque {
			d.feed(&early[i])
		}
	}
	if c.early == nil && cap(early) <= 2*fewEarly && cap(early[0].Data) <= fewEarly*1024 { // what comes next takes their room
		c.earlyRoom = early[0].Data[:0]
		clear(early)
		c.early = early[:0]
	}
}
