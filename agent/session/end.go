package session

import "github.com/throughline-io/throughline/pkg/span"

// End is how a session ended.
type End uint8

// The ends.
const (
	Complete   End = iota // the answer ended; of a request that nobody answers, the request
	Reset                 // the connection was reset, or the request cancelled
	Closed                // a side closed the connection
	Unanswered            // nothing came for as long as the protocol has patience
	Unknown               // it may have been answered: the client went on, or capture did not see all
	Open                  // it has not: it is reported while it lasts
	Mistaken              // it was no request: the other side speaks another protocol
)

// status is what a request without an answer is said to have come to.
func (e End) status() span.Status {
	switch e {
	case Reset:
		return span.StatusReset
	case Closed:
		return span.StatusClosed
	case Unanswered:
		return span.StatusUnanswered
	case Open:
		return span.StatusOpen
	}
	return span.StatusUnknown
}

// Fin says that one side will send nothing more, at a time in Unix ns. What the other side
// sends still counts.
func (c *Conn) Fin(outgoing bool, at int64) {
	if d := c.direction(outgoing); d.fin == 0 {
		d.fin = at
	}
}

// Reset says that the connection was reset, at a time in Unix ns. What was sent before may
// still be fed; then Close ends the connection.
func (c *Conn) Reset(at int64) {
	if c.reset == 0 {
		c.reset = at
	}
}

// Closing reports whether both sides have said that they send nothing more, or one that
// nothing is heard any more.
func (c *Conn) Closing() bool { return c.reset != 0 || c.out.fin != 0 && c.in.fin != 0 }

// Waits reports whether a request is open.
func (c *Conn) Waits() bool { return len(c.pending) > 0 }

// OneSided reports whether nothing was ever seen of one side.
func (c *Conn) OneSided() bool { return !c.out.heard || !c.in.heard }

// closing is how a session ends with its connection, and when.
func (c *Conn) closing(s *Session) (End, int64) {
	asker, other := c.direction(s.LocalIsClient), c.direction(!s.LocalIsClient)
	switch next := c.after(s); {
	case next != 0 && !s.HasResponse:
		return Unknown, next
	case s.doubted:
		return Unknown, 0
	case c.reset != 0:
		return Reset, c.reset
	case other.fin != 0:
		return Closed, other.fin
	case asker.fin != 0:
		return Closed, asker.fin
	}
	return Unknown, 0
}

// after is when the client went on to its next request behind s, which it would not have done
// without an answer; 0: it did not, or asks without waiting.
func (c *Conn) after(s *Session) int64 {
	if s.key != 0 {
		return 0
	}
	for i, p := range c.pending {
		if p == s {
			for _, next := range c.pending[i+1:] {
				if next.key == 0 && next.Pushed == s.Pushed {
					return next.Request.FirstEnter
				}
			}
		}
	}
	return 0
}
