package causality

import "github.com/throughline-io/throughline/pkg/span"

// Claim is the passage that a call would belong to, and the rule that says so: the passage's id, whose
// lowest bits are free for the rule. 0 is none.
type Claim uint64

const ruleBits = 4

// Compile-time: every rule fits, and Nobody.
const _ = uint(1<<ruleBits - 2 - span.RuleLast)

// Nobody is the claim of a call that no request has caused, as far as is seen.
const Nobody = Claim(1<<ruleBits - 1)

func (p *Passage) claim(r span.PassageRule) Claim { return Claim(p.ID | uint64(r)) }

// Passage is the id of the claim's passage; 0 for none.
func (c Claim) Passage() uint64 { return uint64(c) &^ (1<<ruleBits - 1) }

// Fits reports whether a claim may be of a call with a trace context, which says more of it than rules that were seen to be
// wrong now and then. Others that go by less than what runs the call hold unless the request has come in another trace.
func (t *Table) Fits(c Claim, trace span.TraceID) bool {
	if trace.IsZero() {
		return true
	}
	switch c.Rule() {
	case span.RuleTimeSlice, span.RuleWoken, span.RuleParentGoroutine:
		return false
	case span.RuleSoleRequest, span.RuleKindOrder, span.RuleAnswerThread, span.RuleAnswerTask, span.RuleTurn:
		p := t.byID[c.Passage()]
		return p == nil || p.trace.IsZero() || p.trace == trace
	}
	return true
}

// Inferred reports whether the claim is of a rule that sees less than what ran the request run the call: an
// X-Request-ID that the program passed on goes before.
func (c Claim) Inferred() bool {
	switch c.Rule() {
	case span.RuleUnknown, span.RuleGoroutine, span.RuleThread, span.RuleHandOff:
		return false
	}
	return true
}

// Rule is the rule that made the claim.
func (c Claim) Rule() span.PassageRule { return span.PassageRule(c & (1<<ruleBits - 1)) }

// newID is the id of the nth passage; never 0, which means no passage.
func newID(n uint64) uint64 {
	x := n + 0x9e3779b97f4a7c15 // the finalizer of splitmix64
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	x = (x ^ x>>31) &^ (1<<ruleBits - 1)
	return max(x, 1<<ruleBits)
}
