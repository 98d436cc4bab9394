package trace_test

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strings"
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

func assemble(spans []*span.Span) *trace.Tree {
	return trace.Assemble(spans, trace.Options{Entities: tracetest.Entity})
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

func TestReferenceTrace(t *testing.T) {
	t.Parallel()
	for seed := range uint64(50) {
		spans := tracetest.WebShop(seed)
		tree := assemble(spans)
		requireExact(t, tree, truthOf(spans))
		if tree.Spans[0] != spans[0] {
			t.Errorf("main root is %s", describe(tree.Spans[0]))
		}
		at := map[*span.Span]int{}
		for i, s := range tree.Spans {
			at[s] = i
		}
		for i, s := range spans {
			want := trace.Proven
			if tracetest.Inferred(i) {
				want = trace.Inferred
			}
			if got := tree.Confidence[at[s]]; i > 0 && got != want {
				t.Errorf("span %d: link is %s, want %s", i+1, got, want)
			}
			if tree.Missing[at[s]] != 0 {
				t.Errorf("span %d: %d hops missing", i+1, tree.Missing[at[s]])
			}
		}
	}
}

func TestReasonsNameTheValues(t *testing.T) {
	t.Parallel()
	spans := tracetest.WebShop(1)
	tree := assemble(spans)
	reason := map[*span.Span]string{}
	for i, s := range tree.Spans {
		reason[s] = tree.Reason[i]
	}
	for _, c := range []struct {
		id   int
		want []string
	}{
		{2, []string{"TCP sequence pair", fmt.Sprint(spans[1].RequestSeq), fmt.Sprint(spans[1].ResponseSeq), "c-p and c"}},
		{7, []string{"peer " + spans[5].Client.String(), "between the first read and the first write"}},
		{8, []string{"parent_span_id " + spans[6].SpanID.String()}},
		{12, []string{"traceparent", spans[10].SpanID.String()}},
		{18, []string{"traceparent", spans[10].SpanID.String()}},
		{64, []string{"deepest span", fmt.Sprintf("passage 0x%x", spans[57].Passage)}},
	} {
		for _, w := range c.want {
			if got := reason[spans[c.id-1]]; !strings.Contains(got, w) {
				t.Errorf("span %d: reason %q does not name %q", c.id, got, w)
			}
		}
	}
}

func TestShufflingChangesNothing(t *testing.T) {
	t.Parallel()
	spans := tracetest.WebShop(3)
	want := assemble(spans)
	for seed := range uint64(100) {
		got := assemble(shuffled(spans, seed))
		for i := range want.Spans {
			if got.Spans[i] != want.Spans[i] || got.Parent[i] != want.Parent[i] || got.Reason[i] != want.Reason[i] {
				t.Fatalf("shuffle %d: span %d is %s, want %s", seed, i, describe(got.Spans[i]), describe(want.Spans[i]))
			}
		}
	}
}

func TestDuplicatesAreLeftOut(t *testing.T) {
	t.Parallel()
	spans := tracetest.WebShop(4)
	of := truthOf(spans)
	twice := append([]*span.Span(nil), spans...)
	for _, s := range spans {
		c := *s
		twice = append(twice, s, &c)
	}
	tree := assemble(shuffled(twice, 1))
	if len(tree.Spans) != 100 || tree.Duplicates != 200 {
		t.Fatalf("%d spans and %d duplicates", len(tree.Spans), tree.Duplicates)
	}
	// A copy may have taken the place of what it is a copy of.
	byID := map[uint64]*span.Span{}
	for _, s := range spans {
		byID[s.ID] = s
	}
	for i, s := range tree.Spans {
		want := of[byID[s.ID]]
		if p := tree.Parent[i]; want == nil && p >= 0 || want != nil && (p < 0 || tree.Spans[p].ID != want.ID) {
			t.Errorf("%s is not under %s", describe(s), describe(want))
		}
	}
}

func TestInterleavedTracesStayApart(t *testing.T) {
	t.Parallel()
	for seed := range uint64(20) {
		traces := tracetest.Many(10, 2, seed)
		var all []*span.Span
		for _, s := range traces {
			all = append(all, s...)
		}
		tree := assemble(shuffled(all, seed))
		requireExact(t, tree, truthOf(traces...))
		if len(tree.Roots) != len(traces) {
			t.Errorf("%d roots, want %d", len(tree.Roots), len(traces))
		}
	}
}

func TestFlushedAnswers(t *testing.T) {
	t.Parallel()
	for seed := range uint64(20) {
		shop := tracetest.NewShop(seed)
		shop.Flush = true
		spans := shop.Trace(tracetest.Epoch)
		requireExact(t, assemble(spans), truthOf(spans))
	}
}

func TestMissingLayers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name         string
		gone         []span.Source
		right, total int
	}{
		{"APP only", []span.Source{span.SYS, span.NET}, 46, 46},
		{"no APP", []span.Source{span.APP}, 50, 54},
		{"no SYS", []span.Source{span.SYS}, 78, 80}, // the two SQL calls are unknown
		{"no NET", []span.Source{span.NET}, 66, 66},
		{"SYS only", []span.Source{span.APP, span.NET}, 16, 20},
		{"NET only", []span.Source{span.APP, span.SYS}, 0, 34},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			for seed := range uint64(20) {
				spans := tracetest.WebShop(seed)
				of := truthOf(spans)
				left := spans
				for _, s := range c.gone {
					left = without(left, s)
				}
				tree := assemble(shuffled(left, seed))
				requireWellFormed(t, tree, c.total)
				sc := of.score(tree)
				for _, w := range sc.wrong {
					t.Error("wrong:", w)
				}
				if sc.right < c.right {
					t.Errorf("%d right, want %d of %d", sc.right, c.right, c.total)
				}
			}
		})
	}
}

func TestClockSkew(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(1, 2))
	for seed := range uint64(30) {
		shop := tracetest.NewShop(seed)
		if seed%2 == 1 {
			shop.Break = "network" // one way 203 ms longer than the other
		}
		spans := shop.Trace(tracetest.Epoch)
		of := truthOf(spans)
		ahead := map[string]int64{}
		for _, node := range []string{"node0", "node1", "node2"} {
			ahead[node] = rng.Int64N(600_000_000) - 300_000_000
		}
		moved := skewed(spans, ahead)
		back := map[*span.Span]*span.Span{}
		for i, s := range moved {
			back[s] = spans[i]
		}
		tree := assemble(shuffled(moved, seed))
		requireWellFormed(t, tree, 100)
		for i, s := range tree.Spans {
			want := of[back[s]]
			var got *span.Span
			if p := tree.Parent[i]; p >= 0 {
				got = back[tree.Spans[p]]
			}
			if got != want {
				t.Errorf("skew %v: %s under %s, want %s", ahead, describe(s), describe(got), describe(want))
			}
		}
		for node, ns := range ahead {
			got, ok := tree.Offsets[node]
			if want := ns - ahead["node1"]; !ok || max(got-want, want-got) > 1_000_000 {
				t.Errorf("offset of %s is %d, injected %d", node, got, want)
			}
		}
		unskewed, b := trace.Where(assemble(spans), 0, 0, -1), trace.Where(tree, 0, 0, -1)
		if unskewed.Parts[0].Text != b.Parts[0].Text {
			t.Errorf("skew turns %q into %q", unskewed.Sentence, b.Sentence)
		}
	}
}

// zeroed is copies of the spans without ids: no value is left that two of them share but
// addresses.
func zeroed(spans []*span.Span, of truth) ([]*span.Span, truth) {
	copies := map[*span.Span]*span.Span{nil: nil}
	var out []*span.Span
	for _, s := range spans {
		c := *s
		c.ID, c.TraceID, c.SpanID, c.ParentSpanID = 0, span.TraceID{}, span.SpanID{}, span.SpanID{}
		c.RequestSeq, c.ResponseSeq, c.Passage, c.XRequestID = 0, 0, 0, ""
		c.Flow, c.OTelResource = 0, 0
		copies[s] = &c
		out = append(out, &c)
	}
	renamed := truth{}
	for s, p := range of {
		renamed[copies[s]] = copies[p]
	}
	return out, renamed
}

func TestZeroIDsMatchNothing(t *testing.T) {
	t.Parallel()
	traces := tracetest.Many(4, 2, 5)
	var all []*span.Span
	for _, spans := range traces {
		all = append(all, spans...)
	}
	spans, of := zeroed(all, truthOf(traces...))
	tree := assemble(spans)
	requireWellFormed(t, tree, len(all))
	if sc := of.score(tree); len(sc.wrong) > 0 {
		t.Errorf("wrong: %q", sc.wrong)
	}
	for i := range tree.Spans {
		if tree.Parent[i] >= 0 && tree.Rule[i] != trace.RuleServerRoot {
			t.Errorf("%s is linked: %s, %s", describe(tree.Spans[i]), tree.Rule[i], tree.Reason[i])
		}
	}

	for _, s := range spans { // without addresses nothing is left at all
		s.PodIP, s.Client, s.Server = netip.Addr{}, netip.AddrPort{}, netip.AddrPort{}
		s.Entity, s.ClientEntity, s.ServerEntity, s.PID = 0, 0, 0, 0
	}
	if tree := assemble(spans); len(tree.Roots) != len(all) {
		t.Errorf("%d roots, want all %d", len(tree.Roots), len(all))
	}
}

// Spans go missing one by one, in any number. Whatever is left, a link is to the nearest
// ancestor still there or it is not made.
func TestRandomSubsetsAreNeverWrong(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(7, 7))
	right, all := 0, 0
	for round := range 1000 {
		spans := tracetest.WebShop(uint64(round))
		of := truthOf(spans)
		keep := rng.Float64()
		if round%3 == 0 {
			keep = 1 - keep*0.1
		}
		var left []*span.Span
		for _, s := range spans {
			if rng.Float64() < keep {
				left = append(left, s)
			}
		}
		tree := assemble(shuffled(left, uint64(round)))
		requireWellFormed(t, tree, len(left))
		sc := of.score(tree)
		for _, w := range sc.wrong {
			t.Errorf("round %d, %d spans: %s", round, len(left), w)
		}
		right, all = right+sc.right, all+len(left)
		if t.Failed() && round > 30 {
			break
		}
	}
	t.Logf("%d of %d right", right, all)
}
