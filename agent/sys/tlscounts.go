package sys

import (
	"fmt"
	"sync/atomic"

	"github.com/throughline-io/throughline/agent/ledger"
	"github.com/throughline-io/throughline/bpf"
)

// tlsLines names the kernel's counters of calls of TLS libraries.
var tlsLines = map[bpf.SockioCounter]string{
	bpf.SockioCounterCOUNTER_DONE:           "calls in",
	bpf.SockioCounterCOUNTER_CAPTURED:       "calls captured",
	bpf.SockioCounterCOUNTER_LOST_RING_FULL: "calls dropped: ring full",
	bpf.SockioCounterCOUNTER_LOST_SHARE:     "calls dropped: the process had its share of a ring that fills",
	bpf.SockioCounterCOUNTER_SKIMMED:        "calls left out: bytes that cannot be read, of an unknown protocol",
	bpf.SockioCounterCOUNTER_LOST_NO_STATE:  "calls dropped: no memory for a call's state",
	bpf.SockioCounterCOUNTER_LOST_UNSEEN:    "goroutines not told: another thread was on the CPU meanwhile",
	bpf.SockioCounterCOUNTER_NOTICE_LOST:    "notices dropped: ring full",
	bpf.SockioCounterCOUNTER_FAULT:          "payloads dropped: memory not readable",
}

// tlsCounts are the ledger's lines of what is said inside of TLS. What is captured is what was delivered and dropped, but
// for what is held.
type tlsCounts struct {
	kernel map[bpf.SockioCounter]*atomic.Uint64
	before map[bpf.SockioCounter]uint64

	calls, delivered, unplaced           *atomic.Uint64
	untied, refused                      *atomic.Uint64
	tiedByCalls, tiedByRecords, tiedAnew *atomic.Uint64
	records, processes, unreadable, busy *atomic.Uint64
	alone, missed, dear                  *atomic.Uint64
}

func newTLSCounts(l *ledger.Ledger) *tlsCounts {
	line := func(what string) *atomic.Uint64 { return l.Counter("tls", "SYS", what) }
	c := &tlsCounts{
		kernel: map[bpf.SockioCounter]*atomic.Uint64{}, before: map[bpf.SockioCounter]uint64{},
		calls:         line("calls read"),
		delivered:     line("calls out: what was said on a socket"),
		unplaced:      line("calls whose place in the TCP stream is not known"),
		untied:        line("calls dropped: no socket was told that they are of"),
		refused:       line("calls dropped: too many connections"),
		tiedByCalls:   line("connections tied to a socket: by the system calls within a library's call"),
		tiedByRecords: line("connections tied to a socket: by the records that were moved next"),
		tiedAnew:      line("connections tied to another socket: their address was used again"),
		records:       line("system calls that moved records of TLS"),
		processes:     line("processes whose TLS is seen"),
		unreadable:    line("processes whose TLS cannot be read"),
		missed:        line("calls dropped: of connections open before their library had probes, until they can be followed"),
		alone:         line("sockets left alone: their TLS is none that is seen"),
		dear:          line("libraries whose calls are dear: the kernel cannot emulate the instructions that their probes stand on"),
		busy:          line("processes not looked at: too many wait"),
	}
	for which, what := range tlsLines {
		c.kernel[which] = line(what)
	}
	return c
}

// UpdateCounts brings the ledger up to the kernel's counters.
func (t *tlsTable) UpdateCounts() error {
	if !t.works() {
		return nil
	}
	for which, count := range t.count.kernel {
		var perCPU []uint64
		if err := t.programs.coll.Maps["counters"].Lookup(uint32(which), &perCPU); err != nil {
			return fmt.Errorf("read the kernel's counters of TLS: %w", err)
		}
		sum := uint64(0)
		for _, n := range perCPU {
			sum += n
		}
		count.Add(sum - t.count.before[which])
		t.count.before[which] = sum
	}
	return nil
}
