// Package net makes NET spans of packets: one per session and observation point.
//
// Observed are the node's end of each pod's veth pair (points c and s) and the node's NICs
// (c-nd and s-nd), each through a ring of its own, so that an interface's packets are in
// order. Sessions are made of TCP, and of DNS over UDP.
package net

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/throughline-io/throughline/agent/flow"
	"github.com/throughline-io/throughline/agent/l7"
	"github.com/throughline-io/throughline/agent/ledger"
	"github.com/throughline-io/throughline/agent/session"
	"github.com/throughline-io/throughline/agent/topology"
	"github.com/throughline-io/throughline/pkg/span"
)

// Sink takes a finished span. The span is used again after the call. The sink must not call
// the capture.
type Sink func(*span.Span)

// Config of a capture.
type Config struct {
	Node *topology.Node

	// LeaveOut are addresses, and LeaveOutPorts TCP ports, of our own: traffic to or from
	// one is counted and left out before anything else. Port 0 of an address is any port.
	LeaveOut      []netip.AddrPort
	LeaveOutPorts []uint16

	// KeepSecrets leaves passwords and tokens in spans.
	KeepSecrets bool

	// Memory bounds the bytes kept of connections at all interfaces together; 0 is 96 MiB.
	Memory int

	// Protocols are those that are looked for; nil: all that are known.
	Protocols l7.Protocols

	// OpenAfter is how long a request lasts until it is reported although it is not over; 10 s by
	// default. See session.Options.
	OpenAfter time.Duration

	// RingBytes is the size of each interface's ring; 0 is 4 MiB. What the agent does not
	// get to read before a ring is full is lost and counted.
	RingBytes int

	// Flows says what passed in TLS, by who reads it; nil: nobody does.
	Flows *flow.Table

	Ledger *ledger.Ledger
	Sink   Sink
	// Edge takes what joins a span that was reported while it lasted to its end.
	Edge func(span.Edge)
	Log  *slog.Logger // nil: slog.Default()
}

// Capture captures the packets of a node's interfaces.
type Capture struct {
	cfg     Config
	count   counters
	started time.Time
	looking session.Looking

	stop, done chan struct{}

	mu     sync.Mutex // guards what follows; the loop holds it while it works
	closed bool
	taps   map[int]*tap // by interface index
	local  map[netip.Addr]whose
	flows  uint64
	room   room
	inside inside
	tick   int64 // the latest sweep, by the monotonic clock

	leaving []*tap // of interfaces that are gone

	outPorts map[uint16]bool
	outAddrs map[end]bool

	spare  []*lingering // for spans to come
	packet packet       // used again for every packet
	span   span.Span    // used again for every span
}

// end is one end of a connection, for the look-up of what is left out.
type end struct {
	ip   [16]byte
	port uint16
}

// counters are the capture's lines in the ledger. Stage is "net".
type counters struct {
	session *session.Counters // of all connections

	packets, drops, spans             *atomic.Uint64
	notTCP, fragments, cut, noPayload *atomic.Uint64
	leftOut, foreign, failedTaps      *atomic.Uint64
	lateResent, oneSided, forgedEnds  *atomic.Uint64
	unseenInside                      *atomic.Uint64

	handshakes, unanswered, unansweredForRoom, idleForRoom, droppedRequests *atomic.Uint64
}

func newCounters(l *ledger.Ledger) counters {
	line := func(what string) *atomic.Uint64 { return l.Counter("net", "NET", what) }
	return counters{
		session:      session.NewCounters(l, "NET"),
		packets:      line("in: packets behind the filter"),
		drops:        line("lost: ring full"),
		spans:        line("out: spans"),
		notTCP:       line("ignored: packets without TCP"),
		fragments:    line("dropped: fragments behind the first"),
		cut:          line("dropped: packets with headers cut off or contradictory"),
		noPayload:    line("ignored: packets without payload"),
		leftOut:      line("left out: own traffic"),
		foreign:      line("left out: sessions of other nodes' pods"),
		oneSided:     line("left out: requests at interfaces that show one direction only"),
		lateResent:   line("ignored: packets sent again, of no session that is still here"),
		forgedEnds:   line("ignored: FIN and RST beside the stream"),
		unseenInside: line("left out: exchanges read inside of TLS, of which no packets were seen here"),
		failedTaps:   line("lost: interfaces that could not be opened"),

		handshakes:        line("forgotten: handshakes, of more than are kept"),
		unanswered:        line("dropped: connections that nobody answered, of more than are kept"),
		unansweredForRoom: line("dropped: connections that nobody answered, to make room"),
		idleForRoom:       line("dropped: connections idle for longest, to make room"),
		droppedRequests:   line("dropped: requests of connections that nobody answered"),
	}
}

const (
	// sweepEvery is how often connections are looked at for what has waited too long.
	sweepEvery = 500 * time.Millisecond
	// gather is how long the loop lets blocks come together before it looks again: each pod's ring
	// hands over 50 a second, and a wake-up for each would cost more than reading them. So the kernel
	// wakes nobody: to wait in a system call for it keeps Go's monitor thread (runtime.sysmon) awake, which
	// looks every 20 µs then and takes a sixth of the agent's CPU. While nothing comes it looks ever less
	// often, down to gatherMost.
	gather     = 10 * time.Millisecond
	gatherMost = 40 * time.Millisecond
)

// Start begins to capture at every pod's veth and every NIC of the node. It runs until
// Close or until ctx is done.
func Start(ctx context.Context, cfg Config) (*Capture, error) {
	if cfg.Sink == nil {
		return nil, errors.New("net: no sink for spans")
	}
	if cfg.Edge == nil {
		cfg.Edge = func(span.Edge) {}
	}
	if cfg.Ledger == nil {
		cfg.Ledger = new(ledger.Ledger)
	}
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	c := &Capture{
		cfg: cfg, count: newCounters(cfg.Ledger), stop: make(chan struct{}), done: make(chan struct{}), taps: map[int]*tap{},
		outPorts: map[uint16]bool{}, outAddrs: map[end]bool{}, started: time.Now(),
		room: room{limit: cmp.Or(cfg.Memory, defaultMemory)},
	}
	c.count.session.Fault = session.LogFaults(cfg.Log.Error)
	for _, p := range cfg.LeaveOutPorts {
		c.outPorts[p] = true
	}
	for _, a := range cfg.LeaveOut {
		c.outAddrs[end{a.Addr().As16(), a.Port()}] = true
	}
	c.looking.Set(session.Look{Protocols: cfg.Protocols, OpenAfter: cfg.OpenAfter, KeepSecrets: cfg.KeepSecrets})
	if cfg.Node != nil {
		if err := c.Update(cfg.Node); err != nil && len(c.taps) == 0 { // some interfaces are better than none
			return nil, err
		}
	}
	go c.loop()
	context.AfterFunc(ctx, func() { _ = c.Close() })
	return c, nil
}

// SetLook changes how connections that begin from now on are looked at.
func (c *Capture) SetLook(l session.Look) { c.looking.Set(l) }

// SetMemory changes the bound on what is kept of connections; 0 is 96 MiB.
func (c *Capture) SetMemory(bytes int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.room.limit = cmp.Or(bytes, defaultMemory) // the next packet makes what is kept fit
}

// Update follows the node's pods and NICs as they come and go. Interfaces that cannot be
// opened are in the error, and the others are captured all the same.
func (c *Capture) Update(n *topology.Node) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return errors.New("net: capture is closed")
	}
	c.local = addressesOf(n)
	wanted := map[int]*tap{}
	var failed []error
	for _, p := range n.Pods {
		wanted[p.Index] = newTap(c, p.Veth, typeVeth, p.Index)
	}
	for _, nic := range n.NICs {
		wanted[nic.Index] = newTap(c, nic.Name, typeNIC, nic.Index)
	}
	for index, t := range c.taps {
		if w := wanted[index]; w == nil || w.name != t.name || w.typ != t.typ {
			// It may be there still, and be asked for again before its last packets are read: each would be two.
			if err := t.ring.silence(); err != nil {
				failed = append(failed, fmt.Errorf("end the capture at %s: %w", t.name, err))
			}
			t.left = time.Now()
			c.leaving = append(c.leaving, t)
			delete(c.taps, index)
		}
	}
	for index, t := range wanted {
		if c.taps[index] != nil {
			continue
		}
		r, err := openRing(n.Netns, index, c.cfg.RingBytes)
		if err != nil {
			c.count.failedTaps.Add(1)
			failed = append(failed, fmt.Errorf("capture at %s: %w", t.name, err))
			continue
		}
		t.ring = r
		c.taps[index] = t
	}
	return errors.Join(failed...)
}

// Interfaces lists what is captured now, for status pages and tests.
func (c *Capture) Interfaces() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var names []string
	for _, t := range c.taps {
		names = append(names, t.name)
	}
	return names
}

// Watches reports whether an interface, by its index, is captured now.
func (c *Capture) Watches(index int) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.taps[index] != nil
}

// loop reads the rings until Close.
func (c *Capture) loop() {
	defer close(c.done)
	swept := time.Now()
	wait := gather
	look := time.NewTimer(wait)
	defer look.Stop()
	for {
		select {
		case <-c.stop:
			return
		case <-look.C:
		}
		c.mu.Lock()
		if c.closed {
			c.mu.Unlock()
			return
		}
		now := time.Now()
		wait = min(2*wait, gatherMost)
		for _, t := range c.taps {
			if t.ring.drain(t.packet) > 0 {
				wait = gather
			}
			t.releaseDue(now.UnixNano())
		}
		c.tellInside(now.Add(-insideAfter), now)
		if now.Sub(swept) >= sweepEvery {
			swept = now
			monotonic := time.Since(c.started).Nanoseconds()
			for _, t := range c.taps {
				t.sweep(now.UnixNano(), monotonic)
			}
			c.tick = monotonic
			c.leave(now)
		}
		c.mu.Unlock()
		look.Reset(wait)
	}
}

// handOver is how long the kernel may keep a block that is not full.
const handOver = 2 * retireMs * time.Millisecond

// leave closes the interfaces that are gone, once their last packets could be read.
func (c *Capture) leave(now time.Time) {
	c.leaving = slices.DeleteFunc(c.leaving, func(t *tap) bool {
		if now.Sub(t.left) < handOver {
			return false
		}
		t.ring.drain(t.packet)
		c.tellInsideAt(t)
		t.close()
		return true
	})
}

// leftOut reports whether the packet is of our own traffic.
func (c *Capture) leftOut(p *packet) bool {
	if c.outPorts[p.srcPort] || c.outPorts[p.dstPort] {
		return true
	}
	if len(c.outAddrs) == 0 {
		return false
	}
	return c.outAddrs[end{p.src, p.srcPort}] || c.outAddrs[end{p.dst, p.dstPort}] || c.outAddrs[end{ip: p.src}] || c.outAddrs[end{ip: p.dst}]
}

// Close stops the capture, reads what the rings still hold and reports what is open.
func (c *Capture) Close() error {
	c.mu.Lock()
	if c.closed {
		c.mu.Unlock()
		<-c.done
		return nil
	}
	c.closed = true
	time.Sleep(handOver)
	c.leave(time.Now().Add(handOver))
	for _, t := range c.taps {
		t.ring.drain(t.packet)
	}
	c.tellInside(time.Now().Add(time.Hour), time.Now()) // all
	for index, t := range c.taps {
		t.close()
		delete(c.taps, index)
	}
	c.mu.Unlock()
	close(c.stop)
	<-c.done
	return nil
}
