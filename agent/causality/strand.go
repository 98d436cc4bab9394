package causality

import "github.com/throughline-io/throughline/pkg/span"

// Strand is what an event loop does for one request, as far as order tells: calls, each of which what was read
// before has led to. Whose it is is told when the request is answered: then it is known from both sides.
type Strand struct {
	process *Process
	of      *Passage // whose it is by what was read first; nil: not known
	head    kind     // of the first call
	calls   int
	waits   *waiting // what was read for it last, until that is put to use

	done    bool // its request's answer followed what it has read
	over    bool
	passage *Passage // that it was told to be of
}

// Over reports whether nothing more will be told of a strand.
func (s *Strand) Over() bool { return s.over }

// Told is the passage that a strand is of, and that claim; nil: that is not known.
func (s *Strand) Told() (*Passage, Claim) {
	if s.passage == nil {
		return nil, 0
	}
	return s.passage, s.passage.claim(span.RuleKindOrder)
}
