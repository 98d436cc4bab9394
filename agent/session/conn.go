package session

// Conn is one TCP connection as one observer sees it. It is not safe for concurrent use.
type Conn struct {
	o Options
}

// NewConn begins a connection; capture may begin in its middle.
func NewConn(o Options) *Conn { return &Conn{o: o} }

// Feed takes the next segment seen; outgoing is from Local to Remote.
func (c *Conn) Feed(outgoing bool, s *Segment) {}

// Restart says that the connection was opened anew (a SYN was seen).
func (c *Conn) Restart() {}

// Sweep gives up what has waited too long; now is in Unix ns.
func (c *Conn) Sweep(now int64) {}

// Close ends the connection: what is complete is reported.
func (c *Conn) Close() {}
