package session

import (
	"slices"

	"github.com/throughline-io/throughline/agent/l7"
	"github.com/throughline-io/throughline/agent/ledger"
	"github.com/throughline-io/throughline/pkg/span"
)

// Limits of one connection's memory.
const (
	maxPending = 256      // requests that wait for their response, where a protocol does not say
	maxHead    = 16 << 10 // bytes of a header kept until it is complete
	maxHeld    = 64       // segments kept until a gap before them is filled
	maxMisses  = 64       // segments at which no message begins, until the protocol is doubted
	maxBytes   = 1 << 20  // kept for requests that wait and segments that are held
)

// Conn is one TCP connection as one observer sees it. It is not safe for concurrent use.
type Conn struct {
	o     Options
	count *Counters

	protocol   *l7.Protocol // nil: not known yet
	dialogue   l7.Dialogue
	clientOut  bool             // the client is the local end
	attributes []span.Attribute // of every session
	opaque     bool             // nothing can be read until the connection is opened anew
	left       bool             // because its protocol was not found out
	detection

	out, in     direction  // Local->Remote and back
	pending     []*Session // in the order in which they were asked
	spare       *Session   // to be filled by the next request
	spares      []*Session // those that are over, for the ones behind it
	nobody      *l7.Fields // filled for messages that are of no session
	orphan      *l7.Fields // of the request that an answer was taken for until it was seen whose it is; nil: of none
	taken       *l7.Fields // the room for it
	multiplexed bool       // requests have keys
	early       []Segment  // of a response whose request has not been seen yet
	earlyRoom   []byte     // for the first of them
	earlyOut    bool       // their direction
	earlyTick   int64
	bytes       int // kept of pending, held and early

	pipelines bool // a request was seen that did not wait for the answer to the one before it
	owed      int  // answers at most that are still to come to requests that were given up; owesUnknown

	misses int   // beginnings in a row that were none
	last   int64 // the latest segment's exit
	reset  int64 // when the connection was reset

	telling bool // the owner is told something
	sweeps
}

// NewConn begins a connection; capture may begin in its middle.
func NewConn(o Options) *Conn {
	if o.Protocols == nil {
		o.Protocols = l7.All
	}
	if o.OpenAfter == 0 {
		o.OpenAfter = openAfter
	}
	if o.Counters == nil {
		o.Counters = NewCounters(new(ledger.Ledger), "")
	}
	o.Protocols = o.Protocols.Hinted(o.Local.Port(), o.Remote.Port())
	c := &Conn{o: o, count: o.Counters}
	c.out.c, c.in.c = c, c
	c.out.outgoing = true
	return c
}

// LastSeen is the time of the latest segment, in Unix ns.
func (c *Conn) LastSeen() int64 { return c.last }

// Readable reports whether the protocol is known by now and can be read.
func (c *Conn) Readable() bool { return c.protocol != nil && !c.opaque }

// AtOnce reports whether its protocol has many requests at once, in frames between each other.
func (c *Conn) AtOnce() bool { return c.protocol != nil && c.protocol.AtOnce }

// GivenUp reports whether nothing is read of it any more, until it is opened anew: of another protocol, or encrypted.
func (c *Conn) GivenUp() bool { return c.opaque }

// Feed takes the next segment seen; outgoing is from Local to Remote. It keeps nothing of s.
func (c *Conn) Feed(outgoing bool, s *Segment) {
	if s.Len <= 0 {
		return
	}
	c.count.segments.Add(1)
	c.last = max(c.last, s.Exit)
	if c.opaque {
		if c.left {
			c.count.unknown.Add(1)
		} else {
			c.count.opaque.Add(1)
		}
		return
	}
	seg := *s
	if len(seg.Data) > seg.Len {
		seg.Data = seg.Data[:seg.Len]
	}
	defer c.contain()
	c.detection.told.data = nil
	d := c.direction(outgoing)
	if c.keepEarly(d, &seg) {
		d.heard = true
		return
	}
	if len(c.early) > 0 {
		c.takeEarlyBefore(&seg)
	}
	d.heard = true // not before: a side that has said nothing yet begins with what comes next
	if other := c.direction(!outgoing); !other.placed && seg.Ack != 0 {
		other.place(seg.Ack)
	}
	d.feed(&seg)
	if len(c.early) > 0 && len(c.pending) > 0 {
		c.takeEarly(len(c.early))
	}
}

// Syn says that one side opened the connection with this initial sequence number. It does
// what Restart does, and what that side sends first is recognized even if it arrives out
// of order.
func (c *Conn) Syn(outgoing bool, isn uint32) {
	d := c.direction(outgoing)
	d.heard = true
	if d.placed && d.next == isn+1 {
		return // sent again
	}
	if d.placed || c.opaque {
		c.Restart()
	}
	d.place(isn + 1)
	d.synced, d.heard = true, true
}

// Restart says that the connection was opened anew (a SYN was seen): what is open is given
// up, and the next segment of each side begins a message.
func (c *Conn) Restart() {
	c.Close()
	c.protocol, c.dialogue, c.attributes, c.opaque, c.multiplexed, c.reset = nil, nil, nil, false, false, 0
	c.left, c.detection = false, detection{}
	c.pipelines, c.owed = false, 0
	c.out = direction{c: c, outgoing: true, synced: true}
	c.in = direction{c: c, synced: true}
}

// Close ends the connection: what has a response is reported with it, other requests
// without.
func (c *Conn) Close() {
	defer c.contain()
	c.takeEarly(len(c.early))
	for _, d := range [...]*direction{&c.out, &c.in} {
		for len(d.held) > 0 {
			d.giveUpGaps()
		}
	}
	for _, d := range [...]*direction{&c.out, &c.in} {
		if d.open != 0 && d.sess != nil && !d.asking && c.reset == 0 {
			d.finish() // the end that it was to have
		}
	}
	c.giveUpAll()
	for _, d := range [...]*direction{&c.out, &c.in} {
		d.abandon(false)
	}
}

func (c *Conn) direction(outgoing bool) *direction {
	if outgoing {
		return &c.out
	}
	return &c.in
}

// responses is the server's direction, nil while the sides are not known.
func (c *Conn) responses() *direction {
	if c.protocol == nil {
		return nil
	}
	return c.direction(!c.clientOut)
}

func (c *Conn) requests() *direction {
	if c.protocol == nil {
		return nil
	}
	return c.direction(c.clientOut)
}

// recognize sets the protocol and the sides by what a direction's first bytes are.
func (c *Conn) recognize(p *l7.Protocol, m l7.Match, outgoing bool) {
	c.protocol, c.dialogue = p, p.New()
	if c.clientOut = outgoing == (m == l7.MatchRequest); m == l7.MatchEither {
		c.clientOut = c.opensByPorts(p)
	}
	c.by, c.confirmed, c.refuted = outgoing, false, 0
	if other := c.direction(!outgoing); !other.heard {
		other.synced = true // it begins with what comes next
	}
}

// opensByPorts tells by the ports whether the local end has opened the connection: the other is one of the protocol's, else the
// smaller one.
func (c *Conn) opensByPorts(p *l7.Protocol) bool {
	local, remote := c.o.Local.Port(), c.o.Remote.Port()
	if here, there := slices.Contains(p.Ports, local), slices.Contains(p.Ports, remote); here != there {
		return there
	}
	return remote < local
}

// missed counts beginnings that were none. After many in a row the protocol was mistaken.
func (c *Conn) missed() {
	if c.protocol == nil {
		return
	}
	if c.misses++; c.misses > maxMisses && len(c.pending) == 0 {
		c.protocol, c.dialogue, c.misses = nil, nil, 0
	}
}

// goOpaque gives the connection up until it is opened anew.
func (c *Conn) goOpaque() {
	c.giveUpAll()
	c.out.forgetHeld()
	c.in.forgetHeld()
	c.opaque = true
	c.count.opaqueConns.Add(1)
	c.out = direction{c: c, outgoing: true}
	c.in = direction{c: c}
}
