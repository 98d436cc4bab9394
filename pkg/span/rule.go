package span

// PassageRule is how an agent knew which passage a call belongs to (agent/causality).
type PassageRule uint8

// The rules. They are stored: a new one goes to the end.
const (
	RuleUnknown         PassageRule = iota // no passage, or an agent that did not say
	RuleGoroutine                          // the goroutine that read the request made the call
	RuleThread                             // the thread that read the request made the call
	RuleSoleRequest                        // no other request was open in the process
	RuleSoleInput                          // event loop: nothing else that was read waited for its output
	RuleInputOrder                         // event loop: outputs follow inputs in order
	RuleTimeSlice                          // Go: the goroutine ran in the time slice of the one that has the passage
	RuleWoken                              // Go: the goroutine that has the passage ran before, and woke it
	RuleHandOff                            // Go: both
	RuleParentGoroutine                    // Go: the goroutine that has the passage began the one that made the call
	RuleKindOrder                          // event loop: inputs of a kind lead on in order, from the request on and back from its answer
	RuleAnswerThread                       // the thread that answers the request made the call, and did nothing else between
	RuleTurn                               // the thread had just read what led to it, and what it led to
	RuleAnswerTask                         // event loop: the task that answers the request made the call
	RuleLast            = RuleAnswerTask
)

var passageRules = [...]string{"", "goroutine", "thread", "sole request", "sole input", "input order", "time slice", "woken", "hand-off", "parent goroutine", "kind order", "answer thread", "turn", "answer task"}

// String is the rule's name; "" for none and for one of a newer agent.
func (r PassageRule) String() string {
	if int(r) >= len(passageRules) {
		return ""
	}
	return passageRules[r]
}

// ParsePassageRule reads a rule's name; "" is none.
func ParsePassageRule(s string) (PassageRule, error) {
	v, err := parse(passageRules[:], s, "passage rule")
	return PassageRule(v), err
}
