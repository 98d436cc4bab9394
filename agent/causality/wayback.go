package causality

import "github.com/throughline-io/throughline/pkg/span"

// wayBack is the rule that a call belongs to the request whose goroutine runs behind the one that has read its answer, in the
// same time slice on the same thread; or has read the rest of that itself.
//
// Evidence: where net/http's client has read an answer (persistConn.readLoop), it wakes who asked and waits. So that one runs in
// what is left of the slice, as the writer does behind who asks (goroutines): what comes from a queue begins a new one. Of 3,600
// calls at 64 at once, those included that other rules tell, it would have told 1,700, all rightly. Those that are left to it are half
// of a handler's: a writer that is new, as its connection is, was woken by nobody.
//
// Gate: Go, in processes that are followed; calls that no other rule tells, by connections on which another goroutine reads than
// writes: what wakes a worker is its next job, too. Not where many calls are on one connection at once, or one read ends several:
// their reader wakes others. Only a request that was open when the call began, and is not answered.
type wayBack struct {
	deaf
	strands
	goroutines *goroutines
}

// heard is the answer that a thread has read last, in a time slice: to a call of a strand, or one that is not asked for.
type heard struct {
	slice  Slice
	strand *Strand
}

func (*wayBack) claim(*Moment) Claim { return 0 } // it is told later: see Strand

// calls takes a call that no other rule tells.
func (r *wayBack) calls(m *Moment, on *Connection) {
	if m.Process.Runtime == Go && m.Slice.Known && !m.Among && len(m.Process.open) > 0 {
		on.strand = &Strand{process: m.Process, began: m.Time, writer: m.Executor}
	}
}

func (r *wayBack) back(_ *Passage, m *Moment) {
	if m.Process.Runtime == Go && m.Slice.Known {
		r.hears(nil, m)
	}
}

// backIn takes that the answer to a call of a strand was read.
func (r *wayBack) backIn(s *Strand, m *Moment) {
	switch {
	case m.Process.Runtime != Go:
	case !m.Slice.Known || m.Executor == s.writer:
		r.drop(s)
	case !r.tell(s, m):
		r.hears(s, m)
	}
}

// tell tells a strand if the moment is of a request that may have made its call.
func (r *wayBack) tell(s *Strand, m *Moment) bool {
	if s == nil {
		return false
	}
	p := r.goroutines.serves(m, m.Executor.ID)
	if p == nil {
		p = r.goroutines.child(m, m.Executor.ID, m.Parent)
	}
	if p == nil || p.began > s.began {
		return false
	}
	r.told(s, p, span.RuleTimeSlice)
	return true
}

// hears keeps an answer for who runs next on the thread; none of several that were read at once.
func (r *wayBack) hears(s *Strand, m *Moment) {
	last, several := m.Process.heard[m.Thread]
	if several {
		r.drop(last.strand)
		r.drop(s)
		s = nil
	}
	if m.Process.heard == nil || len(m.Process.heard) >= slicesKept {
		r.dropAll(m.Process)
	}
	m.Process.heard[m.Thread] = heard{m.Slice, s}
}

// moves takes that a thread moves bytes: who does so has the answer that was read before, or nobody has.
func (r *wayBack) moves(m *Moment) {
	last, ok := m.Process.heard[m.Thread]
	if !ok {
		return
	}
	delete(m.Process.heard, m.Thread)
	if !m.Slice.Known || m.Slice != last.slice || !r.tell(last.strand, m) {
		r.drop(last.strand)
	}
}

// lost takes that the answer to a call of a strand will not be read, or was not seen to be.
func (r *wayBack) lost(s *Strand) {
	if s.process.Runtime == Go {
		r.drop(s)
	}
}

func (r *wayBack) end(p *Passage) {
	if p.process.heard != nil && len(p.process.open) == 0 {
		r.dropAll(p.process)
	}
}

func (r *wayBack) leave(p *Passage) { r.end(p) }

func (r *wayBack) dropAll(p *Process) {
	for _, h := range p.heard {
		r.drop(h.strand)
	}
	p.heard = map[uint32]heard{}
}
