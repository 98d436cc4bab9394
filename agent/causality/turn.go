package causality

import "github.com/throughline-io/throughline/pkg/span"

// turns is the rule that what a thread sends belongs to what it has read just before, with nothing between: an answer
// to a request to the call whose answer it has read, a call to the request or the call before.
//
// Evidence: where many are served by few threads, one goes on where the answer that it waited for was read: WebFlux
// on Netty's loops, virtual threads on their carriers. Of 3,147 answers at 16 and 64 at once that followed the answer
// to a call, all were to the request that the call was made for. From the request on it is less sure: of 1,322 chains
// of virtual threads that agree at both ends 5 had another's call between. A call before the last one is told only
// where they agree.
//
// Gate: programs of threads, some of which serve several requests at once or hand them on; what no other rule tells.
// Not a program in which an answer followed a call that is older than the request: there this is chance. Nor one whose
// threads read several answers before they act on one, as a loop does that puts off what it has read.
type turns struct {
	deaf
	strands
	now *Strand // what the thread of this moment has read just before; nil: nothing
}

const (
	// turnsToKnow is how many answers that follow calls tell that they do not by chance.
	turnsToKnow = 20
	// chanceSeldom: one in so many that follows a call which is older than the request is too many.
	chanceSeldom = 50
	// behindSeldom: of answers to calls, one in so many that is read behind another is too many.
	behindSeldom = 10
)

func (*turns) claim(*Moment) Claim { return 0 } // it is told later: see Strand

func (*turns) gate(p *Process) bool {
	return p.Runtime.isThreads() && (p.handsOff || len(p.loops) > 0)
}

// moves takes that a thread moves bytes: what it has read before leads to this, or to nothing.
func (r *turns) moves(m *Moment) {
	r.past()
	r.now = m.Process.turn[m.Thread]
	delete(m.Process.turn, m.Thread)
}

func (r *turns) reads(s *Strand, m *Moment) {
	if m.Process.turn == nil || len(m.Process.turn) >= loopsKept {
		m.Process.turn = map[uint32]*Strand{}
	}
	m.Process.turn[m.Thread] = s
}

func (r *turns) begin(p *Passage, m *Moment) {
	r.past()
	if r.gate(m.Process) {
		r.reads(&Strand{process: m.Process, of: p, began: m.Time}, m)
	}
}

// past says that what was read before leads to nothing any more.
func (r *turns) past() {
	r.drop(r.now)
	r.now = nil
}

// calls takes a call that no other rule tells.
func (r *turns) calls(m *Moment, on *Connection) {
	s := r.now
	r.now = nil
	switch {
	case !r.gate(m.Process) || on.strand != nil:
		r.drop(s)
		return
	case s == nil || s.of == nil: // nothing tells of the calls before the last
		r.drop(s)
		s = &Strand{process: m.Process, began: m.Time}
	}
	s.turns = true
	on.strand = s
}

// backIn takes that the answer to a call of a strand was read.
func (r *turns) backIn(s *Strand, m *Moment) {
	if !s.turns {
		return
	}
	m.Process.behind.count(r.now != nil && r.now.turns)
	r.past()
	r.reads(s, m)
}

// lost takes that the answer to a call of a strand will not be read, or was not seen to be.
func (r *turns) lost(s *Strand) {
	if s.turns {
		r.drop(s)
	}
}

func (r *turns) answer(p *Passage, m *Moment) {
	s := r.now
	r.now = nil
	if s == nil || !s.turns {
		return
	}
	seen := &m.Process.turned
	chance := s.began < p.began
	seen.count(chance)
	known := seen.all > turnsToKnow && seen.seldom(chanceSeldom) && m.Process.behind.seldom(behindSeldom)
	if known && !chance && (s.of == nil || s.of == p) {
		r.told(s, p, span.RuleTurn)
	}
	r.drop(s)
}
