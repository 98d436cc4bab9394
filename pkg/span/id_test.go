package span_test

import (
	"testing"
	"time"

	"github.com/throughline-io/throughline/pkg/span"
)

func TestHexIDs(t *testing.T) {
	t.Parallel()
	const hex = "4bf92f3577b34da6a3ce929d0e0e4736"
	id, err := span.ParseTraceID(hex)
	if err != nil || id.String() != hex {
		t.Errorf("%s became %s, %v", hex, id, err)
	}
	if id, err := span.ParseSpanID(""); err != nil || !id.IsZero() || id.String() != "" {
		t.Errorf("no id became %q, %v", id, err)
	}
	for _, bad := range []string{"4bf9", hex + "00", "zzf92f3577b34da6a3ce929d0e0e4736"} {
		if _, err := span.ParseTraceID(bad); err == nil {
			t.Errorf("%q was taken for a trace id", bad)
		}
	}
}

// An id leads to its minute, and ids of one minute differ.
func TestNewIDBeginsWithItsMinute(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 11, 23, 17, 4, 59, 999_999_999, time.UTC)
	seen := map[uint64]bool{}
	for n := range uint64(100_000) {
		id := span.NewID(start.UnixNano(), n)
		if got := span.IDMinute(id); got != start.Unix()/60 {
			t.Fatalf("id %x says minute %d, want %d", id, got, start.Unix()/60)
		}
		seen[id] = true
	}
	if len(seen) < 99_990 { // 38 bits: one repetition among 100,000 is expected in 1 of 55 runs
		t.Errorf("%d different ids of 100,000", len(seen))
	}
}

// The same APP span gets the same id however often it is sent; others get others.
func TestAppEntropy(t *testing.T) {
	t.Parallel()
	a := span.AppEntropy(span.TraceID{1}, span.SpanID{2}, span.KindClient)
	if a != span.AppEntropy(span.TraceID{1}, span.SpanID{2}, span.KindClient) {
		t.Error("one span, two ids")
	}
	for _, other := range []uint64{span.AppEntropy(span.TraceID{2}, span.SpanID{1}, span.KindClient), span.AppEntropy(span.TraceID{1}, span.SpanID{3}, span.KindClient), span.AppEntropy(span.TraceID{}, span.SpanID{2}, span.KindClient),
		span.AppEntropy(span.TraceID{1}, span.SpanID{2}, span.KindServer)} {
		if a == other {
			t.Error("two spans, one id")
		}
	}
}

func TestGroups(t *testing.T) {
	t.Parallel()
	trace := span.TraceID{1}
	if g := (&span.Span{TraceID: trace, RequestSeq: 1, ResponseSeq: 2}).Group(); g != span.TraceGroup(trace) || !g.IsTrace() {
		t.Error("a span with a trace id is not in the trace's group")
	}
	if g := (&span.Span{RequestSeq: 1, ResponseSeq: 2, Passage: 3}).Group(); g != span.WireGroup(1, 2) || g.IsTrace() {
		t.Error("a session without trace id is not in its sequence pair's group")
	}
	if g := (&span.Span{RequestSeq: 1, Passage: 3}).Group(); g != span.PassageGroup(3) {
		t.Error("a session without answer is not in its passage's group")
	}
	if (&span.Span{ID: 1}).Group() == (&span.Span{ID: 2}).Group() {
		t.Error("two lone spans share a group")
	}
	if span.TraceGroup(span.TraceID{}) != 0 || span.WireGroup(0, 5) != 0 || span.WireGroup(5, 0) != 0 || span.PassageGroup(0) != 0 {
		t.Error("zero values made a group")
	}
	if span.WireGroup(1, 2) == span.WireGroup(2, 1) {
		t.Error("request and response are interchangeable")
	}
}

// The order of attributes does not make another resource; their types and values do.
func TestResourceID(t *testing.T) {
	t.Parallel()
	a, b := span.Attribute{Key: "a", Value: "1", Type: span.AttributeString}, span.Attribute{Key: "b", Value: "2", Type: span.AttributeString}
	id := span.ResourceID([]span.Attribute{a, b})
	if id != span.ResourceID([]span.Attribute{b, a}) {
		t.Error("order matters")
	}
	number := a
	number.Type = span.AttributeInt
	swapped := []span.Attribute{{Key: "a", Value: "2", Type: 's'}, {Key: "b", Value: "1", Type: 's'}}
	if id == span.ResourceID([]span.Attribute{number, b}) || id == span.ResourceID(swapped) || id == span.ResourceID([]span.Attribute{a}) {
		t.Error("other attributes, same id")
	}
	if span.ResourceID(nil) == 0 {
		t.Error("the empty resource has the id of none")
	}
}

func TestEntityID(t *testing.T) {
	t.Parallel()
	e := span.Entity{Type: "pod", Pod: "a", Labels: map[string]string{"x": "1", "y": "2"}}
	same := span.Entity{ID: 5, Type: "pod", Pod: "a", Labels: map[string]string{"y": "2", "x": "1"}}
	if span.EntityID(&e) != span.EntityID(&same) {
		t.Error("equal entities have different ids")
	}
	other := e
	other.Pod, other.Service = "", "a"
	if span.EntityID(&e) == span.EntityID(&other) {
		t.Error("a pod and a service of one name are the same")
	}
}

func TestNamesReadBack(t *testing.T) {
	t.Parallel()
	for p := span.PointClientApp; p <= span.PointRest; p++ {
		if got, err := span.ParsePoint(p.String()); err != nil || got != p {
			t.Errorf("%s became %s, %v", p, got, err)
		}
	}
	for _, s := range []span.Source{span.APP, span.SYS, span.NET} {
		if got, err := span.ParseSource(s.String()); err != nil || got != s {
			t.Errorf("%s became %s, %v", s, got, err)
		}
	}
	if _, err := span.ParsePoint(""); err == nil {
		t.Error("no name is a point")
	}
	if s := span.Status(77).String(); s != "Status(77)" {
		t.Errorf("an unknown status is called %s", s)
	}
}
