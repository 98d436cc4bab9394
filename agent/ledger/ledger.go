// Package ledger counts what every stage of the agent took in, passed on and lost, by
// reason. Nothing is dropped without a line here.
package ledger

import (
	"cmp"
	"slices"
	"sync"
	"sync/atomic"
)

// Key names a line: the stage ("sys", "net", "otlp", "session", "export"), the source
// ("APP", "SYS", "NET", "" for all) and what happened ("in", "out", "dropped: ring full",
// "left out: own traffic").
type Key struct{ Stage, Source, What string }

// Row is a line and its count since the agent's start.
type Row struct {
	Key
	Count uint64
}

// Ledger is a set of counters, safe for concurrent use. The zero value is ready.
type Ledger struct {
	mu    sync.Mutex
	lines map[Key]*atomic.Uint64
}

// Counter is the counter of a line, made on first use. Hot paths keep it.
func (l *Ledger) Counter(stage, source, what string) *atomic.Uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.lines == nil {
		l.lines = map[Key]*atomic.Uint64{}
	}
	k := Key{stage, source, what}
	c := l.lines[k]
	if c == nil {
		c = new(atomic.Uint64)
		l.lines[k] = c
	}
	return c
}

// Rows is the ledger at this moment, sorted by key; lines that are zero are left out.
func (l *Ledger) Rows() []Row {
	l.mu.Lock()
	defer l.mu.Unlock()
	var rows []Row
	for k, c := range l.lines {
		if n := c.Load(); n > 0 {
			rows = append(rows, Row{k, n})
		}
	}
	slices.SortFunc(rows, func(a, b Row) int {
		return cmp.Or(cmp.Compare(a.Stage, b.Stage), cmp.Compare(a.Source, b.Source), cmp.Compare(a.What, b.What))
	})
	return rows
}
