package shapes

import (
	"encoding/binary"
	"hash/fnv"
	"math/rand/v2"
	"time"

	otlp "go.opentelemetry.io/proto/otlp/trace/v1"

	"github.com/throughline-io/throughline/pkg/span"
)

// maker makes the traces of one shape.
type maker struct {
	base   time.Time
	size   Size
	rng    *rand.Rand
	traces []*trace
}

// newMaker takes ids from the name and the base, so that a shape that is made twice at
// different times is two traces.
func newMaker(name string, base time.Time, size Size) *maker {
	h := fnv.New64a()
	h.Write([]byte(name))
	return &maker{base: base, size: size, rng: rand.New(rand.NewPCG(h.Sum64(), uint64(base.UnixNano())))}
}

// trace begins a trace, so many milliseconds after the base. Its random numbers are its
// own, so that the next trace's id does not depend on this one's size.
func (m *maker) trace(after float64) *trace {
	t := &trace{base: m.base.UnixNano() + nanoseconds(after), rng: rand.New(rand.NewPCG(m.rng.Uint64(), m.rng.Uint64()))}
	t.id = t.newTraceID()
	m.traces = append(m.traces, t)
	return t
}

// trace is one trace that is being made.
type trace struct {
	id    span.TraceID
	base  int64 // Unix nanoseconds
	rng   *rand.Rand
	spans []sent
}

// sent is a span and who sends it.
type sent struct {
	service, host string
	base          int64
	*otlp.Span
}

// The kinds of OpenTelemetry.
const (
	internal = otlp.Span_SPAN_KIND_INTERNAL
	server   = otlp.Span_SPAN_KIND_SERVER
	client   = otlp.Span_SPAN_KIND_CLIENT
	producer = otlp.Span_SPAN_KIND_PRODUCER
	consumer = otlp.Span_SPAN_KIND_CONSUMER
)

// add enters a span under a parent, nil: none. Start, from the trace's base, and duration
// are in milliseconds.
func (t *trace) add(parent *otlp.Span, service, name string, kind otlp.Span_SpanKind, start, duration float64, with ...option) *otlp.Span {
	s := sent{service: service, base: t.base, Span: &otlp.Span{
		TraceId: t.id[:], SpanId: t.newSpanID(), Name: name, Kind: kind,
		StartTimeUnixNano: uint64(t.base + nanoseconds(start)), EndTimeUnixNano: uint64(t.base + nanoseconds(start+duration)),
	}}
	if parent != nil {
		s.ParentSpanId = parent.SpanId
	}
	for _, o := range with {
		o(&s)
	}
	t.spans = append(t.spans, s)
	return s.Span
}

func (t *trace) newTraceID() (id span.TraceID) {
	binary.BigEndian.PutUint64(id[:8], t.rng.Uint64())
	binary.BigEndian.PutUint64(id[8:], t.rng.Uint64())
	return id
}

func (t *trace) newSpanID() []byte {
	return binary.BigEndian.AppendUint64(nil, t.rng.Uint64()|1) // an id is never zero
}

func nanoseconds(ms float64) int64 { return int64(ms * 1e6) }
