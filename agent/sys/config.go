package sys

import (
	"fmt"
	"log/slog"
	"net/netip"
	"time"

	"github.com/throughline-io/throughline/agent/flow"
	"github.com/throughline-io/throughline/agent/l7"
	"github.com/throughline-io/throughline/agent/ledger"
	"github.com/throughline-io/throughline/pkg/span"
)

// Config says what to capture and where to put it. The zero value of a field is its
// default.
type Config struct {
	// Namespaces are the network namespaces to see, by inode number; SetNamespaces
	// changes them. A pod's connections are those of its namespace.
	Namespaces []uint32
	Variant    Variant // default: Auto

	// LeaveOutPorts are ports, of either end, whose connections are not traced: OTLP and
	// the agent's own. The agent's own process is always left out.
	LeaveOutPorts []uint16
	// LeaveOut are addresses whose connections are not traced, where a port alone could be
	// some client's own.
	LeaveOut     []netip.AddrPort
	LeaveOutPIDs []int
	// LeaveOutPaths are names of AF_UNIX sockets, the agent's own, whose connections are not traced.
	LeaveOutPaths []string

	// Payload is how many bytes are taken of each call: 1024 by default, 8192 at most. Of a request
	// of HTTP the first 8192 bytes are: trace context behind them is not seen.
	Payload int
	// Ring is the size in bytes of the buffer between kernel and agent, a power of two;
	// 16 MiB by default.
	Ring int
	// Poll is how long calls wait in the ring at most; 10 ms by default. The kernel never
	// wakes the agent.
	Poll time.Duration

	// MaxSockets and MaxPassages bound what is kept per process; 16384 by default.
	MaxSockets, MaxPassages int

	// TLS says whether what programs say inside of TLS is seen.
	TLS TLSConfig

	// Flows takes what was said inside of TLS, for who sees the packets; nil: nobody does.
	Flows *flow.Table

	// KeepSecrets leaves passwords and tokens in spans.
	KeepSecrets bool

	// Protocols are those that are looked for; nil: all that are known.
	Protocols l7.Protocols

	// OpenAfter is how long a request lasts until it is reported although it is not over; 10 s by
	// default. See session.Options.
	OpenAfter time.Duration

	// OwnPIDs says that the agent is in a PID namespace of its own: the numbers that the kernel tells are
	// not those of /proc, where they may be another process's. Then nothing is looked up by them, so
	// that no goroutines are told apart and no call is joined with what caused it by its thread.
	OwnPIDs bool

	// PodIP tells the address of a network namespace's pod. Without it, or where it says
	// nothing, the address that the pod's connections have is taken.
	PodIP func(netns uint32) netip.Addr

	// Resource is the OTel resource that spans of a process are to have, 0 for none. It is asked once
	// for each process.
	Resource func(pid uint32) uint64

	// Inspector is the command that calls ReadGoLayout on its standard input. Without it programs
	// built by a Go newer than we know have no goroutines.
	Inspector []string

	Ledger *ledger.Ledger
	// Sink takes the spans, one at a time; it must copy what it keeps.
	Sink func(*span.Span)
	// Edge takes what joins a session without trace context to its passage.
	Edge func(span.Edge)
	Log  *slog.Logger

	only *build                    // tests: this way of building the programs and no other
	deaf func(program string) bool // tests: programs that the kernel does not run
}

// payloadLimit is PAYLOAD_LIMIT of bpf/payload.h.
const payloadLimit = 8192

func (c *Config) fillIn() error {
	def := func(v *int, d int) {
		if *v == 0 {
			*v = d
		}
	}
	def(&c.Payload, 1024)
	def(&c.Ring, 16<<20)
	def(&c.MaxSockets, 16384)
	def(&c.MaxPassages, 16384)
	if c.Poll == 0 {
		c.Poll = 10 * time.Millisecond
	}
	if c.Ledger == nil {
		c.Ledger = new(ledger.Ledger)
	}
	if c.Sink == nil {
		c.Sink = func(*span.Span) {}
	}
	if c.Edge == nil {
		c.Edge = func(span.Edge) {}
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Payload < 64 || c.Payload > payloadLimit {
		return fmt.Errorf("payload of %d bytes: want 64 to %d", c.Payload, payloadLimit)
	}
	if c.Ring < 1<<16 || c.Ring&(c.Ring-1) != 0 || c.Ring > 1<<30 {
		return fmt.Errorf("ring of %d bytes: want a power of two from 64 KiB to 1 GiB", c.Ring)
	}
	return nil
}
