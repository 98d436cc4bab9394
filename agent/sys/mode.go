package sys

import "github.com/throughline-io/throughline/bpf"

const (
	modeFull   = bpf.SockioModeMODE_FULL
	modeHead   = bpf.SockioModeMODE_HEAD
	modeOff    = bpf.SockioModeMODE_OFF
	modeFrames = bpf.SockioModeMODE_FRAMES
)

// headsAfter is how many calls of a socket are read in vain, in a second, until the kernel takes what looks like a
// message of HTTP beginning and leaves the rest of TLS and of unknown protocols where it is. At the next sweep the
// socket gets as many calls again: a connection that was taken up in the middle of a long body is recognized within
// seconds. One whose protocol was not found out by then, or that nobody can read any more, is off until it ends.
const headsAfter = 32

// fed looks after a call how much is to be taken of the socket's next ones.
func (c *Capture) fed(s *socket) {
	c.unreadable(s)
	switch {
	case s.conn.GivenUp() && c.tls.Expects(s):
		c.take(s, modeFrames) // its records tell where what is read lies
	case s.conn.GivenUp():
		c.take(s, modeOff)
	case s.conn.Readable():
		s.unread = 0
		c.take(s, s.readable())
	default:
		if s.unread++; s.unread == headsAfter {
			c.take(s, modeHead)
		}
	}
}

// unreadable says so of what a process is asked by a socket. A server of HTTP/2 may speak first: then it was asked nothing.
func (c *Capture) unreadable(s *socket) {
	if s.conn.Readable() || !s.serves {
		return
	}
	if s.asked = s.asked || !c.moment.Out; s.asked {
		c.causes.Unreadable(&c.moment)
	}
}

// readable is the mode of a socket whose protocol is known.
func (s *socket) readable() bpf.SockioMode {
	if s.conn.AtOnce() {
		return modeFrames
	}
	return modeFull
}

// take tells the kernel how much to take of a socket. Where its table is full, all of it is read on.
func (c *Capture) take(s *socket, m bpf.SockioMode) {
	if s.mode == m {
		return
	}
	modes := c.programs.coll.Maps["modes"]
	switch {
	case m == modeFull:
		_ = modes.Delete(s.inode) // it is there
		c.limited.Remove(s.inode)
	case modes.Put(s.inode, uint8(m)) != nil:
		return
	case s.mode == modeFull:
		c.limited.Add(s.inode)
	}
	if s.serves && (s.mode == modeOff) != (m == modeOff) {
		c.blind(s, m == modeOff)
	}
	s.mode = m
}

// blind says of the process that a socket serves that nothing is seen of its requests, or that it is again.
func (c *Capture) blind(s *socket, is bool) {
	if is {
		s.blind = &s.process.cause
		s.blind.Blind(1)
	} else {
		s.blind.Blind(-1)
	}
}
