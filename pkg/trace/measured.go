package trace

import (
	_ "embed"
	"encoding/json"
	"fmt"

	"github.com/throughline-io/throughline/pkg/span"
)

//go:embed measured.json
var measuredJSON []byte

// Measured is how often the links of a rule were right where the truth was known (docs/accuracy.md).
type Measured struct {
	Right int `json:"right"`
	Wrong int `json:"wrong"`
}

// measured is by Tree.RuleText. test/accuracy writes the file with its document.
var measured = func() (m map[string]Measured) {
	if err := json.Unmarshal(measuredJSON, &m); err != nil {
		panic(fmt.Sprintf("measured.json: %v", err)) // it is part of the program
	}
	return m
}()

// MeasuredOf tells how often links of a rule were right, by its name as Tree.RuleText has it. False: the
// rule was not measured.
func MeasuredOf(rule string) (Measured, bool) {
	m, ok := measured[rule]
	return m, ok
}

// RuleText names the rule that linked span i to its parent; for a passage with the agent's rule that told
// it, as in "passage: sole input". Empty where there is no parent.
func (t *Tree) RuleText(i int32) string {
	switch {
	case t.Parent[i] == none:
		return ""
	case t.Rule[i] == RulePassage:
		return passageTexts[min(t.Spans[i].PassageRule, span.RuleLast+1)]
	}
	return t.Rule[i].String()
}

// passageTexts are by the agent's rule, and of one of a newer agent.
var passageTexts = func() (texts [span.RuleLast + 2]string) {
	for by := range texts {
		texts[by] = RulePassage.String()
		if name := span.PassageRule(by).String(); name != "" {
			texts[by] += ": " + name
		}
	}
	return texts
}()
