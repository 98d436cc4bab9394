package causality

import "github.com/throughline-io/throughline/pkg/span"

// answerThread is the rule that what a thread sends belongs to the request that it answers next, where it does one
// thing after the other.
//
// Evidence: servers have threads that only read, and hand a request on when its header is there: Puma's reactor,
// Undertow's I/O threads. Who then calls for it answers it, too. Reading a request tells nothing then, and answering
// tells all: of 1,200 requests of each at 16 and 64 at once none wrong, and those told that came after the first few.
//
// Gate: programs of threads that were seen to answer requests that others read, and, for the first
// such request, threads that have answered where all do one thing after the other. Only threads that have answered
// some, be it requests that they had read themselves, and never asked before the answer to their last call, nor had it read by
// another thread, nor had two requests of their own: event loops and the carriers of virtual threads do. Where none of a process's
// threads was seen to, all of them count.
type answerThread struct {
	deaf
	strands
}

// answerer is a thread that answers requests.
type answerer struct {
	answers int      // that it has given
	calls   int      // that it has made
	strand  *Strand  // its calls since the latest of them; nil: none
	began   int64    // of the first
	asks    bool     // it waits for the answer to one
	serves  *Passage // whose request it has read itself
	several bool     // it does several things at once
}

const (
	// answersToKnow is how many answers tell that a thread does one thing after the other.
	answersToKnow = 3
	// answersToTrust is how many tell that all threads of a process do, where none was seen not to.
	answersToTrust = 32
	// callsOfNobody is how many calls of a thread that has never answered tell that it works beside requests.
	callsOfNobody = 20
)

func (*answerThread) claim(*Moment) Claim { return 0 } // it is told later: see Strand

func (*answerThread) gate(p *Process) bool { return p.Runtime.isThreads() && p.handsOff }

// of is the answerer on whose thread a moment is; nil: none.
func (r *answerThread) of(m *Moment) *answerer {
	w := m.Process.answerers[m.Thread]
	if w == nil || w.several || !r.gate(m.Process) && (w.answers == 0 || !m.Process.oneByOne()) {
		return nil
	}
	return w
}

func (r *answerThread) begin(p *Passage, m *Moment) {
	w := m.Process.answerers[m.Thread]
	if w == nil || w.several || !m.Process.Runtime.isThreads() {
		return
	}
	if w.serves != nil && w.serves.answered == 0 && w.serves.by != p.by {
		r.isLoop(m.Process, w)
		return
	}
	w.serves = p
	r.cut(w)
}

// calls takes a call that no other rule tells.
func (r *answerThread) calls(m *Moment, on *Connection) {
	if on.strand != nil {
		return // it waits to be told by the thread that has read the request
	}
	w := r.of(m)
	if m.Process.answerers[m.Thread] == nil && r.gate(m.Process) && len(m.Process.open) > 0 && m.Process.oneByOne() {
		w = m.Process.works(m.Thread)
	}
	switch {
	case w == nil:
		return
	case w.asks:
		r.isLoop(m.Process, w)
		return
	case w.answers == 0 && w.calls > callsOfNobody:
		w.several = true
		r.cut(w)
		return
	case w.strand == nil:
		w.strand, w.began = &Strand{process: m.Process, by: w}, m.Time
	}
	w.calls++
	w.asks, on.strand = true, w.strand
}

// backIn takes that the answer to a call of a strand was read.
func (r *answerThread) backIn(s *Strand, m *Moment) {
	switch w := s.by; {
	case w == nil:
	case r.of(m) != w:
		r.isLoop(m.Process, w)
	case w.strand == s:
		w.asks = false
	}
}

// lost takes that the answer to a call of a strand will not be read, or was not seen to be.
func (r *answerThread) lost(s *Strand) {
	if w := s.by; w != nil && w.strand == s {
		w.asks = false
	}
}

func (r *answerThread) answer(p *Passage, m *Moment) {
	if !m.Process.Runtime.isThreads() {
		return
	}
	w := m.Process.answerers[m.Thread]
	switch {
	case w == nil:
		m.Process.works(m.Thread)
		return
	case w.several:
		return
	case w.asks || w.serves != nil && w.serves != p && w.serves.answered == 0:
		r.isLoop(m.Process, w)
		return
	}
	s := w.strand
	w.answers++
	m.Process.inOrder.count(false)
	w.serves, w.strand = nil, nil
	switch {
	case s == nil:
	case w.began >= p.began && (w.answers > answersToKnow || m.Process.oneByOne()):
		r.told(s, p, span.RuleAnswerThread)
	case w.began >= p.began:
		r.hold(m.Process, heldStrand{s, p, m.Thread})
	default:
		r.drop(s)
	}
}

// isLoop says that a thread does several things at once.
func (r *answerThread) isLoop(of *Process, w *answerer) {
	of.inOrder.count(true)
	w.several = true
	r.cut(w)
}

// cut ends what a thread has done so far: that will be nobody's.
func (r *answerThread) cut(w *answerer) {
	r.drop(w.strand)
	w.strand, w.asks = nil, false
}

// works says that a thread of a process answers requests.
func (p *Process) works(thread uint32) *answerer {
	if p.answerers == nil || len(p.answerers) >= loopsKept {
		p.answerers = map[uint32]*answerer{}
	}
	w := &answerer{}
	p.answerers[thread] = w
	return w
}

// oneByOne reports whether all threads of a process were seen to do one thing after the other.
func (p *Process) oneByOne() bool { return p.inOrder.all > answersToTrust && p.inOrder.so == 0 }
