package session

import "github.com/throughline-io/throughline/agent/l7"

var _ l7.Exchanges = (*direction)(nil)

// Begun is where the dialogue writes what the request being framed says.
func (d *direction) Begun() *l7.Fields {
	c := d.c
	switch {
	case d.headDone && d.asking && d.sess != nil:
		return &d.sess.L7
	case d.headDone:
		if c.nobody == nil {
			c.nobody = new(l7.Fields)
		}
		return c.nobody
	case c.spare == nil:
		c.spare = c.fresh()
	}
	return &c.spare.L7
}

// maxSpares is how many sessions that are over lend their room to those that come, where a connection has many at once.
const maxSpares = 16

// fresh is a session that nothing is known of yet.
func (c *Conn) fresh() *Session {
	n := len(c.spares)
	if n == 0 {
		return new(Session)
	}
	s := c.spares[n-1]
	c.spares = c.spares[:n-1]
	return s
}

// recycle lets go of a session that was reported.
func (c *Conn) recycle(s *Session) {
	*s = Session{}
	switch {
	case c.spare == nil:
		c.spare = s
	case len(c.spares) < maxSpares:
		c.spares = append(c.spares, s)
	}
}

// Open is what the request says that the answer being framed is to.
func (d *direction) Open(key uint64) *l7.Fields {
	if d.headDone && !d.asking && d.key == key {
		if d.sess == nil && key == 0 {
			return d.c.orphan
		}
		return fieldsOf(d.sess)
	}
	if key == 0 {
		return fieldsOf(d.candidate())
	}
	s := d.c.find(key, false)
	if s != nil && !d.fromClient() && s.asksAfter(d.own.Seq) {
		return nil
	}
	return fieldsOf(s)
}

// Pushed is Open of what the server asked.
func (d *direction) Pushed(key uint64) *l7.Fields { return fieldsOf(d.c.find(key, true)) }

func fieldsOf(s *Session) *l7.Fields {
	if s == nil {
		return nil
	}
	return &s.L7
}

// find is the oldest open session with a key that somebody answers.
func (c *Conn) find(key uint64, pushed bool) *Session {
	for _, s := range c.pending {
		if s.key == key && s.Pushed == pushed && !s.oneWay {
			return s
		}
	}
	return nil
}

// asked is the session whose request goes on: the latest with a key that is not complete.
func (c *Conn) asked(key uint64, pushed bool) *Session {
	for i := len(c.pending) - 1; i >= 0; i-- {
		if s := c.pending[i]; s.key == key && s.Pushed == pushed && !s.asked {
			return s
		}
	}
	return nil
}
