package causality

// rule is a way to tell which passage a call belongs to. What it is told of a call's passage may come
// from another rule, and be nil: of that call nothing is known.
type rule interface {
	// claim is the passage that what goes out now belongs to, as far as the rule can tell; 0: it cannot.
	claim(m *Moment) Claim
	// begin says that a request was read.
	begin(p *Passage, m *Moment)
	// call says that a call began.
	call(p *Passage, m *Moment)
	// back says that the answer to a call was read.
	back(p *Passage, m *Moment)
	// answer says that the answer to a request begins.
	answer(p *Passage, m *Moment)
	// end says that a request is over: answered, or given up.
	end(p *Passage)
	// leave says that nothing more can be of a passage.
	leave(p *Passage)
}

// deaf is a rule that hears nothing, to be embedded by those that hear some.
type deaf struct{}

func (deaf) begin(*Passage, *Moment)  {}
func (deaf) call(*Passage, *Moment)   {}
func (deaf) back(*Passage, *Moment)   {}
func (deaf) answer(*Passage, *Moment) {}
func (deaf) end(*Passage)             {}
func (deaf) leave(*Passage)           {}
