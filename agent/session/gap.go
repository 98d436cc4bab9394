package session

import "github.com/throughline-io/throughline/agent/l7"

// A gap in a direction may hold any number of messages. What was asked before it, and what is asked behind it, must not
// be taken for the other's. Sequence numbers tell: a segment's Ack says how far the other side had been when it was
// sent. So an answer that begins before that place is to an earlier request, and a client that waits for each
// answer before it asks again has one request open at a time. Where requests are pipelined nothing proves which of
// them a gap has answered: they end as unknown, and so do later ones, until no answer can be owed any more.

// gap is what is not known of what a direction has said since its last message.
type gap struct {
	missed bool   // messages may be missing
	whole  bool   // it begins with one
	ack    uint32 // of the message that it is the end of; 0: of none
}

// owesUnknown is of connections of which nobody knows how many requests were not seen.
const owesUnknown = -1

// settled is how long nothing is said on a connection, in ns, until it owes no answer any more.
const settled = int64(1e9)

// misser is a dialogue that reads a frame by what was said in those before it.
type misser interface{ Missed(request bool) }

func (d *direction) missed(ack uint32) {
	d.gap = gap{missed: true, ack: ack}
	if m, ok := d.c.dialogue.(misser); ok {
		m.Missed(d.fromClient())
	}
	if d.c.multiplexed && !d.fromClient() {
		for _, s := range d.c.pending {
			s.doubted = true
		}
	}
}

// mayOwe notes, where an answer of unknown length ends, that others may have ended in it: of requests that did not wait.
func (d *direction) mayOwe() {
	if d.open == l7.Open && !d.asking && d.key == 0 && len(d.c.pending) > 1 {
		d.missed(0)
	}
}

func before(a, b uint32) bool { return int32(a-b) < 0 }

// askBehindGap looks, when a request begins, whether earlier ones may be answered before it.
func (d *direction) askBehindGap(s *Session) {
	c, answers, ack := d.c, d.c.direction(!d.outgoing), s.Request.ack
	missed, whole, since := d.gap.missed, d.gap.whole, answers.said
	if d.gap.ack != 0 {
		since = d.gap.ack
	}
	d.gap = gap{}
	if ack == 0 {
		return
	}
	silent := !before(since, ack) // the server has answered nothing since
	if n := len(c.pending); n > 0 {
		last := c.pending[n-1]
		silent = last.key == 0 && !last.oneWay && last.Request.ack != 0 && !before(last.Request.ack, ack)
		c.pipelines = c.pipelines || silent
	}
	c.pipelines = c.pipelines || missed && whole && silent && !c.protocol.Unanswered
	switch {
	case missed && (silent || c.pipelines):
		c.owed = owesUnknown
	case c.owed != 0 && len(c.pending) == 0 && !answers.inMessage && answers.next == ack && (!c.pipelines || s.Request.FirstEnter-answers.seen > settled):
		c.owed = 0
	}
	s.behind = c.owed != 0
}

// asksAfter reports whether a request was made when the answers were beyond a place.
func (s *Session) asksAfter(place uint32) bool {
	return s.Request.ack != 0 && before(place, s.Request.ack)
}

// isAwaited reports whether a request waits for what begins in the server's direction.
func (d *direction) isAwaited() bool {
	return len(d.c.pending) > 0 && !d.c.pending[0].asksAfter(d.own.Seq)
}

// candidate is the session that what begins in the server's direction would answer, if it is an answer.
func (d *direction) candidate() *Session {
	pending := d.c.pending
	switch n := d.mayBeAnswered(); {
	case len(pending) == 0 || pending[0].HasResponse || !d.gap.missed:
		if !d.isAwaited() {
			return nil
		}
		return d.c.find(0, false)
	case n < len(pending) && !pending[n].asksAfter(d.own.Seq):
		return pending[n]
	case n > 0:
		return pending[n-1] // it may be what is left of that one's answer, and no beginning
	}
	return nil
}

// answered is the session that the answer belongs to which begins now, or goes on.
func (d *direction) answered(key uint64, pushed bool) *Session {
	c := d.c
	s := c.find(key, pushed)
	if pushed || s == nil || s.HasResponse {
		return s
	}
	if key != 0 {
		if s.asksAfter(d.own.Seq) { // it is to one that had the key before
			return nil
		}
		return s
	}
	if d.gap.missed {
		d.answerBehindGap()
		s = c.find(key, pushed)
	}
	switch {
	case s == nil, s.asksAfter(d.own.Seq): // it is to an earlier one
		return nil
	case s.behind && c.owed != 0: // or it may be
		d.c.giveUpAmbiguous(s)
		if c.owed > 0 {
			c.owed++
		}
		return nil
	}
	return s
}

// answerBehindGap gives up the requests that a gap in front of an answer may have answered.
func (d *direction) answerBehindGap() {
	c, whole := d.c, d.gap.whole
	d.gap = gap{}
	n := d.mayBeAnswered()
	if n == 0 {
		return
	}
	last := c.pending[n-1]
	wentOn := n < len(c.pending) && !c.pending[n].asksAfter(d.own.Seq) // the gap has answered the last one
	more := last.asked && d.own.ack != 0 && before(last.Request.Seq+uint32(last.Request.Size), d.own.ack)
	if !wentOn && !more && (n == 1 || !c.pipelines) {
		n-- // this is the last one's answer
	}
	for range n {
		c.giveUpAmbiguous(c.pending[0])
	}
	if n == 0 || !c.pipelines || c.owed == owesUnknown {
		return
	}
	if c.owed += n; whole {
		c.owed-- // the gap has answered one at least
	}
	for _, s := range c.pending {
		s.behind = s.behind || c.owed != 0
	}
}

func (c *Conn) giveUpAmbiguous(s *Session) {
	c.count.ambiguous.Add(1)
	f := &s.L7 // the answer's beginning may have been read for its
	f.Code, f.StatusMessage, f.XResponseID = 0, "", ""
	c.giveUp(s, Unknown, c.after(s))
}

// mayBeAnswered is how many requests, of those that wait first, may have been answered before what begins now.
func (d *direction) mayBeAnswered() (n int) {
	for _, s := range d.c.pending {
		if s.key != 0 || s.Pushed || s.Request.ack != 0 && !before(s.Request.ack, d.own.Seq) {
			break
		}
		n++
	}
	return n
}
