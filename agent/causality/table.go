package causality

import (
	"sync/atomic"
	"time"

	"github.com/throughline-io/throughline/agent/ledger"
	"github.com/throughline-io/throughline/pkg/span"
)

const (
	// passageIdle is how long a passage stays its executor's although nothing happens.
	passageIdle = 10 * time.Minute
	// passageLinger is how long a passage is kept behind its end, for calls of it that are
	// still being read.
	passageLinger = 2 * time.Second
)

// rule is a way to tell which passage a call belongs to.
type rule interface {
	// claim is the passage that what goes out now belongs to, as far as the rule can tell; 0: it cannot.
	claim(m *Moment) Claim
	// begin says that a request was read.
	begin(p *Passage, m *Moment)
	// end says that a request is over: answered, or given up.
	end(p *Passage)
	// leave says that nothing more can be of a passage.
	leave(p *Passage)
}

// Table knows the passages that are going on. It is not safe for concurrent use.
type Table struct {
	rules []rule // the surest first
	byID  map[uint64]*Passage
	named map[requestID]namedPassage
	limit int // per process
	next  uint64
	seed  uint64
	edge  func(span.Edge)

	refused, edgesDropped, shared, handOffs *atomic.Uint64
}

// Config of a Table.
type Config struct {
	Seed   uint64 // tells this table's ids from those of others
	Limit  int    // passages kept per process
	Ledger *ledger.Ledger
	Edge   func(span.Edge) // takes what joins a call's group to its passage's
}

// New is a table without passages.
func New(c Config) *Table {
	line := func(what string) *atomic.Uint64 { return c.Ledger.Counter("sys", "SYS", what) }
	t := &Table{
		byID: map[uint64]*Passage{}, named: map[requestID]namedPassage{}, seed: c.Seed, limit: c.Limit, edge: c.Edge,
		edgesDropped: line("edges dropped: request never ended"),
		refused:      line("passages dropped: too many in one process"),
		handOffs:     line("processes whose threads tell nothing: others answer than those that read"),
		shared:       line("passages given up: thread serves several requests at once"),
	}
	executors := &onExecutor{current: map[Executor]*Passage{}, shared: func() { t.shared.Add(1) }}
	t.rules = []rule{executors, &goroutines{executors}}
	return t
}

// Claim is what a call that moves bytes now would belong to.
func (t *Table) Claim(m *Moment) (c Claim) {
	for _, r := range t.rules {
		if c = r.claim(m); c != 0 {
			break
		}
	}
	m.saw(t.byID[c.Passage()], c.Rule())
	return c
}

// Take is the passage of a call whose first bytes had a claim; nil if it does not hold any more.
func (t *Table) Take(c Claim) *Passage {
	if p := t.byID[c.Passage()]; p != nil && !p.shared && !p.process.handsOff {
		return p // it may be over before the answer comes
	}
	return nil
}

// Begin begins the passage of a request whose header was read; nil if its process has too many.
func (t *Table) Begin(m *Moment, by *Connection, trace span.TraceID) *Passage {
	if m.Process.passages >= t.limit {
		t.refused.Add(1)
		by.serving = nil
		return nil
	}
	t.next++
	p := &Passage{ID: newID(t.seed + t.next), executor: m.Executor, process: m.Process, by: by, trace: trace, used: m.Time}
	t.byID[p.ID] = p
	m.Process.passages++
	by.serving = p
	for _, r := range t.rules {
		r.begin(p, m)
	}
	return p
}

// Answering says that bytes go out on a connection by which requests come, or never will: the answer to the
// latest of them has begun.
func (t *Table) Answering(by *Connection) {
	if by.serving != nil {
		by.serving.answered = true
	}
}

// Lasts says that a passage's s-p is reported, by group, although it is not over.
func (t *Table) Lasts(p *Passage, group span.GroupID) {
	p.group = group
	t.joinWaiting(p)
}

// End says that a passage's s-p is reported, by group.
func (t *Table) End(p *Passage, group span.GroupID, now int64) {
	t.unname(p)
	p.answered, p.ended, p.used, p.group = true, true, now, group
	t.joinWaiting(p)
	for _, r := range t.rules {
		r.end(p)
	}
}

// AnsweredBy says which thread began the answer to a passage's request. If it is another than the one
// that read the header, of this process a thread tells nothing.
func (t *Table) AnsweredBy(p *Passage, thread uint32) {
	if p.process.Runtime != Threads || uint64(thread) == p.executor.ID {
		return
	}
	if !p.process.handsOff {
		p.process.handsOff = true
		t.handOffs.Add(1)
	}
	p.shared = true
	t.edgesDropped.Add(uint64(len(p.waiting)))
	p.waiting = nil
}

// Gone says that a passage's connection has ended, or that it was none.
func (t *Table) Gone(p *Passage, now int64) {
	t.unname(p)
	p.answered, p.ended, p.used = true, true, now
	for _, r := range t.rules {
		r.leave(p)
	}
}

// Closed is Gone of the latest request that came by a connection.
func (t *Table) Closed(by *Connection, now int64) {
	if by.serving != nil {
		t.Gone(by.serving, now)
	}
}

// Sweep forgets passages that are over.
func (t *Table) Sweep(now int64) {
	for _, p := range t.byID {
		idle := time.Duration(now - p.used)
		if p.current && idle < passageIdle || !p.current && !(p.ended && idle > passageLinger) && idle < passageIdle {
			continue
		}
		t.forget(p)
	}
}

// Drop forgets the passages of a process that is gone.
func (t *Table) Drop(of *Process) {
	for _, p := range t.byID {
		if p.process == of {
			t.forget(p)
		}
	}
}

func (t *Table) forget(p *Passage) {
	if n := len(p.waiting) + len(p.named); n > 0 {
		t.edgesDropped.Add(uint64(n))
		p.waiting, p.named = nil, nil
	}
	t.unname(p)
	delete(t.byID, p.ID)
	for _, r := range t.rules {
		r.leave(p)
	}
	p.process.passages--
}
