package trace

import (
	"github.com/throughline-io/throughline/pkg/span"
)

// Rule says which rule made a link.
type Rule uint8

// The rules, strongest first. The zero value is no link.
const (
	RuleNone       Rule = 0
	RuleHopChain   Rule = 1
	RuleProxy      Rule = 2
	RuleContext    Rule = 3
	RuleServerRoot Rule = 4
	RulePassage    Rule = 5
	RuleParentID   Rule = 6
)

var ruleNames = [...]string{"", "hop chain", "proxy", "trace context", "server root", "passage", "parent span id"}

func (r Rule) String() string {
	if int(r) < len(ruleNames) {
		return ruleNames[r]
	}
	return "Rule(?)"
}

// Confidence says how sure a link is. The zero value is no link.
type Confidence uint8

// The confidences, weakest first.
const (
	Inferred Confidence = 1 // time and containment
	Causal   Confidence = 2 // an observed execution
	Proven   Confidence = 3 // ids, sequence numbers, socket pairs
)

var confidenceNames = [...]string{"", "inferred", "causal", "proven"}

func (c Confidence) String() string {
	if int(c) < len(confidenceNames) {
		return confidenceNames[c]
	}
	return "Confidence(?)"
}

// Entities looks up a row of the entity table; nil where the id is not known. It may be
// nil itself.
type Entities func(id uint64) *span.Entity

// Options of Assemble. The zero value works.
type Options struct {
	// Entities names the ends of NET spans, so that Where counts network time at the
	// caller's service also where the caller's own spans are missing.
	Entities Entities
	// Watched says who looks for hops. Without it, whoever has a span of the trace that an
	// agent saw on a node is taken to look at all of that node.
	Watched Watched
	// Complete says that every request without trace context that the processes of the spans were
	// serving is among them. Then a SERVER span that does not say who called it may be hung under
	// the only one in which it starts.
	Complete bool
}

// Tree is assembled spans in pre-order: a parent comes before its children, siblings are
// ordered by start, and the main root is the first. All slices have one entry per span.
type Tree struct {
	Spans      []*span.Span
	Parent     []int32 // index of the parent; -1: root
	Depth      []int32
	Rule       []Rule
	Reason     []string // the values that prove the link; "" for roots
	Confidence []Confidence
	Missing    []uint8  // hops on the link to the parent that somebody looked for and nobody saw
	Gap        []uint8  // hops on the link to the parent that nobody saw, looked for or not
	Within     []int32  // in whose time the span ran: its parent's, unless it outlived it; -1: nobody's (see within.go)
	Orphan     []string // roots but the main one: why there is no parent

	// Roots are the spans without parent. Roots[0] is the main root, whose duration is
	// the trace's: the longest. The others are orphans, by start.
	Roots []int32
	// Weak are links that only time or a shared trace id speaks for.
	Weak []WeakLink
	// Offsets says by how many nanoseconds each node's clock is ahead of the main root's,
	// as far as sessions between nodes tell: aligned time is Start - Offsets[Node].
	Offsets map[string]int64
	// Skewed are the nodes whose raw times contradict a session. If there is one, Where takes
	// Offsets off all times.
	Skewed []string
	// Cycles is the number of links that were cut because they closed a cycle.
	Cycles int
	// Duplicates is the number of spans left out because they were there already.
	Duplicates int

	last []int32 // index after the span's subtree
	// firstInner and inner are Within turned round: who ran within each span.
	firstInner, inner []int32
	shift             map[string]int64
	services          []string // whose time the span's own code, kernel or network time is
	entities          Entities
}

// WeakLink is a link that is offered and not made.
type WeakLink struct {
	Span, Parent int32
	Reason       string
}

// TraceID is the id that most spans of the tree carry, zero if none carries one.
func (t *Tree) TraceID() span.TraceID {
	var best span.TraceID
	count := make(map[span.TraceID]int)
	for _, s := range t.Spans {
		if !s.TraceID.IsZero() {
			count[s.TraceID]++
			if n := count[s.TraceID]; n > count[best] || n == count[best] && string(s.TraceID[:]) < string(best[:]) {
				best = s.TraceID
			}
		}
	}
	return best
}

// Owner is whose time the span's own time is: its service; of packets the caller's.
func (t *Tree) Owner(i int32) string { return t.services[i] }

// Subtree is the range of the span and all below it.
func (t *Tree) Subtree(i int32) (from, to int32) { return i, t.last[i] }

// Assemble links the spans. It keeps the pointers and changes no span.
func Assemble(spans []*span.Span, o Options) *Tree {
	a := newAssembly(spans)
	a.findHosts()
	a.buildChains()
	a.indexContexts()
	a.linkServerRoots()
	a.linkSoleRequests(o.Complete)
	a.linkProxies()
	a.linkApps()
	a.breakCycles() // passages are found by walking up
	unsent := a.linkChains()
	a.linkBegun() // before what is in the passages that it tells of
	for _, c := range unsent {
		a.linkUnsent(c)
	}
	a.breakCycles()
	return a.tree(o)
}
