package sys

// skimAfter is how many calls of a socket are read in vain, in a second, before it is only skimmed:
// then the kernel takes what looks like a message of HTTP beginning and leaves the rest of TLS and of unknown
// protocols where it is. At the next sweep it gets as many calls again: a connection that was taken up
// in the middle of a long body is recognized within seconds.
const skimAfter = 32

// fed looks after a call whether its socket's bytes can be read.
func (c *Capture) fed(s *socket) {
	if s.conn.Readable() {
		c.readOn(s)
		return
	}
	if s.unread++; s.unread != skimAfter {
		return
	}
	if c.programs.coll.Maps["skims"].Put(s.inode, uint8(1)) != nil {
		return // full: all of it is read on
	}
	s.skimmed = true
	if c.skimmed++; c.skimmed == 1 {
		_ = c.programs.coll.Variables["any_skims"].Set(true) // else nothing is skimmed, which is only slower
	}
}

// readOn ends what fed began.
func (c *Capture) readOn(s *socket) {
	s.unread = 0
	if !s.skimmed {
		return
	}
	s.skimmed = false
	_ = c.programs.coll.Maps["skims"].Delete(s.inode) // it is there
	if c.skimmed--; c.skimmed == 0 {
		_ = c.programs.coll.Variables["any_skims"].Set(false)
	}
}
