package trace

import (
	"fmt"

	"github.com/throughline-io/throughline/pkg/span"
)

// Link is how a span of a saved trace hangs under its parent.
type Link struct {
	Parent     *span.Span // nil: a root
	Rule       Rule
	Confidence Confidence
	Reason     string
	Missing    uint8  // hops on the link that nobody saw
	Orphan     string // of a root: why there is no parent
}

// Restore makes the tree of a trace that was assembled before and saved with its links. It
// links nothing itself: what a saved trace says of its spans may be less than assembly needs.
func Restore(spans []*span.Span, links map[*span.Span]Link, o Options) *Tree {
	a := newAssembly(spans)
	a.given = links
	a.findHosts()
	a.buildChains()
	a.indexContexts()
	at := make(map[*span.Span]int32, len(a.s))
	for i, s := range a.s {
		at[s] = int32(i)
	}
	for i, s := range a.s {
		l := links[s]
		parent, known := at[l.Parent]
		if !known || parent == int32(i) {
			a.text.str(l.Orphan)
			a.orphan(int32(i))
			continue
		}
		a.text.str(l.Reason)
		a.link(int32(i), parent, l.Rule, l.Confidence)
	}
	a.breakCycles()
	return a.tree(o)
}

// ParseRule reads a rule's name.
func ParseRule(name string) (Rule, error) {
	for i, n := range ruleNames {
		if n == name {
			return Rule(i), nil
		}
	}
	return RuleNone, fmt.Errorf("unknown rule %.40q", name)
}

// ParseConfidence reads a confidence's name; "" is none.
func ParseConfidence(name string) (Confidence, error) {
	for i, n := range confidenceNames {
		if n == name {
			return Confidence(i), nil
		}
	}
	return 0, fmt.Errorf("unknown confidence %.40q", name)
}
