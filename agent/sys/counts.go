package sys

import (
	"fmt"
	"sync/atomic"

	"github.com/cilium/ebpf"

	"github.com/throughline-io/throughline/agent/causality"
	"github.com/throughline-io/throughline/agent/ledger"
	"github.com/throughline-io/throughline/agent/session"
	"github.com/throughline-io/throughline/bpf"
)

// kernelLines names the kernel's counters in the ledger. What is done is what is captured,
// dropped and left out by the lines that say "calls ...".
var kernelLines = [bpf.SockioCounterCOUNTERS]string{
	bpf.SockioCounterCOUNTER_DONE:             "calls in",
	bpf.SockioCounterCOUNTER_CAPTURED:         "calls captured",
	bpf.SockioCounterCOUNTER_LOST_RING_FULL:   "calls dropped: ring full",
	bpf.SockioCounterCOUNTER_LOST_SHARE:       "calls dropped: the process had its share of a ring that fills",
	bpf.SockioCounterCOUNTER_LOST_SOCKET_GONE: "calls dropped: socket closed during the call",
	bpf.SockioCounterCOUNTER_LEFT_OUT_PORT:    "calls left out: port",
	bpf.SockioCounterCOUNTER_LEFT_OUT_PROCESS: "calls left out: process",
	bpf.SockioCounterCOUNTER_SKIMMED:          "calls left out: bytes that cannot be read, of TLS or of an unknown protocol",
	bpf.SockioCounterCOUNTER_LOST_NO_STATE:    "unknown calls dropped: no memory for a thread's state",
	bpf.SockioCounterCOUNTER_LOST_UNSEEN:      "unknown calls dropped: the kernel ran no program at their exit",
	bpf.SockioCounterCOUNTER_LATE:             "calls taken at their exit: the kernel ran no program at their entry",
	bpf.SockioCounterCOUNTER_NOTICE_LOST:      "notices dropped: ring full",
	bpf.SockioCounterCOUNTER_FAULT:            "payloads dropped: memory not readable",
	bpf.SockioCounterCOUNTER_MANY_PIECES:      "payloads cut: too many pieces",
	bpf.SockioCounterCOUNTER_PEEK:             "calls not counted: peek",
	bpf.SockioCounterCOUNTER_OTHER_NAMESPACE:  "calls not counted: other namespace",
	bpf.SockioCounterCOUNTER_MANY_DATAGRAMS:   "datagrams dropped: too many in one call",
	bpf.SockioCounterCOUNTER_MPTCP:            "calls not counted: multipath TCP",
}

// counts are the ledger's lines of this package.
type counts struct {
	kernel [bpf.SockioCounterCOUNTERS]*atomic.Uint64
	before [bpf.SockioCounterCOUNTERS]uint64

	session *session.Counters // of all sockets

	calls           *atomic.Uint64 // read from the ring
	malformed       *atomic.Uint64 // records
	refused         *atomic.Uint64 // calls on sockets beyond the limit
	untold          *atomic.Uint64 // calls on AF_UNIX streams of which nothing else is known
	behind          *atomic.Uint64 // calls on AF_UNIX streams that have ended
	leftOut         *atomic.Uint64 // calls on our own connections
	spans           *atomic.Uint64
	edges           *atomic.Uint64
	openingsRefused *atomic.Uint64
	lateRefused     *atomic.Uint64 // calls
	lateExpired     *atomic.Uint64 // calls
	alone           *atomic.Uint64 // AF_UNIX sockets

	unknownGo     *atomic.Uint64 // programs
	unknownPlaces *atomic.Uint64 // programs

	missed       *atomic.Uint64 // notices that the kernel did not run a program for
	missedBefore map[string]uint64

	runtimes map[causality.Runtime]*atomic.Uint64 // processes
}

func newCounts(l *ledger.Ledger) *counts {
	line := func(what string) *atomic.Uint64 { return l.Counter("sys", "SYS", what) }
	c := &counts{
		session:         session.NewCounters(l, "SYS"),
		calls:           line("calls read"),
		malformed:       line("calls dropped: malformed record"),
		refused:         line("calls dropped: too many sockets in one process"),
		untold:          line("calls dropped: an AF_UNIX stream whose ends were not told again yet"),
		behind:          line("captured calls left out: behind the end of an AF_UNIX stream"),
		leftOut:         line("captured calls left out: address"),
		spans:           line("out"),
		edges:           line("edges out"),
		openingsRefused: line("connects dropped: too many"),
		lateRefused:     line("calls joined with nothing: too many wait for the answer to their request"),
		lateExpired:     line("calls joined with nothing: their request was not answered for long"),
		alone:           line("AF_UNIX sockets left alone: no known protocol"),
		missed:          line("notices dropped: a program ran already on the CPU"),
		missedBefore:    map[string]uint64{},
		unknownGo:       line("programs refused: built by a Go that is not known, so that no goroutines are told apart"),
		unknownPlaces:   line("programs refused: built by a Go whose scheduler is not known, so that calls by other goroutines are not followed"),
		runtimes:        map[causality.Runtime]*atomic.Uint64{},
	}
	for _, r := range causality.Runtimes() {
		c.runtimes[r] = line("processes looked at: " + r.String())
	}
	for i, what := range kernelLines {
		c.kernel[i] = line(what)
	}
	return c
}

// Saw counts a process by its runtime, as far as that is known by now.
func (c *counts) Saw(r causality.Runtime) { c.runtimes[r].Add(1) }

// UpdateMissed brings the ledger up to how often the kernel left out a program that tells of ends, because one was under
// way on that CPU. What that costs of system calls the programs tell themselves.
func (c *counts) UpdateMissed(programs map[string]*ebpf.Program) error {
	for name, p := range programs {
		if isOfCall(name) {
			continue
		}
		stats, err := p.Stats()
		if err != nil {
			return fmt.Errorf("ask the kernel how often it left out the program %s: %w", name, err)
		}
		c.missed.Add(stats.RecursionMisses - c.missedBefore[name])
		c.missedBefore[name] = stats.RecursionMisses
	}
	return nil
}

// Update brings the ledger up to the kernel's counters.
func (c *counts) Update(m *ebpf.Map) error {
	for i := range c.kernel {
		var perCPU []uint64
		if err := m.Lookup(uint32(i), &perCPU); err != nil {
			return fmt.Errorf("read the kernel's counters: %w", err)
		}
		sum := uint64(0)
		for _, n := range perCPU {
			sum += n
		}
		c.kernel[i].Add(sum - c.before[i])
		c.before[i] = sum
	}
	return nil
}
