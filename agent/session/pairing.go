package session

import (
	"net/netip"
	"slices"

	"github.com/throughline-io/throughline/agent/l7"
)

// header is called when a frame's header is complete.
func (d *direction) header(step *l7.Step, s *Segment) {
	c := d.c
	kind := step.Kind
	if kind&^(l7.Reversed|l7.UpTo) == 0 {
		kind |= l7.Whole
	}
	d.kind, d.key = kind, step.Key
	d.asking = d.fromClient() != (kind&l7.Reversed != 0)
	if step.Key != 0 {
		c.multiplexed = true
	}
	switch {
	case step.Role == l7.Aside:
		if d.asking && c.spare != nil {
			c.spare.L7 = l7.Fields{}
		}
		c.count.aside.Add(1)
	case kind&l7.Cancels != 0:
		d.cancel(s)
	case d.asking && kind&l7.Begins != 0:
		d.ask(step.Role)
	case d.asking:
		d.askOn()
	default:
		d.answer()
	}
}

// ask begins a request.
func (d *direction) ask(role l7.Role) {
	c, s := d.c, d.c.spare
	if s == nil {
		s = c.fresh() // the dialogue had nothing to say of it
	}
	if role == l7.Dismissed {
		s.L7 = l7.Fields{}
		c.count.oneWay.Add(1)
		return
	}
	if !c.multiplexed {
		if d.fromClient() { // else it is what the server says unasked
			d.endUnseen()
		}
	} else if reused := c.find(d.key, d.kind&l7.Reversed != 0); reused != nil && d.key != 0 {
		c.giveUp(reused, Unknown, d.own.FirstEnter) // its end was not seen
	}
	c.makeRoom()
	c.spare = nil
	s.Pushed, s.AtOnce = d.kind&l7.Reversed != 0, c.protocol.AtOnce
	s.LocalIsClient = d.outgoing
	s.Client, s.Server = c.ends(d.outgoing)
	s.key, s.silent, s.oneWay = d.key, role == l7.Silent, role == l7.OneWay
	s.Request = d.own
	switch {
	case c.attributes == nil:
	case len(s.L7.Attributes) == 0:
		s.L7.Attributes = slices.Clip(c.attributes)
	default:
		s.L7.Attributes = append(slices.Clip(c.attributes), s.L7.Attributes...)
	}
	d.sess, d.msg = s, &s.Request
	if s.key == 0 && !s.Pushed {
		d.askBehindGap(s)
	}
	c.pending = append(c.pending, s)
	c.charge(s)
	if d.kind&l7.Headed != 0 {
		c.report(s)
	}
}

// askOn goes on with a request that was begun by another frame.
func (d *direction) askOn() {
	s := d.c.asked(d.key, d.kind&l7.Reversed != 0)
	if s == nil {
		return // its beginning was not seen, or it is over
	}
	s.Request.goesOn(&d.own, d.kind&l7.Headed != 0)
	d.sess, d.msg = s, &s.Request
	if d.kind&l7.Headed != 0 {
		d.c.report(s)
	}
}

// report tells the owner of a request whose header is complete.
func (c *Conn) report(s *Session) {
	if s.reported || s.silent {
		return
	}
	s.reported = true
	c.redact(s)
	if c.o.OnRequest != nil {
		c.toOwner(c.o.OnRequest, s)
	}
}

// redact takes the secrets out of what is known of a session by now.
func (c *Conn) redact(s *Session) {
	if !c.o.KeepSecrets && c.protocol != nil && c.protocol.Redact != nil {
		c.protocol.Redact(&s.L7)
	}
	s.redacted = s.L7.Resource
}

// endUnseen: a new request ends a response of unknown length, unless requests are pipelined.
// So it does one whose request was not seen: if that was a HEAD, the length it states is not
// its own. Where answers to pipelined requests were in what was not captured, a client that has got all there is, and
// asks anew after a pause, has got them.
func (d *direction) endUnseen() {
	c := d.c
	switch r := c.responses(); {
	case len(c.pending) > 1 && (r.open == l7.Open || r.gap.missed && !r.inMessage) && d.own.ack != 0 && r.next == d.own.ack && d.own.FirstEnter-r.seen > settled:
		if r.open != 0 {
			r.endOpen()
		}
		for len(c.pending) > 0 {
			c.giveUpAmbiguous(c.pending[0])
		}
		r.gap, c.owed = gap{}, 0
	case r.open != 0 && len(c.pending) == 1:
		r.endOpen()
	case r.headDone && r.sess == nil && len(c.pending) == 0:
		r.abandon(false)
	}
}

// makeRoom gives up the oldest request if there are too many, or too much is kept for them.
func (c *Conn) makeRoom() {
	limit := maxPending
	if c.protocol.MaxOpen > 0 {
		limit = c.protocol.MaxOpen
	}
	for len(c.pending) >= limit || c.bytes > maxBytes && len(c.pending) > 0 {
		c.count.overflow.Add(1)
		s := c.pending[0]
		c.giveUp(s, Unknown, c.after(s))
	}
}

// ends are who asks and who is asked.
func (c *Conn) ends(outgoing bool) (client, server netip.AddrPort) {
	if outgoing {
		return c.o.Local, c.o.Remote
	}
	return c.o.Remote, c.o.Local
}

// answer begins an answer, or goes on with it.
func (d *direction) answer() {
	c, pushed := d.c, d.fromClient()
	if d.kind&l7.UpTo != 0 {
		c.answerUpTo(d.key, pushed, &d.own)
	}
	c.orphan = nil
	var taken *l7.Fields
	if d.key == 0 && (d.gap.missed || c.owed != 0) {
		if f := fieldsOf(d.candidate()); f != nil {
			if taken = c.taken; taken == nil {
				taken = new(l7.Fields)
				c.taken = taken
			}
			*taken = l7.Fields{Type: f.Type, Expect: f.Expect, Status: f.Status}
		}
	}
	s := d.answered(d.key, pushed)
	d.gap = gap{}
	if s == nil {
		c.orphan = taken // the dialogue goes on to read it as that one's answer
		if d.key == 0 && c.owed > 0 {
			c.owed--
		}
		if d.kind&l7.Begins != 0 && d.kind&l7.UpTo == 0 {
			c.count.orphans.Add(1)
		}
		return
	}
	s.doubted = false // it goes on
	if s.HasResponse {
		s.Response.goesOn(&d.own, d.kind&l7.Headed != 0)
	} else {
		s.Response, s.HasResponse = d.own, true
	}
	if d.kind&l7.Says != 0 && s.saidEnter == 0 {
		s.saidEnter, s.saidExit = d.own.FirstEnter, d.own.FirstExit
	}
	if s.turned == 0 && s.L7.Protocol == l7.WebSocket.Name { // a stream, of those of others
		s.turned, s.turnedTick = d.own.FirstExit, c.tick
	}
	d.sess, d.msg = s, &s.Response
}

// answerUpTo ends the open requests with keys below one, and the same upper half: they have the same answer.
func (c *Conn) answerUpTo(key uint64, pushed bool, m *Message) {
	for i := 0; i < len(c.pending); {
		s := c.pending[i]
		if s.key >= key || s.key>>32 != key>>32 || s.Pushed != pushed || s.oneWay {
			i++
			continue
		}
		s.Response, s.HasResponse = *m, true
		c.emit(s, Complete, 0)
	}
}

// cancel ends the request of a key, whichever side says so. One that was answered is over.
func (d *direction) cancel(at *Segment) {
	for _, pushed := range [...]bool{false, true} {
		for _, s := range d.c.pending {
			if s.key == d.key && s.Pushed == pushed {
				d.c.giveUp(s, Reset, at.Exit)
				return
			}
		}
	}
}

// finish ends the frame, and with its last one the message.
func (d *direction) finish() { d.finishAs(Complete, 0) }

func (d *direction) finishAs(end End, at int64) {
	s, ends, lasts, asking := d.sess, d.kind&l7.Ends != 0, d.kind&l7.Lasts != 0, d.asking
	d.inMessage, d.headDone, d.open, d.skip, d.after = false, false, 0, 0, askBytes
	d.sess, d.msg, d.kind, d.asking = nil, nil, 0, false
	d.synced = true
	switch {
	case s == nil || !ends:
	case !asking:
		d.said = s.Response.Seq + uint32(s.Response.Size)
		if s.answered = true; !lasts || s.asked {
			d.c.emit(s, end, at)
		}
	case s.oneWay:
		d.c.emit(s, end, at)
	default:
		if s.asked = true; s.answered {
			d.c.emit(s, end, at)
		}
	}
}

// goesOn lets the request go on that is answered by what the connection has turned to: it lasts from now on.
func (d *direction) goesOn() {
	if s := d.sess; s != nil && !d.asking && d.kind&l7.Ends == 0 {
		s.asked, s.turned, s.turnedTick = false, d.own.FirstExit, d.c.tick
	}
}

// abandon gives the frame in progress up; the next one must be seen to begin. A response
// whose header was read is reported as far as it was seen.
func (d *direction) abandon(lost bool) {
	if d.inMessage {
		if lost || d.sess == nil {
			d.c.count.lostHeads.Add(1)
		}
		if d.c.dialogue != nil {
			d.c.dialogue.Reset(d.fromClient())
		}
		if d.c.protocol != nil {
			d.finishAs(Unknown, 0)
		}
	}
	d.inMessage, d.synced = false, false
	d.skip, d.after = 0, askBytes
	d.forgetBuffer()
}

// giveUp reports a session without waiting any longer. A frame of it that goes on, among those of others, is framed on.
func (c *Conn) giveUp(s *Session, end End, at int64) {
	if r := c.direction(!s.LocalIsClient); r.sess == s && !r.asking && r.kind&l7.Ends != 0 && !c.multiplexed {
		if c.dialogue != nil {
			c.dialogue.Reset(r.fromClient())
		}
		r.finishAs(end, at)
		r.synced = false
		r.forgetBuffer()
		return
	}
	c.emit(s, end, at)
}

// giveUpAll ends what is open with the connection.
func (c *Conn) giveUpAll() {
	for len(c.pending) > 0 {
		s := c.pending[0]
		end, at := c.closing(s)
		c.giveUp(s, end, at)
	}
}

// emit reports a session and forgets it.
func (c *Conn) emit(s *Session, end End, at int64) {
	if i := slices.Index(c.pending, s); i >= 0 {
		c.pending = slices.Delete(c.pending, i, i+1)
	}
	c.bytes -= s.bytes
	for _, d := range [...]*direction{&c.out, &c.in} { // over before all of it was seen
		if d.sess == s {
			d.own = *d.msg
			d.sess, d.msg = nil, &d.own
		}
	}
	if c.refuted > 0 && !c.confirmed {
		end = Mistaken
	}
	s.End, s.Ended = end, at
	c.tell(s)
	switch {
	case end == Mistaken:
		c.count.mistaken.Add(1)
	case s.silent:
		c.count.silent.Add(1)
	case s.HasResponse:
		c.count.sessions.Add(1)
	case s.oneWay && end == Complete:
		c.count.sent.Add(1)
	default:
		c.count.unanswered.Add(1)
		s.L7.Status = end.status()
	}
	if !s.silent && (end != Mistaken || s.reported) {
		c.report(s)
		if s.L7.StatusMessage != "" || s.L7.Resource != s.redacted { // a request may say more behind its head
			c.redact(s)
		}
		if c.o.OnSession != nil {
			c.toOwner(c.o.OnSession, s)
		}
	}
	c.recycle(s)
}
