package causality

import (
	"slices"

	"github.com/throughline-io/throughline/pkg/span"
)

// onExecutor is the rule that what an executor sends belongs to the request whose header it read last.
//
// Gate: every runtime whose executors are known; not an executor that was seen to serve several requests
// at once or carries virtual threads, and not a process whose requests others answer than those that read them. In Python with asyncio
// a thread may be a loop that has had but one request at a time: only where two threads serve at once. Where several requests are open,
// threads only of a process that was seen to serve one at a time on each (threadProof).
//
// A thread's passage ends with its answer: what the thread does then is other work. What a goroutine does
// then still is its request's, until it reads the next one: net/http gives each connection a goroutine.
type onExecutor struct {
	deaf
	current map[Executor]*Passage
	shared  func() // counts an executor that serves several at once
	threads threads
}

func (r *onExecutor) claim(m *Moment) Claim {
	p := r.serves(m)
	if p == nil || !p.executor.Goroutine && !p.mayTell() {
		return 0
	}
	p.used = m.Time
	if p.executor.Goroutine {
		return p.claim(span.RuleGoroutine)
	}
	return p.claim(span.RuleThread)
}

// serves is the passage that is the executor's; nil: it has none, or tells nothing.
func (r *onExecutor) serves(m *Moment) *Passage {
	p := r.current[m.Executor]
	if p == nil || p.shared || m.Process.handsOff || m.Process.Runtime == AsyncIO && !m.Process.parallel {
		return nil
	}
	return p
}

// calls takes a call on a connection, which may be of no passage that is known yet.
func (r *onExecutor) calls(of *Passage, m *Moment, on *Connection) {
	if m.Executor.Goroutine || !m.Executor.known() {
		return
	}
	p := r.serves(m)
	if p == nil {
		return
	}
	r.threads.calls(p, on)
	if of == nil && on.strand == nil {
		on.strand = r.threads.holds(p, m)
	}
}

func (r *onExecutor) begin(p *Passage, m *Moment) {
	if !p.executor.known() {
		return
	}
	if !p.executor.Goroutine {
		r.threads.begins(p)
	}
	if !m.Process.parallel {
		m.Process.parallel = slices.ContainsFunc(m.Process.open, func(o *Passage) bool { return o.executor != p.executor })
	}
	switch before := r.current[p.executor]; {
	case m.Process.loops[p.executor] || m.Process.handsOff:
		p.shared = true
	case before == nil:
	case before.answered == 0 && before.by == p.by:
		// Pipelined: both headers came at once, but the code still serves the first.
		before.behind = append(before.behind, p)
		return
	case before.answered == 0:
		// An event loop: which request a call serves cannot be told by its thread.
		before.shared, p.shared = true, true
		m.Process.isLoop(p.executor)
		r.threads.mixes(m.Process)
		r.shared()
	}
	r.enter(p)
}

func (r *onExecutor) enter(p *Passage) {
	if before := r.current[p.executor]; before != nil {
		before.current = false
	}
	p.current = true
	r.current[p.executor] = p
}

func (r *onExecutor) end(p *Passage) {
	switch {
	case len(p.behind) > 0:
		next := p.behind[0]
		next.behind = append(next.behind, p.behind[1:]...)
		p.behind = nil
		if p.current {
			r.enter(next)
		}
	case !p.executor.Goroutine:
		r.exit(p)
	}
}

func (r *onExecutor) answer(p *Passage, m *Moment) { r.threads.answers(p, m) }

func (r *onExecutor) leave(p *Passage) {
	r.threads.leaves(p)
	r.exit(p)
}

// exit ends what a passage's executor does for it.
func (r *onExecutor) exit(p *Passage) {
	p.current = false
	if r.current[p.executor] == p {
		delete(r.current, p.executor)
	}
}
