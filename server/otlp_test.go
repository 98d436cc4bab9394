package server

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	coltrace "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	common "go.opentelemetry.io/proto/otlp/common/v1"
	resource "go.opentelemetry.io/proto/otlp/resource/v1"
	otlp "go.opentelemetry.io/proto/otlp/trace/v1"

	"github.com/throughline-io/throughline/pkg/trace"
	"github.com/throughline-io/throughline/pkg/wire"
	"github.com/throughline-io/throughline/test/shapes"
)

// What OpenTelemetry's senders really send, from the request to the answer of the API.

// sent is a service and its spans as they are sent.
func sent(service string, spans ...*otlp.Span) *otlp.ResourceSpans {
	name := &common.KeyValue{Key: "service.name", Value: &common.AnyValue{Value: &common.AnyValue_StringValue{StringValue: service}}}
	return &otlp.ResourceSpans{Resource: &resource.Resource{Attributes: []*common.KeyValue{name}}, ScopeSpans: []*otlp.ScopeSpans{{Spans: spans}}}
}

// pushSent sends a request as an agent does, and returns what the server left out of it.
func (r *running) pushSent(t *testing.T, all ...*otlp.ResourceSpans) []*wire.Rejection {
	t.Helper()
	b := shapes.Batch([]*coltrace.ExportTraceServiceRequest{{ResourceSpans: all}})
	answer, err := r.client.Push(t.Context(), &wire.PushRequest{Agent: "agent-" + shapes.Node, Boot: 1, Sequence: sequences.Add(1), Batch: wire.Encode(b)})
	if err != nil {
		t.Fatal(err)
	}
	return answer.GetRejections()
}

func spanAt(traceID, id, parent uint64, kind otlp.Span_SpanKind, start time.Time, lasts time.Duration) *otlp.Span {
	word := func(v ...uint64) (out []byte) {
		for _, w := range v {
			out = binary.BigEndian.AppendUint64(out, w)
		}
		return out
	}
	s := &otlp.Span{TraceId: word(traceID, ^traceID), SpanId: word(id), Name: "get /api", Kind: kind, StartTimeUnixNano: uint64(start.UnixNano()), EndTimeUnixNano: uint64(start.Add(lasts).UnixNano())}
	if parent != 0 {
		s.ParentSpanId = word(parent)
	}
	return s
}

const (
	asServer   = otlp.Span_SPAN_KIND_SERVER
	asClient   = otlp.Span_SPAN_KIND_CLIENT
	asConsumer = otlp.Span_SPAN_KIND_CONSUMER
	asProducer = otlp.Span_SPAN_KIND_PRODUCER
)

// In Zipkin's model, which Envoy and Zipkin's libraries keep to, both ends of a call have one span id and one
// parent. Both are stored, also where they come apart or began at the same time, the called end stands
// under the calling one, and what it calls under the called one.
func TestBothEndsOfACallMayHaveOneSpanID(t *testing.T) {
	t.Parallel()
	r := server(t)
	ms := func(n int) time.Duration { return time.Duration(n) * time.Millisecond }
	now := time.Now().Truncate(time.Minute).Add(-time.Minute)
	for i, c := range []struct {
		caller, called otlp.Span_SpanKind
		later          time.Duration // the called end began
		apart          bool          // in two requests
	}{
		{asClient, asServer, ms(3), false},
		{asClient, asServer, ms(3), true},
		{asClient, asServer, 0, false},
		{asClient, asServer, 0, true},
		{asClient, asServer, -ms(3), false}, // another clock
		{asClient, asServer, time.Minute, false},
		{asProducer, asConsumer, ms(3), true},
		{asProducer, asConsumer, 0, false},
	} {
		id := uint64(now.UnixNano()) + uint64(i)
		front := sent("front", spanAt(id, 0xa1, 0, asServer, now, ms(50)), spanAt(id, 0xb2, 0xa1, c.caller, now.Add(ms(5)), ms(30)))
		began := now.Add(ms(5) + c.later)
		back := sent("back", spanAt(id, 0xb2, 0xa1, c.called, began, ms(20)), spanAt(id, 0xc3, 0xb2, asClient, began.Add(ms(2)), ms(5)))
		if c.apart {
			r.pushSent(t, back)
			r.pushSent(t, front)
		} else {
			r.pushSent(t, front, back)
		}
		name := func(service string, kind otlp.Span_SpanKind) string {
			return service + " " + strings.TrimPrefix(kind.String(), "SPAN_KIND_")
		}
		want := fmt.Sprintf("back CLIENT < %s, %[1]s < %s, %[2]s < front SERVER, front SERVER < none", name("back", c.called), name("front", c.caller))
		if got := r.tree(t, fmt.Sprintf("%016x%016x", id, ^id)); got != want {
			t.Errorf("%v, %v, later by %v, apart: %v\n got %s\nwant %s", c.caller, c.called, c.later, c.apart, got, want)
		}
	}
}

// tree says under what each span of a trace stands.
func (r *running) tree(t *testing.T, id string) string {
	t.Helper()
	var printed trace.Printed
	r.ask(t, "/api/v1/traces/"+id, nil, &printed)
	name := func(s trace.PrintedSpan) string { return fmt.Sprint(s.Service, " ", s.Kind) }
	byID := map[trace.Text]string{"": "none"}
	for _, s := range printed.Spans {
		byID[trace.Text(s.ID)] = name(s)
	}
	var lines []string
	for _, s := range printed.Spans {
		lines = append(lines, name(s)+" < "+byID[s.Parent])
	}
	slices.SortFunc(lines, func(a, b string) int { return cmp.Compare(a, b) })
	return strings.Join(lines, ", ")
}

// Tools whose trace ids have 64 bits send them as the lower half, and write them with 16 digits or without
// leading zeros. Each of these finds the trace.
func TestATraceOfAShortIDIsFoundHoweverItIsWritten(t *testing.T) {
	t.Parallel()
	r := server(t)
	now := time.Now()
	short := uint64(now.UnixNano()) >> 5 // begins with a zero
	s := spanAt(0, 0xa1, 0, asServer, now, time.Millisecond)
	binary.BigEndian.PutUint64(s.TraceId[8:], short)
	r.pushSent(t, sent("legacy", s))
	for _, id := range []string{fmt.Sprintf("%032x", short), fmt.Sprintf("%016x", short), fmt.Sprintf("%x", short), fmt.Sprintf("%X", short)} {
		if status, body, err := r.get("/api/v1/traces/"+id, nil); err != nil || status != http.StatusOK || !strings.Contains(string(body), fmt.Sprintf("%032x", short)) {
			t.Errorf("by %s: %d %.200s %v", id, status, body, err)
		}
	}
}

// Spans older than the store keeps them, or in the future, are left out and named to the agent by their
// rows, and the others of the request are stored.
func TestTheOthersOfARequestAreStored(t *testing.T) {
	t.Parallel()
	r := start(t, func(c *Config) { c.Retention = 7 * 24 * time.Hour })
	now := time.Now()
	id := uint64(now.UnixNano())
	left := r.pushSent(t, sent("job",
		spanAt(id, 0xa1, 0, asServer, now, time.Millisecond),
		spanAt(id, 0xb2, 0xa1, otlp.Span_SPAN_KIND_INTERNAL, now.AddDate(0, 0, -8), time.Millisecond),
		spanAt(id, 0xc3, 0xa1, otlp.Span_SPAN_KIND_INTERNAL, now.AddDate(0, 0, 2), time.Millisecond)))
	var said []string
	for _, l := range left {
		said = append(said, fmt.Sprint(l.GetRows(), " ", l.GetReason()))
	}
	if got := strings.Join(said, "; "); got != "[1] start is older than the store keeps spans (168h0m0s); [2] start is more than 24h0m0s in the future" {
		t.Errorf("left out: %s", got)
	}
	if got := r.tree(t, fmt.Sprintf("%016x%016x", id, ^id)); got != "job SERVER < none" {
		t.Errorf("stored: %s", got)
	}
}
