package causality

import (
	"math"
	"slices"
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

// Table knows the passages that are going on. It is not safe for concurrent use.
type Table struct {
	rules        []rule // the surest first
	loops        loopInputs
	sole         *soleInput
	order        *inputOrder
	kindOrder    *kindOrder
	answerTask   *answerTask
	answerThread *answerThread
	turns        *turns
	wayBack      *wayBack
	goroutines   *goroutines
	executors    *onExecutor
	byID         map[uint64]*Passage
	named        map[requestID]namedPassage
	limit        int // per process
	next         uint64
	seed         uint64
	edge         func(span.Edge)

	refused, edgesDropped, shared, handOffs, contradicted *atomic.Uint64
}

// Config of a Table.
type Config struct {
	Seed   uint64 // tells this table's ids from those of others
	Limit  int    // passages kept per process
	Ledger *ledger.Ledger
	Edge   func(span.Edge) // takes what joins a call's group to its passage's
	Told   func(*Strand)   // takes a strand of which it is known now whose it is, or that this will not be known; nil: nobody asks
}

// New is a table without passages.
func New(c Config) *Table {
	line := func(what string) *atomic.Uint64 { return c.Ledger.Counter("sys", "SYS", what) }
	t := &Table{
		byID: map[uint64]*Passage{}, named: map[requestID]namedPassage{}, seed: c.Seed, limit: c.Limit, edge: c.Edge,
		edgesDropped: line("edges dropped: request never ended"),
		refused:      line("passages dropped: too many in one process"),
		handOffs:     line("processes whose threads tell nothing: others answer than those that read"),
		contradicted: line("calls joined with nothing: the request was answered before them"),
		shared:       line("passages given up: thread serves several requests at once"),
	}
	t.loops = loopInputs{}
	t.sole = &soleInput{threads: t.loops}
	t.order = &inputOrder{threads: t.loops}
	if c.Told == nil {
		c.Told = func(*Strand) {}
	}
	t.kindOrder, t.answerThread = &kindOrder{strands: strands{c.Told}}, &answerThread{strands: strands{c.Told}}
	t.turns, t.answerTask = &turns{strands: strands{c.Told}}, &answerTask{strands: strands{c.Told}}
	executors := &onExecutor{current: map[Executor]*Passage{}, shared: func() { t.shared.Add(1) }, threads: threads{strands{c.Told}}}
	t.executors = executors
	t.goroutines = &goroutines{executors: executors}
	t.wayBack = &wayBack{strands: strands{c.Told}, goroutines: t.goroutines}
	t.rules = []rule{executors, t.goroutines, t.sole, t.order, t.answerTask, t.kindOrder, t.answerThread, t.turns, t.wayBack, soleRequest{}}
	return t
}

// Claim is what bytes that go out on a connection now would belong to, if they begin a call.
func (t *Table) Claim(m *Moment, on *Connection) Claim {
	t.executors.threads.moves(m, on)
	t.turns.moves(m)
	t.wayBack.moves(m)
	m.Among = on.among
	if on.opened {
		on.prepared = on.prepared || !m.Out
		if on.claim != 0 {
			return on.claim
		}
		return soleRequest{}.claim(m) // what was read meanwhile has nothing to do with it
	}
	return t.claim(m)
}

func (t *Table) claim(m *Moment) (c Claim) {
	m.Process.follow.call()
	for _, r := range t.rules {
		if c = r.claim(m); c != 0 {
			break
		}
	}
	seen := c
	if c.Rule() == span.RuleSoleRequest {
		seen = 0 // nothing was seen of what ran
	}
	m.saw(t.byID[seen.Passage()], seen.Rule())
	return c
}

// Opens reports whether the moment of connect tells more of a process's calls than that of their first bytes:
// in an event loop these wait until the connection is there.
func (p *Process) Opens() bool {
	return p.Runtime == Nginx || p.Runtime == HAProxy || p.Runtime == Node || p.Runtime == AsyncIO
}

// Connect says that a connection is being opened. What is read by now has led to that.
func (t *Table) Connect(m *Moment) Connection {
	c := Connection{opened: true, claim: t.claim(m), idle: t.sole.idle(m), strand: t.kindOrder.connects(m)}
	if c.claim.Rule() == span.RuleSoleRequest {
		c.claim = 0 // it asks for the moment of the first bytes
	}
	if p := t.byID[c.claim.Passage()]; p != nil {
		t.calls(p, m)
	}
	return c
}

// Call says that what began with a claim on a connection is a call, and of what kind: a hash of whom it asks
// for what. It is nil, and the claim 0, where no passage is known; or that of Nobody, where nothing was read
// that could have led to the call, as to a timer's.
func (t *Table) Call(c Claim, m *Moment, on *Connection, kind uint64) (*Passage, Claim) {
	opened, idle := on.opened, on.idle
	if !opened {
		idle = t.sole.idle(m)
	}
	p := t.byID[c.Passage()]
	if p != nil && !p.holds(c) || opened && p != nil && p.answered != 0 {
		p = nil
	}
	if p == nil {
		c = 0
	}
	if !m.Process.begins(c, kind) {
		p, c = nil, 0
	}
	on.opened, on.idle = false, false
	t.kindOrder.calls(p, c.Rule(), m, on, opened, kind)
	t.answerTask.calls(p, m, on)
	t.executors.calls(p, m, on)
	if p == nil {
		t.answerThread.calls(m, on)
		t.turns.calls(m, on)
		t.wayBack.calls(m, on)
	} else {
		t.turns.past()
	}
	if !opened || c.Rule() == span.RuleSoleRequest {
		t.calls(p, m)
	}
	if p == nil && idle {
		return nil, Nobody
	}
	return p, c
}

func (t *Table) calls(p *Passage, m *Moment) {
	for _, r := range t.rules {
		r.call(p, m)
	}
}

// Back says that the answer to a call was read now, whose passage is not known where it is nil. What it may lead
// to is nobody's, too, where its claim is that.
func (t *Table) Back(p *Passage, c Claim, m *Moment) {
	if p == nil && c == Nobody {
		return
	}
	for _, r := range t.rules {
		r.back(p, m)
	}
}

// BackIn is Back of a call whose passage is not known, but its strand.
func (t *Table) BackIn(s *Strand, m *Moment) {
	if s.own {
		return
	}
	if s.inTask {
		if s = s.order; s == nil {
			return
		}
	}
	t.kindOrder.backIn(s, m)
	t.answerThread.backIn(s, m)
	t.turns.backIn(s, m)
	t.wayBack.backIn(s, m)
}

// Lost says that the answer to a call of a strand was not read, or not seen to be.
func (t *Table) Lost(s *Strand) {
	t.answerThread.lost(s)
	t.turns.lost(s)
	t.wayBack.lost(s)
}

// Holds reports whether a call whose answer began at a time still belongs to its passage. What the evidence
// is of a moment only must not be contradicted later: who waits for a call's answer does not answer before.
func (t *Table) Holds(c Claim, p *Passage, answer int64, m *Moment) bool {
	switch c.Rule() {
	case span.RuleThread:
		return !p.process.handsOff
	case span.RuleHandOff, span.RuleTimeSlice, span.RuleWoken, span.RuleParentGoroutine:
		if !p.executor.known() && p.answeredBefore(answer) {
			t.contradicted.Add(1)
			return false
		}
	case span.RuleSoleInput, span.RuleInputOrder, span.RuleSoleRequest, span.RuleKindOrder, span.RuleAnswerThread, span.RuleAnswerTask, span.RuleTurn:
		if p.answeredBefore(answer) {
			t.contradicted.Add(1)
			t.order.contradict(m)
			return false
		}
	}
	return true
}

// Begin begins the passage of a request whose header was read; nil if its process has too many.
func (t *Table) Begin(m *Moment, by *Connection, trace span.TraceID) *Passage {
	if m.Process.passages >= t.limit {
		t.refused.Add(1)
		by.serving = nil
		return nil
	}
	t.next++
	p := &Passage{ID: newID(t.seed + t.next), executor: m.Executor, process: m.Process, by: by, trace: trace, began: m.Time, used: m.Time}
	t.byID[p.ID] = p
	m.Process.passages++
	by.serving = p
	for _, r := range t.rules {
		r.begin(p, m)
	}
	m.Process.opens(p)
	return p
}

// BeginAmong is Begin of a request that comes by a connection with many at once, as HTTP/2's: what reads it does so for
// all of them, and is not what serves it; and bytes that go out there may be another's answer. So it is of no executor,
// and Answered says when it is answered.
func (t *Table) BeginAmong(m *Moment, by *Connection, trace span.TraceID) *Passage {
	among := *m
	among.Executor = Executor{}
	p := t.Begin(&among, by, trace)
	t.goroutines.reads(p, m)
	by.serving, by.among = nil, true
	return p
}

// Answered says that a request's answer began at a time of the wall clock.
func (t *Table) Answered(p *Passage, wall int64) {
	if p.answered == 0 {
		p.answered = wall
	}
}

// Answering says that bytes go out on a connection by which requests come, at a time of the wall clock: the
// answer to the latest of them has begun.
func (t *Table) Answering(by *Connection, m *Moment, wall int64) {
	p := by.serving
	if p == nil || p.answered != 0 {
		return
	}
	p.answered = wall
	for _, r := range t.rules {
		r.answer(p, m)
	}
	t.executors.threads.release(p.process)
}

// Ended says that no answer can be sent on a connection any more.
func (t *Table) Ended(by *Connection, wall int64) {
	if p := by.serving; p != nil && p.answered == 0 {
		p.answered = wall
	}
}

// Lasts says that a passage's s-p is reported, by group, although it is not over.
func (t *Table) Lasts(p *Passage, group span.GroupID) {
	p.group = group
	t.joinWaiting(p)
}

// End says that a passage's s-p is reported, by group.
func (t *Table) End(p *Passage, group span.GroupID, now int64) {
	p.group = group
	t.joinWaiting(p)
	t.over(p, now)
	for _, r := range t.rules {
		r.end(p)
	}
}

func (t *Table) over(p *Passage, now int64) {
	t.unname(p)
	p.process.closes(p)
	p.ended, p.used = true, now
	if p.answered == 0 {
		p.answered = math.MaxInt64 // it was not seen
	}
}

// AnsweredBy says which thread began the answer to a passage's request. If it is another than the one
// that read the header, of this process a thread tells nothing.
func (t *Table) AnsweredBy(p *Passage, thread uint32) {
	if !p.process.Runtime.hasThreads() || uint64(thread) == p.executor.ID {
		return
	}
	if !p.process.handsOff {
		p.process.handsOff = true
		t.handOffs.Add(1)
	}
	p.shared = true
	before := len(p.waiting)
	p.waiting = slices.DeleteFunc(p.waiting, func(w waitingCall) bool { return w.rule == span.RuleThread })
	t.edgesDropped.Add(uint64(before - len(p.waiting)))
}

// Gone says that a passage's connection has ended, or that it was none.
func (t *Table) Gone(p *Passage, now int64) {
	t.over(p, now)
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
	t.loops.sweep(now)
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
	p.process.closes(p)
	delete(t.byID, p.ID)
	for _, r := range t.rules {
		r.leave(p)
	}
	p.process.passages--
}
