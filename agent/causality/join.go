package causality

import "github.com/throughline-io/throughline/pkg/span"

// waitingLimit bounds the calls that wait for their s-p's end.
const waitingLimit = 1024

// waitingCall is a c-p whose s-p is not reported yet.
type waitingCall struct {
	group span.GroupID
	start int64
	rule  span.PassageRule
}

// Join says that a c-p belongs to the passage. It may have a trace context of its own: that of a trace
// that is not sampled, or that its client has begun.
func (t *Table) Join(p *Passage, c Claim, group span.GroupID, start int64) {
	t.join(p, &p.waiting, waitingCall{group, start, c.Rule()})
}

func (t *Table) join(p *Passage, waiting *[]waitingCall, w waitingCall) {
	switch n := len(*waiting); {
	case w.group == 0, n > 0 && (*waiting)[n-1].group == w.group: // calls of one trace
	case !p.trace.IsZero() || p.group != 0:
		t.joinNow(p, w)
	case n >= waitingLimit:
		t.edgesDropped.Add(1)
	default:
		*waiting = append(*waiting, w)
	}
}

func (t *Table) joinWaiting(p *Passage) {
	for _, w := range p.waiting {
		t.joinNow(p, w)
	}
	for _, w := range p.named {
		t.joinNow(p, w)
	}
	p.waiting, p.named = nil, nil
}

func (t *Table) joinNow(p *Passage, w waitingCall) {
	to := span.TraceGroup(p.trace)
	if to == 0 {
		to = p.group
	}
	if to != 0 && to != w.group && p.joined != w.group {
		p.joined = w.group
		t.edge(span.Edge{A: w.group, B: to, Time: w.start, Kind: span.EdgePassage})
	}
}
