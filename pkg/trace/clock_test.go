package trace_test

import (
	"testing"

	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/trace"
)

// session is one that takes from one node to another, whose clock is ahead by some
// milliseconds; the way there and back take as long as said.
func (sc *scene) session(seq uint32, at float64, from, to string, ahead, there, back float64) {
	sc.hop("", at, at+there+1+back, cn, from, seq, web+":4000", order+":80")
	sc.hop("", at+there+ahead, at+there+1+ahead, sn, to, seq, web+":4000", order+":80").ResponseStart = 1_000_000
}

func requireOffset(t *testing.T, tree *trace.Tree, node string, want, within float64) {
	t.Helper()
	got, ok := tree.Offsets[node]
	if d := float64(got)/1e6 - want; !ok || max(d, -d) > within {
		t.Errorf("offset of %s is %.3f ms (known: %t), want %.3f", node, float64(got)/1e6, ok, want)
	}
}

func TestOffsetsGoByTheTightestWay(t *testing.T) {
	t.Parallel()
	sc := newScene(t)
	sc.add("root", 0, 1000, span.Span{Source: span.SYS, Point: cp, Node: "a"})
	sc.session(100, 0, "a", "b", 50, 400, 0.1) // lost packets: 200 ms off by itself
	sc.session(200, 500, "a", "c", -120, 0.1, 0.2)
	sc.session(300, 600, "c", "b", 170, 0.2, 0.1)
	sc.session(400, 700, "b", "a", -50, 90, 0.1) // a circle
	tree := trace.Assemble(sc.spans, trace.Options{})
	requireOffset(t, tree, "a", 0, 0)
	requireOffset(t, tree, "b", 50, 0.2)
	requireOffset(t, tree, "c", -120, 0.2)
}

// A clock that is set while a trace runs contradicts itself. The shortest session counts.
func TestClockThatWasSet(t *testing.T) {
	t.Parallel()
	sc := newScene(t)
	sc.add("root", 0, 1000, span.Span{Source: span.SYS, Point: cp, Node: "a"})
	sc.session(100, 0, "a", "b", 50, 0.1, 0.1)
	sc.session(200, 100, "a", "b", -50, 0.1, 0.1)
	sc.session(300, 200, "b", "c", 7, 0.1, 0.1)
	tree := trace.Assemble(sc.spans, trace.Options{})
	requireOffset(t, tree, "b", 0, 51)
	requireOffset(t, tree, "c", float64(tree.Offsets["b"])/1e6+7, 0.2)
	requireSums(t, tree)
}

// One way alone tells nothing: the answer is needed.
func TestNoOffsetWithoutAnAnswer(t *testing.T) {
	t.Parallel()
	sc := newScene(t)
	sc.add("root", 0, 1000, span.Span{Source: span.SYS, Point: cp, Node: "a"})
	sc.session(100, 0, "a", "b", 50, 0.1, 0.1)
	for _, s := range sc.spans[1:] {
		s.ResponseSeq, s.ResponseStart = 0, 0
	}
	tree := trace.Assemble(sc.spans, trace.Options{})
	if ns, ok := tree.Offsets["b"]; ok {
		t.Errorf("offset of b is %d", ns)
	}
}

// Without packets and system calls the instrumented spans give the offsets, less exactly.
func TestOffsetsFromInstrumentedSpansOnly(t *testing.T) {
	t.Parallel()
	sc := newScene(t)
	sc.app("call", 0, 10, span.KindClient, 1, 0, web)
	s := sc.app("handler", 1, 9, span.KindServer, 2, 1, order)
	s.Start += 250_000_000
	tree := trace.Assemble(sc.spans, trace.Options{})
	requireOffset(t, tree, "node-"+order, 250, 1)
	if b := trace.Where(tree, 0, 0, -1); b.Layers.Code != 8_000_000 || b.Layers.Waiting != 2_000_000 {
		t.Errorf("skew changes where the time went: %s", b.Sentence)
	}
}
