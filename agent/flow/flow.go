// Package flow is where those of a node who understand what a connection says tell it those who only see its packets. What a
// program says inside of TLS is known by its calls alone; where that lies in the TCP stream both know.
package flow

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/throughline-io/throughline/agent/ledger"
	"github.com/throughline-io/throughline/pkg/span"
)

// Range is where a message lies in the TCP stream.
type Range struct {
	From uint32 // sequence number of its first byte
	To   uint32 // behind its last byte, or behind the record that has it; 0: not known
}

// Exchange is a request and its answer, and where both lie.
type Exchange struct {
	Span              span.Span // what was said, by whom and to whom; its times and who saw it are the publisher's
	Request, Response Range
	At                time.Time // when it was published, by the monotonic clock
}

// most bounds the exchanges that wait to be taken: those of a second at 16,000 of them.
const most = 1 << 14

// Table takes exchanges from who understands them, for who does not. The zero value is not valid; a nil one takes nothing.
type Table struct {
	mu      sync.Mutex
	waiting []Exchange

	published, dropped *atomic.Uint64
}

// NewTable makes a table whose losses are told in a ledger.
func NewTable(l *ledger.Ledger) *Table {
	line := func(what string) *atomic.Uint64 { return l.Counter("flow", "NET", what) }
	return &Table{published: line("in: exchanges read inside of TLS, for the packets that carried them"), dropped: line("dropped: exchanges, of more than wait")}
}

// Publish tells an exchange. The span is copied.
func (t *Table) Publish(s *span.Span, request, response Range) {
	if t == nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.published.Add(1)
	if len(t.waiting) >= most {
		t.dropped.Add(1)
		return
	}
	t.waiting = append(t.waiting, Exchange{*s, request, response, time.Now()})
}

// Take moves what was published behind other exchanges.
func (t *Table) Take(to []Exchange) []Exchange {
	if t == nil {
		return to
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	to = append(to, t.waiting...)
	clear(t.waiting) // strings are not to be kept
	t.waiting = t.waiting[:0]
	return to
}
