package causality

import "github.com/throughline-io/throughline/pkg/span"

// Strand is what a process does for one request, as far as is seen: calls that one rule takes to be of the same
// request. Whose they are is told when a request is answered.
type Strand struct {
	process *Process
	of      *Passage // whose it is by what was read first; nil: not known
	head    kind     // of the first call
	calls   int
	waits   *waiting // what was read for it last, until that is put to use
	done    bool     // its request's answer followed what it has read

	by *answerer // that makes the calls

	turns bool  // each of its calls followed what was read before
	began int64 // with the request, or the call where that is not known

	writer Executor // of its only call: another reads the answer

	own bool // of a thread's calls, see threadProof

	inTask   bool      // it is one call of a task
	order    *Strand   // what order may tell of it; nil: nothing
	calledIn []*Strand // those of which this is the order

	over    bool
	passage *Passage // that it was told to be of
	rule    span.PassageRule
}

// Over reports whether nothing more will be told of a strand.
func (s *Strand) Over() bool { return s.over }

// Told is the passage that a strand is of, and that claim; nil: that is not known.
func (s *Strand) Told() (*Passage, Claim) {
	if s.passage == nil {
		return nil, 0
	}
	return s.passage, s.passage.claim(s.rule)
}

// strands tells whose strands are.
type strands struct{ tell func(*Strand) }

// told says whose a strand is.
func (t strands) told(s *Strand, of *Passage, by span.PassageRule) {
	if !s.over {
		s.over, s.passage, s.rule = true, of, by
		t.tell(s)
		for _, in := range s.calledIn {
			t.told(in, of, by)
		}
	}
}

// drop says that it will not be known whose a strand is; nil is none.
func (t strands) drop(s *Strand) {
	if s != nil && !s.over {
		s.over = true
		t.tell(s)
	}
}
