package session

import (
	"net/netip"
	"slices"

	"github.com/throughline-io/throughline/agent/l7"
	"github.com/throughline-io/throughline/pkg/span"
)

// requestFields is where the dialogue writes what the request being framed says.
func (d *direction) requestFields() *l7.Fields {
	if d.headDone && d.sess != nil {
		return &d.sess.L7
	}
	if d.c.spare == nil {
		d.c.spare = new(Session)
	}
	return &d.c.spare.L7
}

// responseFields is what the request says that the response being framed answers.
func (d *direction) responseFields() *l7.Fields {
	if d.headDone {
		if d.sess == nil {
			return nil
		}
		return &d.sess.L7
	}
	c := d.c
	if d.afterGap {
		c.skipUnanswered(d.own.First.Exit)
	}
	if len(c.pending) == 0 {
		return nil
	}
	return &c.pending[0].L7
}

// skipUnanswered gives up the requests whose responses fell into a gap. Without pipelining
// a response answers the latest request begun before it.
func (c *Conn) skipUnanswered(response int64) {
	for len(c.pending) > 1 && c.pending[1].Request.FirstEnter <= response {
		c.giveUpFirst()
	}
}

// header is called when a message's header is complete.
func (d *direction) header() {
	if d.isRequest() {
		d.c.requestHeader(d)
	} else {
		d.c.responseHeader(d)
	}
}

func (c *Conn) requestHeader(d *direction) {
	s := c.spare
	if d.role == l7.Aside || d.role == l7.OneWay {
		s.L7 = l7.Fields{}
		if d.role == l7.Aside {
			c.count.aside.Add(1)
		} else {
			c.count.oneWay.Add(1)
		}
		return
	}
	// A new request ends a response of unknown length, unless requests are pipelined. So it
	// does one whose request was not seen: if that was a HEAD, the length it states is not
	// its own.
	switch r := c.responses(); {
	case r.open != 0 && len(c.pending) == 1:
		r.endOpen()
	case r.headDone && r.sess == nil && len(c.pending) == 0:
		r.abandon(false)
	}
	if len(c.pending) >= maxPending {
		c.count.overflow.Add(1)
		c.giveUpFirst()
	}
	c.spare = nil
	s.Client, s.Server = c.ends()
	s.LocalIsClient = c.clientOut
	s.Request = d.own
	if c.attributes != nil {
		s.L7.Attributes = append(slices.Clip(c.attributes), s.L7.Attributes...)
	}
	s.silent = d.role == l7.Silent
	d.sess, d.msg = s, &s.Request
	c.pending = append(c.pending, s)
	if !s.silent && c.o.OnRequest != nil {
		c.o.OnRequest(s)
	}
}

func (c *Conn) ends() (client, server netip.AddrPort) {
	if c.clientOut {
		return c.o.Local, c.o.Remote
	}
	return c.o.Remote, c.o.Local
}

func (c *Conn) responseHeader(d *direction) {
	if d.role == l7.Aside {
		c.count.aside.Add(1)
		return
	}
	d.afterGap = false
	if len(c.pending) == 0 {
		c.count.orphans.Add(1)
		return
	}
	s := c.pending[0]
	s.Response, s.HasResponse = d.own, true
	d.sess, d.msg = s, &s.Response
}

// finish ends the message.
func (d *direction) finish() {
	s := d.sess
	d.inMessage, d.headDone, d.open, d.skip, d.after = false, false, 0, 0, askBytes
	d.sess, d.msg = nil, nil
	d.synced = true
	if s != nil && !d.isRequest() {
		d.c.emit(s)
	}
}

// abandon gives the message in progress up; the next one must be seen to begin. A response
// whose header was read is reported as far as it was seen.
func (d *direction) abandon(lost bool) {
	if d.inMessage {
		if lost || d.sess == nil {
			d.c.count.lostHeads.Add(1)
		}
		if d.c.dialogue != nil {
			d.c.dialogue.Reset(d.isRequest())
		}
		if d.c.protocol != nil {
			d.finish()
		}
	}
	d.inMessage, d.synced = false, false
	d.skip, d.after = 0, askBytes
	d.forgetBuffer()
}

// giveUpFirst reports the oldest request without waiting any longer.
func (c *Conn) giveUpFirst() {
	s := c.pending[0]
	if r := c.responses(); r.sess == s {
		r.abandon(false)
		return
	}
	c.emit(s)
}

// emit reports a session and forgets it.
func (c *Conn) emit(s *Session) {
	if i := slices.Index(c.pending, s); i >= 0 {
		c.pending = slices.Delete(c.pending, i, i+1)
	}
	if r := c.requests(); r.sess == s { // answered before all of it was seen
		r.own = s.Request
		r.sess, r.msg = nil, &r.own
	}
	switch {
	case s.silent:
		c.count.silent.Add(1)
	case s.HasResponse:
		c.count.sessions.Add(1)
	default:
		c.count.unanswered.Add(1)
		s.L7.Status = span.StatusTimeout
	}
	if !s.silent && c.o.OnSession != nil {
		c.o.OnSession(s)
	}
	if c.spare == nil {
		*s = Session{}
		c.spare = s
	}
}
