package causality

import "github.com/throughline-io/throughline/pkg/span"

// goroutines is the rule that what a goroutine without a passage sends is of the goroutine that woke it, or
// began it.
//
// Evidence: net/http's client has a goroutine write for each connection (persistConn.writeLoop). Who wakes
// one by a channel and then waits hands it the rest of its time slice: Go's scheduler runs it next, on the
// same thread and P, and counts no new slice (p.schedtick). So two things tell who it was: the passage whose
// goroutine was seen last in the slice, and the goroutine that ran before on the thread, where the writer was
// not taken from a queue. Where they agree it is as good as seen (RuleHandOff). One alone is a guess: the
// slice (RuleTimeSlice), for a timer, too, wakes in a slice that is under way; the goroutine (RuleWoken), for
// one that was stopped while it ran goes on behind any other. Where they differ nothing is said.
// Goroutines that a handler has begun, as an errgroup's, are their parent's (RuleParentGoroutine): that of the
// request that was open when they were seen first. A guess, too: they may have been begun for one before.
//
// Gate: Go, where the layout of the runtime is known (goruntime.Layout.Places), in processes that are followed; on arm64 the goroutine before
// is not known. Who writes for others, requests of HTTP only: gRPC's writer sends those of many at once. A
// guess counts only for calls without trace context.
//
// Measured (test/accuracy, 2,000 requests each, jobs beside): of 46,000 calls of handlers and of goroutines
// that these begin 97 % are told, one wrongly, by its parent; of jobs beside, by the slice alone, 3 of 500.
type goroutines struct {
	deaf
	executors *onExecutor
}

func (r *goroutines) claim(m *Moment) Claim {
	if m.Out && m.Executor.known() && len(m.Process.open) > 0 {
		m.Process.follow.other()
	}
	if !m.Slice.Known || !m.Out || m.Among {
		return 0 // who answers for many serves none of them
	}
	if p := r.child(m, m.Executor.ID, m.Parent); p != nil {
		return r.claimOf(p, m, span.RuleParentGoroutine)
	}
	if m.Asks && m.Process.readers[m.Parent] == nil {
		return r.asked(m)
	}
	return 0
}

// asked is of whom the request is that a goroutine writes for another.
func (r *goroutines) asked(m *Moment) Claim {
	if m.wroteInSlice() {
		return 0 // it did not wait between: who asked first woke it, and who asks now need not
	}
	last := m.lastInSlice()
	if m.Before.Goroutine == 0 {
		return r.claimOf(last, m, span.RuleTimeSlice)
	}
	if !m.Before.Selects {
		return 0 // who has asked waits for the answer, the connection's end or its own
	}
	p, rule := r.serves(m, m.Before.Goroutine), span.RuleWoken
	if p == nil {
		p, rule = r.child(m, m.Before.Goroutine, m.Before.Parent), span.RuleParentGoroutine
	}
	switch last {
	case nil:
	case p:
		if p.executor.known() { // else which of its reader's requests the goroutine serves is a guess (stream), and so is this
			rule = span.RuleHandOff
		}
	default:
		return 0
	}
	return r.claimOf(p, m, rule)
}

func (r *goroutines) claimOf(p *Passage, m *Moment, by span.PassageRule) Claim {
	if p == nil {
		return 0
	}
	p.used = m.Time
	return p.claim(by)
}

// serves is the passage of a goroutine that serves a request.
func (r *goroutines) serves(m *Moment, goroutine uint64) *Passage {
	p := r.executors.current[Executor{PID: m.Executor.PID, ID: goroutine, Goroutine: true}]
	if p == nil {
		if p = m.Process.children[goroutine]; p == nil || p.executor.known() {
			return nil // those of a handler's goroutines are not followed further
		}
	}
	if p.answered != 0 || p.shared {
		return nil
	}
	return p
}

// childrenKept bounds what is remembered of a process's goroutines, most of which have ended.
const childrenKept = 4096

// child is the passage of a goroutine that was begun for a request, while that is not answered. One that goes
// on is not the next request's.
func (r *goroutines) child(m *Moment, goroutine, parent uint64) *Passage {
	if parent == 0 {
		return nil
	}
	p, known := m.Process.children[goroutine]
	if !known {
		if p = r.serves(m, parent); p == nil {
			p = r.stream(m, goroutine, parent)
		}
		if p == nil {
			return nil
		}
		if m.Process.children == nil || len(m.Process.children) >= childrenKept {
			m.Process.children = map[uint64]*Passage{}
		}
		m.Process.children[goroutine] = p
	}
	if p.answered != 0 {
		if m.Process.readers[parent] != nil {
			m.Process.servesOn.count(true)
		}
		return nil
	}
	return p
}

func (r *goroutines) begin(p *Passage, m *Moment) { m.ran(p) }
