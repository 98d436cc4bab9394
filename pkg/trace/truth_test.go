package trace_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/trace"
	"github.com/throughline-io/throughline/pkg/trace/tracetest"
)

// truth knows each span's parent.
type truth map[*span.Span]*span.Span

// truthOf is the truth of spans made by tracetest, whose parents are those of the
// reference trace.
func truthOf(traces ...[]*span.Span) truth {
	parents := tracetest.Parents()
	of := truth{}
	for _, spans := range traces {
		for i, s := range spans {
			of[s] = nil
			if p := parents[i]; p >= 0 {
				of[s] = spans[p]
			}
		}
	}
	return of
}

// nearest is the nearest ancestor that is present, nil if there is none.
func (of truth) nearest(s *span.Span, present map[*span.Span]bool) *span.Span {
	p := of[s]
	for p != nil && !present[p] {
		p = of[p]
	}
	return p
}

// score compares a tree with the truth: links to the nearest present ancestor (and roots
// that have none) are right, orphans that have one are unknown, other links are wrong.
type score struct {
	right, unknown int
	wrong          []string
}

func (of truth) score(tree *trace.Tree) score {
	present := map[*span.Span]bool{}
	for _, s := range tree.Spans {
		present[s] = true
	}
	var sc score
	for i, s := range tree.Spans {
		want := of.nearest(s, present)
		var got *span.Span
		if p := tree.Parent[i]; p >= 0 {
			got = tree.Spans[p]
		}
		switch {
		case got == want:
			sc.right++
		case got == nil:
			sc.unknown++
		default:
			sc.wrong = append(sc.wrong, fmt.Sprintf("%s under %s, want %s (%s, %s)", describe(s), describe(got), describe(want), tree.Rule[i], tree.Reason[i]))
		}
	}
	return sc
}

func describe(s *span.Span) string {
	if s == nil {
		return "no parent"
	}
	if s.Source == span.APP {
		return fmt.Sprintf("APP %s %s", s.Service, s.Endpoint)
	}
	return fmt.Sprintf("%s %s %s on %s", s.Source, s.Point, s.Request(), s.Node)
}

// requireExact fails unless every span hangs where the truth says, with the reference's
// confidences.
func requireExact(t *testing.T, tree *trace.Tree, of truth) {
	t.Helper()
	sc := of.score(tree)
	for _, w := range sc.wrong {
		t.Error("wrong:", w)
	}
	if sc.right != len(tree.Spans) || len(tree.Spans) != len(of) {
		t.Errorf("%d of %d spans right, %d unknown; %d spans given", sc.right, len(tree.Spans), sc.unknown, len(of))
	}
	requireWellFormed(t, tree, len(of))
}

// requireWellFormed checks what holds for every tree, whatever the spans.
func requireWellFormed(t *testing.T, tree *trace.Tree, spans int) {
	t.Helper()
	if len(tree.Spans)+tree.Duplicates != spans {
		t.Errorf("%d spans and %d duplicates, want %d together", len(tree.Spans), tree.Duplicates, spans)
	}
	seen := map[*span.Span]bool{}
	for i, s := range tree.Spans {
		if seen[s] {
			t.Fatalf("span %d is there twice", i)
		}
		seen[s] = true
		p := tree.Parent[i]
		switch {
		case p >= int32(i):
			t.Fatalf("span %d comes before its parent %d", i, p)
		case p < 0 && (tree.Depth[i] != 0 || tree.Rule[i] != trace.RuleNone || tree.Reason[i] != "" || tree.Confidence[i] != 0):
			t.Fatalf("root %d has a link", i)
		case p < 0 && i > 0 && tree.Orphan[i] == "":
			t.Fatalf("orphan %d does not say why", i)
		case p >= 0 && (tree.Depth[i] != tree.Depth[p]+1 || tree.Rule[i] == trace.RuleNone || tree.Reason[i] == "" || tree.Confidence[i] == 0 || tree.Orphan[i] != ""):
			t.Fatalf("link of %d is not explained", i)
		}
		if p >= 0 {
			if from, to := tree.Subtree(p); int32(i) <= from || int32(i) >= to {
				t.Fatalf("span %d lies outside the subtree of its parent %d", i, p)
			}
		}
	}
	before := map[int32]int64{}
	for i, s := range tree.Spans {
		p := tree.Parent[i]
		if at, ok := before[p]; p >= 0 && ok && s.Start < at {
			t.Fatalf("siblings under %d are not in order of start", p)
		}
		before[p] = s.Start
	}
	requireSums(t, tree)
}

// requireSums checks that time is neither lost nor made.
func requireSums(t *testing.T, tree *trace.Tree) {
	t.Helper()
	if len(tree.Spans) == 0 {
		return
	}
	b := trace.Where(tree, 0, 0, -1)
	services, parts := int64(0), int64(0)
	for _, s := range b.Services {
		services += s.Time
		if s.Time != s.Total() {
			t.Errorf("service %s: layers add up to %d of %d", s.Service, s.Total(), s.Time)
		}
	}
	for _, p := range b.Parts {
		parts += p.Time
	}
	if b.Layers.Total() != b.Duration || services != b.Duration || parts != b.Duration {
		t.Errorf("duration %d: layers %d, services %d, parts %d", b.Duration, b.Layers.Total(), services, parts)
	}
	if want := int64(min(tree.Spans[0].Duration, 1<<61)); b.Duration != want {
		t.Errorf("duration %d, want the main root's %d", b.Duration, want)
	}
}

func shuffled(spans []*span.Span, seed uint64) []*span.Span {
	out := append([]*span.Span(nil), spans...)
	rand.New(rand.NewPCG(seed, 1)).Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	return out
}

// without leaves out the spans of one source.
func without(spans []*span.Span, source span.Source) []*span.Span {
	var out []*span.Span
	for _, s := range spans {
		if s.Source != source {
			out = append(out, s)
		}
	}
	return out
}

// skewed is the spans as nodes with these clock errors would have made them. Source
// pointers stay the keys of the truth.
func skewed(spans []*span.Span, ahead map[string]int64) []*span.Span {
	out := make([]*span.Span, len(spans))
	for i, s := range spans {
		c := *s
		c.Start += ahead[s.Node]
		out[i] = &c
	}
	return out
}
