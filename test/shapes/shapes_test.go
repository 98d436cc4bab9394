package shapes_test

import (
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/test/shapes"
)

var base = time.Date(2026, 3, 1, 3, 0, 0, 0, time.UTC)

// spans is how many each shape has, in full and small.
var spans = map[string][2]int{
	"demo": {50, 50}, "demoslow": {50, 50}, "demofail": {40, 40}, "kafka": {13, 13}, "async": {7, 7}, "genai": {11, 11}, "nplus1": {203, 203}, "retry": {5, 5}, "fanout": {62, 62},
	"three": {3, 3}, "one": {1, 1}, "consumerroot": {1, 1}, "skew": {4, 4}, "orphans": {5, 5}, "names": {5, 5}, "zero": {4, 4}, "allzero": {2, 2}, "long": {4, 4},
	"deep": {5000, 150}, "siblings": {10_001, 201}, "big": {20_021, 246}, "big100k": {100_101, 246},
}

func TestShapesHaveTheirSpans(t *testing.T) {
	t.Parallel()
	if n := len(shapes.Names()); n != 22 || len(spans) != n {
		t.Errorf("%d shapes, want 22", n)
	}
	for _, name := range shapes.Names() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for size, want := range map[shapes.Size]int{shapes.Full: spans[name][0], shapes.Small: spans[name][1]} {
				got := shapes.Spans(name, base, size)
				var ids []span.TraceID
				n, first := 0, got[0][0].Start
				for _, trace := range got {
					ids = append(ids, trace[0].TraceID)
					n += len(trace)
					for _, s := range trace {
						first = min(first, s.Start)
					}
				}
				if n != want {
					t.Errorf("%d spans in size %d, want %d", n, size, want)
				}
				if first != base.UnixNano() {
					t.Errorf("the first span starts at %v, want the base", time.Unix(0, first).UTC())
				}
				if diff := cmp.Diff(shapes.TraceIDs(name, base), ids); diff != "" {
					t.Errorf("trace ids (-TraceIDs +Spans):\n%s", diff)
				}
			}
		})
	}
}

func TestAShapeIsTheSameEveryTime(t *testing.T) {
	t.Parallel()
	for _, name := range shapes.Names() {
		a, b := shapes.Spans(name, base, shapes.Small), shapes.Spans(name, base, shapes.Small)
		if diff := cmp.Diff(a, b, cmpopts.EquateComparable(netip.Addr{}, netip.AddrPort{})); diff != "" {
			t.Errorf("%s differs: %s", name, diff)
		}
		if shapes.TraceIDs(name, base)[0] == shapes.TraceIDs(name, base.Add(time.Second))[0] {
			t.Errorf("%s has the same trace id at another time", name)
		}
	}
}
