package trace_test

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/trace"
	"github.com/throughline-io/throughline/pkg/trace/record"
	"github.com/throughline-io/throughline/pkg/trace/tracetest"
	"github.com/throughline-io/throughline/test/compare"
)

// recording is spans that agents sent: several traces of the WebShop, one after the other
// or at the same time. `throughline demo webshop --record` makes them.
type recording struct {
	name     string
	spans    []*span.Span
	entities trace.Entities
	traces   [][]*span.Span
	truth    truth
}

// recordings are those in testdata/recorded, and one that was made up and written and read
// as they are, so that this test is never empty.
func recordings(t *testing.T) []*recording {
	t.Helper()
	var made []*span.Span
	for _, spans := range tracetest.Many(8, 4, 99) {
		made = append(made, spans...)
	}
	var b bytes.Buffer
	if err := record.Write(&b, made, tracetest.WebShopEntities()); err != nil {
		t.Fatal(err)
	}
	list := []*recording{readRecording(t, "made up", b.Bytes())}
	files, err := filepath.Glob("../../testdata/recorded/*.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		doc, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, readRecording(t, filepath.Base(file), doc))
	}
	return list
}

// readRecording takes as the truth what was assembled from everything, once the comparer
// has found each trace equal to the reference.
func readRecording(t *testing.T, name string, doc []byte) *recording {
	t.Helper()
	spans, entities, err := record.Read(bytes.NewReader(doc))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	r := &recording{name: name, entities: record.Lookup(entities), truth: truth{}}
	tree := trace.Assemble(spans, trace.Options{})
	for _, root := range tree.Roots {
		from, to := tree.Subtree(root)
		one := tree.Spans[from:to]
		printed, err := json.Marshal(trace.Print(trace.Assemble(one, trace.Options{}), r.entities))
		if err != nil {
			t.Fatal(err)
		}
		diffs, err := compare.Traces(tracetest.ExpectedJSON(), printed)
		if err != nil {
			t.Fatal(err)
		}
		if len(diffs) > 0 {
			t.Fatalf("%s: a trace is not the reference trace (%s): %q", name, tree.Orphan[root], diffs)
		}
		r.traces = append(r.traces, one)
		r.spans = append(r.spans, one...)
		for i := from; i < to; i++ {
			r.truth[tree.Spans[i]] = nil
			if p := tree.Parent[i]; p >= 0 {
				r.truth[tree.Spans[i]] = tree.Spans[p]
			}
		}
	}
	return r
}

// exact fails unless the tree is the truth on copies of the recorded spans.
func (r *recording) exact(t *testing.T, what string, tree *trace.Tree, of map[*span.Span]*span.Span) {
	t.Helper()
	for i, s := range tree.Spans {
		var got *span.Span
		if p := tree.Parent[i]; p >= 0 {
			got = of[tree.Spans[p]]
		}
		if want := r.truth[of[s]]; got != want {
			t.Errorf("%s, %s: %s under %s, want %s", r.name, what, describe(s), describe(got), describe(want))
		}
	}
}

// copies are the spans changed, and what each is a copy of.
func copies(spans []*span.Span, change func(s *span.Span)) ([]*span.Span, map[*span.Span]*span.Span) {
	list, of := make([]*span.Span, len(spans)), map[*span.Span]*span.Span{}
	for i, s := range spans {
		c := *s
		change(&c)
		list[i] = &c
		of[&c] = s
	}
	return list, of
}

func TestRecordedSpans(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(4, 4))
	for _, r := range recordings(t) {
		if len(r.traces) == 0 {
			t.Errorf("%s is empty", r.name)
		}
		unchanged, of := copies(r.spans, func(*span.Span) {})
		r.exact(t, "all traces at once, shuffled", trace.Assemble(shuffled(unchanged, 1), trace.Options{}), of)
		tree := trace.Assemble(shuffled(append(unchanged, unchanged...), 2), trace.Options{})
		r.exact(t, "everything twice", tree, of)
		if tree.Duplicates != len(r.spans) {
			t.Errorf("%s: %d duplicates, want %d", r.name, tree.Duplicates, len(r.spans))
		}

		for k, spans := range r.traces {
			ahead := map[string]int64{}
			for _, s := range spans {
				if _, ok := ahead[s.Node]; !ok {
					ahead[s.Node] = rng.Int64N(600_000_000) - 300_000_000
				}
			}
			moved, of := copies(spans, func(s *span.Span) { s.Start += ahead[s.Node] })
			tree := trace.Assemble(shuffled(moved, uint64(k)), trace.Options{})
			r.exact(t, "skewed clocks", tree, of)
			for node := range ahead {
				want := ahead[node] - ahead[tree.Spans[0].Node]
				if got, ok := tree.Offsets[node]; !ok || max(got-want, want-got) > 1_000_000 {
					t.Errorf("%s: offset of %s is %d, injected %d", r.name, node, got, want)
				}
			}
		}

		for _, spans := range r.traces {
			for _, c := range []struct {
				name  string
				gone  []span.Source
				right int
			}{
				{"APP only", []span.Source{span.SYS, span.NET}, 46},
				{"no APP", []span.Source{span.APP}, 50},
				{"no SYS", []span.Source{span.SYS}, 0},
				{"no NET", []span.Source{span.NET}, 66},
			} {
				left := spans
				for _, s := range c.gone {
					left = without(left, s)
				}
				if sc := r.truth.score(trace.Assemble(left, trace.Options{})); len(sc.wrong) > 0 || sc.right < c.right {
					t.Errorf("%s, %s: %d right, want %d; wrong: %q", r.name, c.name, sc.right, c.right, sc.wrong)
				}
			}
		}

		without, renamed := zeroed(r.spans, r.truth)
		if sc := renamed.score(trace.Assemble(without, trace.Options{})); len(sc.wrong) > 0 {
			t.Errorf("%s, ids all zero: %q", r.name, sc.wrong)
		}
	}
}
