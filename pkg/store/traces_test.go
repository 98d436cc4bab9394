package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/throughline-io/throughline/pkg/span"
)

func traces(t testing.TB, s *Store, q TracesQuery) *TracesData {
	t.Helper()
	d, err := s.Traces(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// A page of a list costs as many statements as one of its rows: edges, counts, spans, and who
// looked at their addresses.
func TestManyTracesAreReadTogether(t *testing.T) {
	t.Parallel()
	s := open(t)
	b := &span.Batch{}
	var asked []string
	for n := range byte(60) {
		b.AppendBatch(shop(traceID(n+1), 100*uint32(n+1)))
		asked = append(asked, traceID(n+1).String())
	}
	insert(t, s, b)
	d := traces(t, s, TracesQuery{IDs: asked})
	if len(d.Traces) != 60 || len(d.Left) != 0 || len(d.TooLarge) != 0 || d.Statements != 5 { // two steps of edges, counts, rows, entities
		t.Fatalf("%d traces, left %v, too large %v, %d statements", len(d.Traces), d.Left, d.TooLarge, d.Statements)
	}
	for _, id := range asked {
		if got, want := ids(d.Traces[id]), ids(trace(t, s, id)); !slices.Equal(got, want) {
			t.Errorf("trace %s: spans %x, alone %x", id, got, want)
		}
	}
}

// Whatever span a trace is entered by, it is the same one and read once.
func TestManyTracesAreFoundFromTheirSpans(t *testing.T) {
	t.Parallel()
	s := open(t)
	b := shop(traceID(1), 100)
	b.AppendBatch(shop(traceID(2), 200))
	insert(t, s, b)
	asked := []string{traceID(1).String(), traceID(1).String()}
	for _, id := range b.ID {
		asked = append(asked, span.FormatID(id))
	}
	d := traces(t, s, TracesQuery{IDs: asked})
	first, second := d.Traces[asked[0]], d.Traces[span.FormatID(b.ID[15])]
	if first == nil || second == nil || first == second || len(first.Spans) != 8 || len(second.Spans) != 8 {
		t.Fatalf("traces %+v", d.Traces)
	}
	for n, id := range b.ID {
		if want := []*TraceData{first, second}[n/8]; d.Traces[span.FormatID(id)] != want {
			t.Errorf("span %d leads to another trace", n)
		}
	}
	if d.Statements != 5 { // of spans with a trace id the first step of edges names the others, too
		t.Errorf("%d statements", d.Statements)
	}
}

// Where a span belongs and how long it took comes as it is stored; what is large does not.
func TestTheShapeOfASpan(t *testing.T) {
	t.Parallel()
	s := open(t)
	full := everything()
	insert(t, s, batch(full))
	d := traces(t, s, TracesQuery{IDs: []string{full.TraceID.String()}})
	full.TraceState, full.StatusMessage, full.ScopeName, full.ScopeVersion, full.Rest, full.Attributes, full.Events, full.Links = "", "", "", "", "", nil, "", ""
	if diff := cmp.Diff([]*span.Span{full}, d.Traces[full.TraceID.String()].Spans, spanEqual, addrEqual); diff != "" {
		t.Error("stored and read differ (-want +got):\n" + diff)
	}
}

// A trace that is too large is not read and says its size; what does not fit into one answer is
// left for the next, of which the first always gets something.
func TestManyTracesWithinLimits(t *testing.T) {
	t.Parallel()
	s := open(t)
	b := &span.Batch{}
	for n := range 30 {
		b.Append(app(uint64(1000+n), traceID(9), byte(n)))
	}
	asked := []string{traceID(9).String()}
	for n := range byte(5) {
		b.AppendBatch(shop(traceID(n+1), 100*uint32(n+1)))
		asked = append(asked, traceID(n+1).String())
	}
	insert(t, s, b)
	d := traces(t, s, TracesQuery{IDs: asked, MaxSpans: 20, MaxTotal: 20})
	if d.TooLarge[asked[0]] != 30 || d.Traces[asked[0]] != nil {
		t.Errorf("too large: %v", d.TooLarge)
	}
	if len(d.Traces) != 2 || !slices.Equal(d.Left, asked[3:]) {
		t.Errorf("%d traces, left %v", len(d.Traces), d.Left)
	}
	if d := traces(t, s, TracesQuery{IDs: d.Left, MaxSpans: 8, MaxTotal: 1}); len(d.Traces) != 1 || len(d.Left) != 2 {
		t.Errorf("%d traces, left %v", len(d.Traces), d.Left)
	}
}

// Several traces are found by the same ids as one.
func TestManyTracesAreFoundByIdsOfOtherTools(t *testing.T) {
	t.Parallel()
	s := open(t)
	short, one, two := legacy(t, s)
	asked := []string{short, strings.TrimLeft(short, "0"), strings.ToUpper(spanID(3).String()), "0x" + traceID(2).String()}
	d := traces(t, s, TracesQuery{IDs: asked})
	for i, want := range []uint64{one.ID, one.ID, two.ID, two.ID} {
		if got := d.Traces[asked[i]]; got == nil || ids(got)[0] != want {
			t.Errorf("%s: %+v, want the trace of %x", asked[i], got, want)
		}
	}
}

func TestManyTracesOfBadIds(t *testing.T) {
	t.Parallel()
	s := open(t)
	insert(t, s, shop(traceID(1), 100))
	for _, id := range []string{"'", "", fmt.Sprintf("%032s", "'"), fmt.Sprintf("%016s", "z"), fmt.Sprintf("%032d", 0), fmt.Sprintf("%016d", 0)} {
		if _, err := s.Traces(t.Context(), TracesQuery{IDs: []string{traceID(1).String(), id}}); !errors.Is(err, ErrMalformed) {
			t.Errorf("%q: %v", id, err)
		}
	}
	d := traces(t, s, TracesQuery{IDs: []string{"ffffffffffffffff", "1", traceID(7).String()}})
	if len(d.Traces)+len(d.TooLarge)+len(d.Left) != 0 {
		t.Errorf("%+v", d)
	}
	if d := traces(t, s, TracesQuery{}); d.Statements != 0 {
		t.Errorf("%d statements for nothing", d.Statements)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Traces(gone, TracesQuery{IDs: []string{traceID(1).String()}}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}
