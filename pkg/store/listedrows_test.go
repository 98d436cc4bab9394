package store

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/throughline-io/throughline/pkg/span"
)

// quarrel are traces in which anything happens: spans fail, are open, come twice, in groups with and
// without the trace's id.
func quarrel(traces int) *span.Batch {
	random := rand.New(rand.NewPCG(1, 2))
	b := batch()
	for n := range traces {
		t := traceID(byte(n + 1))
		seq := uint32(1000 * (n + 1))
		b.Edges = append(b.Edges, span.Edge{A: span.WireGroup(seq+1, seq+2), B: span.TraceGroup(t), Time: start, Kind: span.EdgePassage})
		for i := range 30 {
			id := uint64(n)<<8 | uint64(i)
			s := app(id, t, byte(random.IntN(5)))
			switch random.IntN(4) {
			case 0:
				s = hop(id, t, seq+3, uint32(random.IntN(3)))
			case 1:
				s = hop(id, span.TraceID{}, seq+1, seq+2)
			}
			if s.Source == span.NET && random.IntN(2) == 0 {
				s.Source, s.Point = span.SYS, span.PointServerProcess
			}
			if s.Source == span.APP && random.IntN(4) > 0 {
				s.ParentSpanID = spanID(byte(random.IntN(5)))
			}
			s.Start, s.Duration, s.Status = start+int64(n*1000+random.IntN(5)), uint64(random.IntN(20)), span.Status(random.IntN(int(span.StatusLast)+1))
			s.Attributes = []span.Attribute{{Key: "side", Value: []string{"a", "b"}[random.IntN(2)], Type: span.AttributeString}, {Key: "weight", Value: []string{"1", "2.5", "heavy"}[random.IntN(3)], Type: span.AttributeString}}
			b.Append(s)
			if random.IntN(3) == 0 {
				s.Duration++
				s.Status = span.Status(random.IntN(int(span.StatusLast) + 1))
				b.Append(s)
			}
		}
	}
	return b
}

// What is added up from rows is what the store adds up of them, and shows the same spans.
func TestTracesAddUpTheSameHereAndInTheStore(t *testing.T) {
	t.Parallel()
	s := open(t)
	insert(t, s, quarrel(20))
	for name, q := range map[string]SearchQuery{
		"all":       {},
		"failed":    {Status: "error"},
		"attribute": {Attributes: map[string]string{"side": "b"}},
		"protocol":  {Protocol: "HTTP"},
		"number":    {Filters: []Filter{{Key: "weight", Operator: AtLeast, Values: []string{"2"}}}},
		"two":       {Attributes: map[string]string{"side": "a"}, Filters: []Filter{{Key: "source", Values: []string{"APP", "NET"}}}},
	} {
		q.Limit = 100
		listed := func() *traceList {
			l := &traceList{reach: newReach(s), search: &search{SearchQuery: q, store: s}, known: map[span.GroupID]bool{}, shown: map[uint64]SearchRow{}, read: listedRows{}}
			page, err := l.candidates(t.Context(), slice{}, 100_000, candidates{})
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if _, err := l.take(t.Context(), page.groups); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			return l
		}
		here, store := listed(), listed()
		if len(here.traces) == 0 {
			t.Fatalf("%s: no traces", name)
		}
		for _, one := range here.traces {
			if !one.named {
				t.Errorf("%s: a small trace was not added up here", name)
			}
		}
		for _, one := range store.traces {
			one.sums, one.named = traceSums{}, false
		}
		if err := store.sum(t.Context(), store.traces); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		store.shown = map[uint64]SearchRow{}
		got, err := here.rows(t.Context())
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		want, err := store.rows(t.Context())
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s:\nhere  %s\nstore %s", name, toldTraces(got), toldTraces(want))
		}
	}
}

// A trace of more rows than are read at once is added up by the store, beside small ones.
func TestALargeTraceIsAddedUpByTheStore(t *testing.T) {
	t.Parallel()
	s := open(t)
	b := batch(app(1<<30, traceID(2), 1))
	const spans = maxListedRows + 5
	for i := range uint64(spans) {
		one := app(i, traceID(1), byte(i))
		one.Start = start - 1000 + int64(i%1000)
		b.Append(one)
	}
	insert(t, s, b)
	rows := searched(t, s, SearchQuery{Scope: ScopeRoots})
	if len(rows) != 2 || rows[0].Trace.Spans != 1 || rows[1].Trace.Spans != spans || rows[1].TraceID != traceID(1) {
		t.Errorf("%s", toldTraces(rows))
	}
}

// toldTraces are rows with what they say of traces.
func toldTraces(rows []SearchRow) (text string) {
	for _, r := range rows {
		text += fmt.Sprintf("\n%+v %+v", r, *r.Trace)
	}
	return text
}
