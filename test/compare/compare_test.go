package compare_test

import (
	"bytes"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/trace"
	"github.com/throughline-io/throughline/pkg/trace/tracetest"
	"github.com/throughline-io/throughline/test/compare"
)

func reference(t *testing.T) []byte {
	t.Helper()
	doc, err := os.ReadFile("../../testdata/expected-trace.json")
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// printed is the reference trace as the product prints it, decoded, to be spoiled.
func printed(t *testing.T, spans []*span.Span) map[string]any {
	t.Helper()
	doc, err := json.Marshal(trace.Print(trace.Assemble(spans, trace.Options{}), tracetest.Entity))
	if err != nil {
		t.Fatal(err)
	}
	var m map[string]any
	d := json.NewDecoder(bytes.NewReader(doc))
	d.UseNumber()
	if err := d.Decode(&m); err != nil {
		t.Fatal(err)
	}
	return m
}

func differences(t *testing.T, doc map[string]any) []string {
	t.Helper()
	b, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	diffs, err := compare.Traces(reference(t), b)
	if err != nil {
		t.Fatal(err)
	}
	return diffs
}

func TestReferenceIsExact(t *testing.T) {
	t.Parallel()
	for seed := range uint64(50) {
		if diffs := differences(t, printed(t, tracetest.WebShop(seed))); len(diffs) > 0 {
			t.Fatalf("seed %d: %q", seed, diffs)
		}
	}
}

func TestFixtureIsTheReference(t *testing.T) {
	t.Parallel()
	if !bytes.Equal(tracetest.ExpectedJSON(), reference(t)) {
		t.Error("pkg/trace/tracetest/expected-trace.json differs from testdata/expected-trace.json; copy the latter over it")
	}
}

// spoiled is a printed trace that is wrong in one way.
type spoiled struct {
	spans []any
	made  []*span.Span
	ids   map[string]int // index in spans by id
}

// at is the printed form of the reference's span n.
func (s *spoiled) at(n int) map[string]any {
	return s.spans[s.ids[span.FormatID(s.made[n-1].ID)]].(map[string]any)
}

// move changes a span's times, and those of nothing else.
func (s *spoiled) move(n int, start int64) {
	s.at(n)["start"] = start
}

func (s *spoiled) drop(n int) {
	gone := s.at(n)
	for _, v := range s.spans {
		if m := v.(map[string]any); m["parent"] == gone["id"] {
			m["parent"] = gone["parent"]
		}
	}
	s.spans = slices.DeleteFunc(s.spans, func(v any) bool { return v.(map[string]any)["id"] == gone["id"] })
}

func TestEveryKindOfErrorIsSeen(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		spoil func(s *spoiled)
		says  []string
	}{
		{"dropped hop", func(s *spoiled) { s.drop(44) }, []string{"99 spans, want 100", "span 44 (node1 nic recv finditem) is missing"}},
		{"dropped leaf", func(s *spoiled) { s.drop(22) }, []string{"99 spans, want 100", "not under its parent"}},
		{"dropped tail", func(s *spoiled) { s.drop(100) }, []string{"99 spans, want 100", "span 100"}},
		{"dropped root", func(s *spoiled) {
			s.at(2)["parent"] = nil
			s.spans = slices.DeleteFunc(s.spans, func(v any) bool { return v.(map[string]any)["parent"] == nil && v.(map[string]any)["source"] == "SYS" })
		}, []string{"99 spans, want 100", "span 1 (loadgenerator locust send) is missing"}},
		{"swapped siblings", func(s *spoiled) {
			a, b := s.made[61].Start, s.made[76].Start // 62 and 77 under 61
			s.move(62, b)
			s.move(77, a)
		}, []string{"among its siblings"}},
		{"swapped calls", func(s *spoiled) {
			a, b := s.made[63].Start, s.made[67].Start // 64 and 68 under 63
			s.move(64, b)
			s.move(68, a)
		}, []string{"span 64"}},
		{"missing tunnel", func(s *spoiled) { s.at(14)["tunnel"] = nil }, []string{"span 14", "tunnel is null, want ipip"}},
		{"tunnel too many", func(s *spoiled) { s.at(13)["tunnel"] = "ipip" }, []string{"span 13", "tunnel is ipip, want null"}},
		{"wrong pod", func(s *spoiled) { s.at(46)["pod"] = "svc-user" }, []string{"span 46", "pod is svc-user, want svc-item"}},
		{"pod on a packet", func(s *spoiled) { s.at(16)["pod"] = "svc-user" }, []string{"span 16", "want null"}},
		{"wrong pod of an interface", func(s *spoiled) { s.at(16)["of_pod"] = "svc-item" }, []string{"span 16", "of_pod"}},
		{"wrong node", func(s *spoiled) { s.at(7)["node"] = "node1" }, []string{"span 7", "node"}},
		{"wrong parent", func(s *spoiled) { s.at(64)["parent"] = s.at(61)["id"] }, []string{"span 61", "too many", "SET autocommit=0"}},
		{"parent not there", func(s *spoiled) { s.at(64)["parent"] = "0000000000000001" }, []string{"which is not there"}},
		{"orphan", func(s *spoiled) { s.at(97)["parent"], s.at(97)["orphan"] = nil, "its s-p is not here" }, []string{"second root: its s-p is not here"}},
		{"cycle", func(s *spoiled) { s.at(50)["parent"] = s.at(58)["id"] }, []string{"not below the root"}},
		{"extra span", func(s *spoiled) {
			m := map[string]any{}
			for k, v := range s.at(91) {
				m[k] = v
			}
			m["id"] = "00000000000000aa"
			s.spans = append(s.spans, m)
		}, []string{"101 spans, want 100", "too many"}},
		{"doubled span", func(s *spoiled) { s.spans = append(s.spans, s.at(30)) }, []string{"is there twice"}},
		{"wrong confidence", func(s *spoiled) { s.at(97)["confidence"] = "proven" }, []string{"span 97", "confidence is proven, want inferred"}},
		{"inferred too often", func(s *spoiled) { s.at(7)["confidence"] = "inferred" }, []string{"span 7", "want proven"}},
		{"wrong request", func(s *spoiled) { s.at(72)["request"] = "GET /items/42" }, []string{"span 72", "GET /items/42"}},
		{"wrong kind", func(s *spoiled) { s.at(74)["kind"] = "INTERNAL" }, []string{"span 74", "kind"}},
		{"wrong service", func(s *spoiled) { s.at(100)["service"] = "mariadbd" }, []string{"span 100", "mariadbd"}},
		{"wrong point", func(s *spoiled) { s.at(4)["observation_point"] = "c-nd" }, []string{"span 4", "c-nd"}},
		{"field not printed", func(s *spoiled) { delete(s.at(3), "tunnel") }, []string{"span 3", "tunnel is null"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			made := tracetest.WebShop(1)
			doc := printed(t, made)
			s := &spoiled{spans: doc["spans"].([]any), made: made, ids: map[string]int{}}
			for i, v := range s.spans {
				s.ids[v.(map[string]any)["id"].(string)] = i
			}
			c.spoil(s)
			doc["spans"] = s.spans
			all := strings.Join(differences(t, doc), "\n")
			if all == "" {
				t.Fatal("no difference was seen")
			}
			for _, w := range c.says {
				if !strings.Contains(all, w) {
					t.Errorf("nothing says %q in:\n%s", w, all)
				}
			}
			if lines := strings.Count(all, "\n") + 1; lines > 6 {
				t.Errorf("one error makes %d lines:\n%s", lines, all)
			}
		})
	}
}

func TestOtherTracesAreNotExact(t *testing.T) {
	t.Parallel()
	spans := tracetest.WebShop(1)
	for i := range spans {
		left := append(slices.Clone(spans[:i]), spans[i+1:]...)
		if len(differences(t, printed(t, left))) == 0 {
			t.Errorf("without span %d the trace is taken for the reference", i+1)
		}
	}
	if len(differences(t, printed(t, tracetest.Large(180, 1)))) == 0 {
		t.Error("a trace of two rounds is taken for the reference")
	}
}

func TestUnreadableDocuments(t *testing.T) {
	t.Parallel()
	for _, doc := range []string{
		"", "{", "null", "[]", `{"spans":[]}`, `{"spans":[{}]}`, `{"spans":{}}`,
		`{"spans":[{"id":"1","start":1.5,"end":2}]}`,
		`{"spans":[{"id":"1","start":"soon","end":2}]}`,
		`{"spans":[{"id":"1","parent":"1","start":1,"end":2}]}`,
	} {
		if diffs, err := compare.Traces(reference(t), []byte(doc)); err == nil {
			t.Errorf("%s was read: %q", doc, diffs)
		}
	}
}
