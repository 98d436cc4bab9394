package store

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/throughline-io/throughline/pkg/span"
)

// linking is the JSON of links as the agent writes it.
func linking(to ...*span.Span) string {
	var links []string
	for _, s := range to {
		links = append(links, fmt.Sprintf(`{"trace_id":"%s","span_id":"%s","attributes":{"offset":3}}`, s.TraceID, s.SpanID))
	}
	return "[" + strings.Join(links, ",") + "]"
}

// A consumer's batch links to the producers, which end long before: who looks at a producer's
// trace must find the consumer.
func TestLinksAreFoundFromTheTraceTheyLeadTo(t *testing.T) {
	t.Parallel()
	s := open(t)
	first, second, inside := app(1, traceID(1), 1), app(2, traceID(1), 2), app(3, traceID(1), 3)
	inside.Links = linking(first) // of the same trace
	consumer, worker := app(4, traceID(2), 4), app(5, traceID(2), 5)
	consumer.Kind, consumer.Endpoint, consumer.Status, consumer.Links = span.KindConsumer, "imports process", span.StatusServerError, linking(second, first, app(9, traceID(7), 9))
	consumer.Start -= 8 * 24 * 60 * minute // of another week: of another partition
	worker.Links = linking(first)
	b := batch(first, second, inside, consumer, worker)
	insert(t, s, b)
	insert(t, s, b) // a batch that is sent again
	got, err := s.LinkedFrom(t.Context(), traceID(1))
	if err != nil {
		t.Fatal(err)
	}
	from := func(to, x *span.Span) LinkFrom {
		return LinkFrom{To: to.SpanID, ID: x.ID, TraceID: x.TraceID, SpanID: x.SpanID, Kind: x.Kind, Service: x.Service, Name: x.Endpoint, Status: x.Status, Start: x.Start, Duration: x.Duration}
	}
	want := []LinkFrom{from(first, consumer), from(second, consumer), from(first, worker)}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("want (-), got (+):\n%s", diff)
	}
	if got, err := s.LinkedFrom(t.Context(), traceID(2)); err != nil || len(got) != 0 {
		t.Errorf("nobody links to the consumer: %v %v", got, err)
	}
	if d := trace(t, s, traceID(1).String()); len(d.Spans) != 3 {
		t.Errorf("%d spans: links must not join traces", len(d.Spans))
	}
}

// What links cannot be is left out, and stops no spans.
func TestStrangeLinksStopNothing(t *testing.T) {
	t.Parallel()
	s := open(t)
	to := app(1, traceID(1), 1)
	b := batch(to)
	for i, links := range []string{"{", "[]", "7", `[{"trace_id":"soon"}]`, `[{"trace_id":7,"span_id":[]}]`, `["x",null,{}]`, `[{"trace_id":"` + to.TraceID.String() + `","span_id":"00"}]`, linking(&span.Span{}), strings.Repeat("[", 5000)} {
		x := app(uint64(i+2), traceID(2), byte(i+2))
		x.Links = links
		b.Append(x)
	}
	insert(t, s, b)
	if d := trace(t, s, traceID(2).String()); len(d.Spans) != 9 {
		t.Errorf("%d of 9 spans were stored", len(d.Spans))
	}
	if got, err := s.LinkedFrom(t.Context(), to.TraceID); err != nil || len(got) != 0 {
		t.Errorf("%v %v", got, err)
	}
}

func TestManyLinksToOneTraceAreLeftOutAloud(t *testing.T) {
	t.Parallel()
	s := open(t)
	to := app(1, traceID(1), 1)
	b := batch()
	for i := range maxLinksFrom + 5 {
		x := app(uint64(i+2), traceID(2), 2)
		x.Links = linking(to)
		b.Append(x)
	}
	insert(t, s, b)
	said := ""
	got, err := s.LinkedFrom(Reporting(t.Context(), func(why string) { said = why }), to.TraceID)
	if err != nil || len(got) != maxLinksFrom || !strings.Contains(said, "more than 200") {
		t.Errorf("%d links, %q, %v", len(got), said, err)
	}
}
