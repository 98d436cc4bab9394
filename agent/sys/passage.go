package sys

import (
	"time"

	"github.com/throughline-io/throughline/pkg/span"
)

// executor is what runs a request's code in a process: a goroutine, or a thread where
// there are none.
type executor struct {
	pid       uint32
	goroutine bool
	id        uint64
}

// passage is one request's way through a process, from the reading of its header on. It ends with
// its connection. A thread's ends with its answer too: what the thread does then is other work. What
// a goroutine does then still is its request's, until it reads the next one: net/http gives each
// connection a goroutine.
type passage struct {
	id       uint64
	executor executor
	process  *process
	socket   *socket // it came by
	trace    span.TraceID

	current  bool  // the latest on its executor
	answered bool  // its response has begun, or will not come
	ended    bool  // its s-p is reported
	shared   bool  // its executor serves several requests at once: nothing is known of causes
	used     int64 // by the kernel's monotonic clock, as is every time here

	group   span.GroupID  // of its s-p, known when that is reported
	waiting []waitingCall // calls reported before
	joined  span.GroupID  // the latest group that was joined to it
	request string        // its X-Request-ID
	named   []waitingCall // calls with that id, reported before
	behind  []*passage    // pipelined requests that its executor has read already
}

// waitingCall is a c-p whose s-p is not reported yet.
type waitingCall struct {
	group span.GroupID
	start int64
}

const (
	// passageIdle is how long a passage stays its executor's although nothing happens.
	passageIdle = 10 * time.Minute
	// passageLinger is how long a passage is kept behind its end, for calls of it that are
	// still being read.
	passageLinger = 2 * time.Second
	// waitingLimit bounds the calls that wait for their s-p's end.
	waitingLimit = 1024
)

// passageTable knows the passages that are going on.
type passageTable struct {
	current map[executor]*passage
	byID    map[uint64]*passage
	named   map[requestID]namedPassage
	limit   int // per process
	next    uint64
	seed    uint64
	counts  *counts
}

func newPassageTable(seed uint64, limit int, c *counts) *passageTable {
	return &passageTable{current: map[executor]*passage{}, byID: map[uint64]*passage{}, named: map[requestID]namedPassage{}, seed: seed, limit: limit, counts: c}
}

// Tag is the id of the passage that is going on on an executor, 0 for none.
func (t *passageTable) Tag(e executor, now int64) uint64 {
	p := t.current[e]
	if p == nil || p.shared {
		return 0
	}
	p.used = now
	return p.id
}

// Begin begins the passage of a request whose header the executor has read.
func (t *passageTable) Begin(e executor, s *socket, trace span.TraceID, now int64) *passage {
	if s.process.passages >= t.limit {
		t.counts.passagesRefused.Add(1)
		return nil
	}
	t.next++
	p := &passage{id: mix(t.seed + t.next), executor: e, process: s.process, socket: s, trace: trace, used: now}
	t.byID[p.id] = p
	s.process.passages++
	if e.id == 0 { // nothing tells what it does
		return p
	}
	switch before := t.current[e]; {
	case s.process.loops[e] || s.process.handsOff:
		p.shared = true
	case before == nil:
	case !before.answered && before.socket == s:
		// Pipelined: both headers came at once, but the code still serves the first.
		before.behind = append(before.behind, p)
		return p
	case !before.answered:
		// An event loop: which request a call serves cannot be told by its thread.
		before.shared, p.shared = true, true
		s.process.isLoop(e)
		t.counts.sharedExecutors.Add(1)
	}
	t.enter(p)
	return p
}

func (t *passageTable) enter(p *passage) {
	if before := t.current[p.executor]; before != nil {
		before.current = false
	}
	p.current = true
	t.current[p.executor] = p
}

// Lasts says that a passage's s-p is reported, by group, although it is not over.
func (t *passageTable) Lasts(p *passage, group span.GroupID, edge func(span.Edge)) {
	p.group = group
	p.joinWaiting(edge)
}

// End says that a passage's s-p is reported, by group.
func (t *passageTable) End(p *passage, group span.GroupID, now int64, edge func(span.Edge)) {
	t.unname(p)
	p.answered, p.ended, p.used, p.group = true, true, now, group
	p.joinWaiting(edge)
	switch {
	case len(p.behind) > 0:
		next := p.behind[0]
		next.behind = append(next.behind, p.behind[1:]...)
		p.behind = nil
		if p.current {
			t.enter(next)
		}
	case !p.executor.goroutine:
		t.leave(p)
	}
}

// HandedOff says that another thread than the one that read the request's header answered it: of
// this process a thread tells nothing.
func (t *passageTable) HandedOff(p *passage) {
	if !p.process.handsOff {
		p.process.handsOff = true
		t.counts.handOffs.Add(1)
	}
	p.shared = true
	t.counts.edgesDropped.Add(uint64(len(p.waiting)))
	p.waiting = nil
}

// Gone says that the connection a passage came by has ended.
func (t *passageTable) Gone(p *passage, now int64) {
	t.unname(p)
	p.answered, p.ended, p.used = true, true, now
	t.leave(p)
}

// leave ends what a passage's executor does for it.
func (t *passageTable) leave(p *passage) {
	p.current = false
	if t.current[p.executor] == p {
		delete(t.current, p.executor)
	}
}

// Join says that a c-p belongs to the passage. It may have a trace context of its own: that of a trace
// that is not sampled, or that its client has begun.
func (t *passageTable) Join(p *passage, group span.GroupID, start int64, edge func(span.Edge)) {
	if group != 0 && p.process.handsOff {
		t.counts.edgesDropped.Add(1)
		return
	}
	t.join(p, &p.waiting, waitingCall{group, start}, edge)
}

func (t *passageTable) join(p *passage, waiting *[]waitingCall, w waitingCall, edge func(span.Edge)) {
	switch n := len(*waiting); {
	case w.group == 0, n > 0 && (*waiting)[n-1].group == w.group: // calls of one trace
	case !p.trace.IsZero() || p.group != 0:
		p.join(w, edge)
	case n >= waitingLimit:
		t.counts.edgesDropped.Add(1)
	default:
		*waiting = append(*waiting, w)
	}
}

func (p *passage) joinWaiting(edge func(span.Edge)) {
	for _, w := range p.waiting {
		p.join(w, edge)
	}
	for _, w := range p.named {
		p.join(w, edge)
	}
	p.waiting, p.named = nil, nil
}

func (p *passage) join(w waitingCall, edge func(span.Edge)) {
	to := span.TraceGroup(p.trace)
	if to == 0 {
		to = p.group
	}
	if to != 0 && to != w.group && p.joined != w.group {
		p.joined = w.group
		edge(span.Edge{A: w.group, B: to, Time: w.start, Kind: span.EdgePassage})
	}
}

// Sweep forgets passages that are over.
func (t *passageTable) Sweep(now int64) {
	for id, p := range t.byID {
		idle := time.Duration(now - p.used)
		if p.current && idle < passageIdle || !p.current && !(p.ended && idle > passageLinger) && idle < passageIdle {
			continue
		}
		t.forget(id, p)
	}
}

// Drop forgets the passages of a process that is gone.
func (t *passageTable) Drop(of *process) {
	for id, p := range t.byID {
		if p.process == of {
			t.forget(id, p)
		}
	}
}

func (t *passageTable) forget(id uint64, p *passage) {
	if n := len(p.waiting) + len(p.named); n > 0 {
		t.counts.edgesDropped.Add(uint64(n))
		p.waiting, p.named = nil, nil
	}
	t.unname(p)
	delete(t.byID, id)
	if t.current[p.executor] == p {
		delete(t.current, p.executor)
	}
	p.process.passages--
}

// mix is the finalizer of splitmix64; never 0, which means no passage.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	if x ^= x >> 31; x == 0 {
		return 1
	}
	return x
}
