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

func assemble(spans []*span.Span) *trace.Tree {
	return trace.Assemble(spans, trace.Options{Entities: tracetest.Entity})
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
