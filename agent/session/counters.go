package session

import (
	"sync/atomic"

	"github.com/throughline-io/throughline/agent/ledger"
)

// Counters are the lines in the ledger of the connections of one source. Stage is "session".
type Counters struct {
	segments, sessions, unanswered, sent       *atomic.Uint64
	duplicates, unknown, noStart, orphans      *atomic.Uint64
	gaps, gapsInBody, lostHeads, overflow      *atomic.Uint64
	opaque, opaqueConns, silent, oneWay, aside *atomic.Uint64
	unframed, told, left, mistaken, ambiguous  *atomic.Uint64
	faults                                     *atomic.Uint64

	// Fault, where it is set, is told of a fault of ours in reading a protocol, and where it was.
	Fault func(protocol string, fault any, stack []byte)
}

// NewCounters are those of a source, "SYS" or "NET". They are looked up once and shared by its connections.
func NewCounters(l *ledger.Ledger, source string) *Counters {
	line := func(what string) *atomic.Uint64 { return l.Counter("session", source, what) }
	return &Counters{
		segments:    line("in: segments"),
		sessions:    line("out: sessions with response"),
		unanswered:  line("out: sessions without response"),
		left:        line("left out: connections of no known protocol"),
		mistaken:    line("dropped: requests of a protocol that the other side does not speak"),
		told:        line("told: sessions while they last"),
		sent:        line("out: messages that nobody answers"),
		duplicates:  line("ignored: segments seen before"),
		unknown:     line("ignored: segments of no known protocol"),
		noStart:     line("dropped: segments at which no message begins"),
		orphans:     line("dropped: responses without request"),
		gaps:        line("lost: gaps between segments"),
		gapsInBody:  line("bridged: gaps inside a body"),
		lostHeads:   line("dropped: messages cut off by a gap or the end"),
		overflow:    line("dropped: too many requests wait on a connection"),
		opaque:      line("ignored: segments after upgrade or encryption"),
		opaqueConns: line("ignored: connections after upgrade or encryption"),
		silent:      line("left out: pings"),
		oneWay:      line("left out: requests that are never answered"),
		aside:       line("left out: handshakes and interim responses"),
		ambiguous:   line("unknown: requests that a gap may have answered"),
		faults:      line("lost: connections and datagrams whose reading failed"),
		unframed:    line("guessed: ends of messages of unknown length"),
	}
}
