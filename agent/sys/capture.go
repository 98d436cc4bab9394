package sys

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"net/netip"
	"os"
	"sync"
	"time"

	"github.com/cilium/ebpf"
	"golang.org/x/sys/unix"

	"github.com/throughline-io/throughline/agent/causality"
	"github.com/throughline-io/throughline/agent/session"
	"github.com/throughline-io/throughline/pkg/span"
)

// Capture is a running capture of system calls.
type Capture struct {
	config   Config
	programs *programs
	ring     *ring
	counts   *counts

	// Only the reader uses these.
	clock     clock
	processes *processTable
	causes    *causality.Table
	sockets   socketTable
	podIPs    map[uint32]netip.Addr // by network namespace, as seen
	datagrams *session.Datagrams
	segment   session.Segment
	span      span.Span
	limited   limited          // sockets of which the kernel does not take all
	moment    causality.Moment // of the latest call
	past      causality.Moment // of one before it
	opening   openings
	late      lateCalls
	alone     *leftAlone

	endedLocals endedLocals
	tls         *tlsTable

	inspector  *inspector
	scan       chan struct{} // namespaces were added
	found      chan uint32   // processes in them
	stop, done chan struct{}
	work       sync.WaitGroup // beside the reader
	closeOnce  sync.Once

	looking session.Looking

	mu         sync.Mutex
	namespaces map[uint32]bool
}

// SetLook changes how connections that begin from now on are looked at.
func (c *Capture) SetLook(l session.Look) { c.looking.Set(l) }

// Start loads and attaches the programs and begins to report spans. ctx bounds nothing but
// the start; Close ends the capture.
func Start(ctx context.Context, config Config) (*Capture, error) {
	if err := config.fillIn(); err != nil {
		return nil, fmt.Errorf("capture of system calls: %w", err)
	}
	var seed [8]byte
	_, _ = rand.Read(seed[:]) // never fails
	c := &Capture{
		config: config, counts: newCounts(config.Ledger), podIPs: map[uint32]netip.Addr{}, namespaces: map[uint32]bool{},
		sockets: socketTable{known: map[uint64]*socket{}, datagrams: map[uint64]*socket{}, limit: config.MaxSockets},
		scan:    make(chan struct{}, 1), found: make(chan uint32, 64), stop: make(chan struct{}), done: make(chan struct{}),
	}
	c.counts.session.Fault = session.LogFaults(config.Log.Error)
	c.inspector = newInspector(config.Inspector, config.Log.Warn, c.counts)
	c.causes = causality.New(causality.Config{Seed: binary.LittleEndian.Uint64(seed[:]), Limit: config.MaxPassages, Ledger: config.Ledger, Edge: c.edge, Told: c.told})
	c.looking.Set(session.Look{Protocols: config.Protocols, OpenAfter: config.OpenAfter, KeepSecrets: config.KeepSecrets})
	c.datagrams = c.newDatagrams()
	c.clock.Update()
	p, err := load(config.Variant, options{payload: config.Payload, ring: config.Ring, ports: config.LeaveOutPorts, only: config.only, deaf: config.deaf})
	if err != nil {
		return nil, fmt.Errorf("capture of system calls: %w", err)
	}
	c.programs = p
	if err := c.begin(ctx); err != nil {
		p.Close()
		return nil, fmt.Errorf("capture of system calls: %w", err)
	}
	if p.refused != nil {
		config.Log.Info("better hooks of system calls do not work on this kernel", "err", p.refused)
	}
	config.Log.Info("capturing system calls", "hooks", p.build.String(), "namespaces", len(config.Namespaces))
	c.work.Go(c.scanWhenAsked)
	go c.read()
	return c, nil
}

func (c *Capture) begin(ctx context.Context) (err error) {
	c.processes = newProcessTable(c.programs.coll.Maps["processes"], c.programs.changed, c.inspector, c.counts.Saw, c.config.Log.Warn)
	c.processes.ownPIDs, c.processes.resource = c.config.OwnPIDs, c.config.Resource
	c.limited.kernel = c.programs.coll.Variables["limited"]
	c.endedLocals = endedLocals{}
	c.alone = &leftAlone{kernel: c.programs.coll.Maps["left_alone"]}
	c.tls = c.startTLS()
	c.processes.tls, c.processes.settled = c.config.TLS, c.tls.Look
	for _, pid := range append([]int{os.Getpid()}, c.config.LeaveOutPIDs...) {
		if c.config.OwnPIDs {
			break // these would be others'; what is the agent's own is told by its addresses
		}
		if err := c.processes.LeaveOut(uint32(pid)); err != nil {
			return err
		}
	}
	if c.ring, err = openRing(c.programs.coll.Maps["events"]); err != nil {
		return err
	}
	if err := c.SetNamespaces(c.config.Namespaces); err != nil {
		c.ring.Close()
		return err
	}
	if err := ctx.Err(); err != nil {
		c.ring.Close()
		return err
	}
	return nil
}

// Variant is the variant in use.
func (c *Capture) Variant() Variant { return c.programs.build.variant }

// Hooks names the variant in use, and what it lacks on this kernel.
func (c *Capture) Hooks() string { return c.programs.build.String() }

// SetNamespaces says which network namespaces to see from now on, by inode number.
func (c *Capture) SetNamespaces(inodes []uint32) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	m := c.programs.coll.Maps["namespaces"]
	want := map[uint32]bool{}
	added := false
	var errs []error
	for _, inode := range inodes {
		want[inode] = true
		if c.namespaces[inode] {
			continue
		}
		if err := m.Put(inode, uint8(1)); err != nil {
			errs = append(errs, fmt.Errorf("capture system calls of network namespace %d: %w", inode, err))
			delete(want, inode)
			continue
		}
		added = true
	}
	for inode := range c.namespaces {
		if want[inode] {
			continue
		}
		if err := m.Delete(inode); err != nil && !errors.Is(err, ebpf.ErrKeyNotExist) {
			errs = append(errs, fmt.Errorf("end the capture of system calls of network namespace %d: %w", inode, err))
			want[inode] = true
		}
	}
	c.namespaces = want
	c.programs.changed()
	if added {
		select {
		case c.scan <- struct{}{}:
		default:
		}
	}
	return errors.Join(errs...)
}

// Watches reports whether the system calls of a network namespace are seen now.
func (c *Capture) Watches(inode uint32) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.namespaces[inode]
}

// Close ends the capture. What was captured is reported first, requests without an answer
// too.
func (c *Capture) Close() error {
	c.closeOnce.Do(func() {
		close(c.stop)
		<-c.done
	})
	return nil
}

// passRecords is how many records a pass takes at most. Behind it the reader looks after all else,
// however fast records come: time, counters, new namespaces, its end.
const passRecords = 8192

// read is the reader: all state but the list of namespaces is its own.
func (c *Capture) read() {
	defer close(c.done)
	poll, second, rarely := time.NewTicker(c.config.Poll), time.NewTicker(time.Second), time.NewTicker(10*time.Second)
	defer poll.Stop()
	defer second.Stop()
	defer rarely.Stop()
	always := make(chan struct{})
	close(always)
	var more <-chan struct{} // records wait
	for {
		select {
		case <-poll.C:
			more = c.pass(always)
		case <-more:
			more = c.pass(always)
		case <-second.C:
			c.clock.Update()
			c.inspector.NewSecond()
			c.sweep()
			c.updateCounts()
		case <-rarely.C:
			c.processes.Sweep()
		case pid := <-c.found:
			c.processes.Get(pid, "")
		case found := <-c.tls.probes.found:
			c.tls.Found(found)
		case late := <-c.inspector.late:
			c.processes.Late(late)
		case <-c.stop:
			c.finish()
			return
		}
	}
}

// pass takes records; it returns always where others wait.
func (c *Capture) pass(always <-chan struct{}) <-chan struct{} {
	if _, more := c.ring.Drain(c.record, passRecords); more {
		return always
	}
	return nil
}

func (c *Capture) finish() {
	c.programs.Detach()
	c.tls.probes.Close()
	c.inspector.Close()
	c.work.Wait()
	c.ring.Drain(c.record, math.MaxInt) // nothing is added any more
	c.tls.GiveUp(math.MaxInt64)
	for inode, s := range c.sockets.known {
		c.drop(inode, s)
	}
	c.datagrams.Close()
	c.sendAllLate()
	c.updateCounts()
	c.ring.Close()
	c.programs.Close()
	c.tls.programs.Close()
}

func (c *Capture) updateCounts() {
	if err := errors.Join(c.counts.Update(c.programs.coll.Maps["counters"]), c.tls.UpdateCounts(), c.counts.UpdateMissed(c.programs.coll.Programs)); err != nil {
		c.config.Log.Warn("the ledger lacks the kernel's part", "err", err)
	}
}

func (c *Capture) sweep() {
	now := readTime(unix.CLOCK_MONOTONIC)
	wall := c.clock.Wall(uint64(now))
	for inode, s := range c.sockets.known {
		s.conn.Sweep(wall, now)
		if s.unread = 0; s.mode == modeHead {
			c.take(s, modeFull)
		}
		if s.expired(now) {
			c.drop(inode, s)
		}
	}
	c.tls.Sweep(now)
	c.sweepDatagrams(wall, now)
	c.causes.Sweep(now)
	c.opening.Sweep(now)
	c.sweepLate(now)
	c.alone.Sweep(now, c.lookAgain)
	c.endedLocals.Sweep(now)
}

func (c *Capture) drop(inode uint64, s *socket) {
	c.tls.Untie(s)
	s.conn.Close()
	c.causes.Closed(&s.cause, readTime(unix.CLOCK_MONOTONIC))
	c.take(s, modeFull) // the number may be another's next
	s.process.sockets--
	delete(c.sockets.known, inode)
}
