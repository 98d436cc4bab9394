package skywalking

import (
	"math"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/throughline-io/throughline/agent/protobuf"
	"github.com/throughline-io/throughline/pkg/span"
)

// Numbers of SpanObject's fields.
const (
	fieldNumber    = 1
	fieldParent    = 2
	fieldStart     = 3
	fieldEnd       = 4
	fieldRefs      = 5
	fieldOperation = 6
	fieldPeer      = 7
	fieldType      = 8
	fieldLayer     = 9
	fieldComponent = 10
	fieldError     = 11
	fieldTags      = 12
	fieldLogs      = 13
)

// SkyWalking's enums.
const (
	typeEntry = 0
	typeExit  = 1
	typeLocal = 2

	layerDatabase = 1
	layerRPC      = 2
	layerMQ       = 4
	layerCache    = 5
)

// spanObject is a SpanObject without what it has several of.
type spanObject struct {
	number, parent int32
	start, end     int64 // ms
	operation      []byte
	peer           []byte
	typ, layer     uint64
	component      int32
	failed         bool
	systems        bool // a tag names the system that it is a client of
}

// readSpan reads a SpanObject once, to know it before its lists are written.
func readSpan(b []byte) (s spanObject, err error) {
	for len(b) > 0 {
		var f protobuf.Field
		if f, b, err = protobuf.Next(b); err != nil {
			return s, err
		}
		switch {
		case f.Is(fieldNumber, protowire.VarintType):
			s.number = int32(f.Value)
		case f.Is(fieldParent, protowire.VarintType):
			s.parent = int32(f.Value)
		case f.Is(fieldStart, protowire.VarintType):
			s.start = int64(f.Value)
		case f.Is(fieldEnd, protowire.VarintType):
			s.end = int64(f.Value)
		case f.Is(fieldOperation, protowire.BytesType):
			s.operation = f.Bytes
		case f.Is(fieldPeer, protowire.BytesType):
			s.peer = f.Bytes
		case f.Is(fieldType, protowire.VarintType):
			s.typ = f.Value
		case f.Is(fieldLayer, protowire.VarintType):
			s.layer = f.Value
		case f.Is(fieldComponent, protowire.VarintType):
			s.component = int32(f.Value)
		case f.Is(fieldError, protowire.VarintType):
			s.failed = f.Value != 0
		}
	}
	return s, nil
}

// kind is OpenTelemetry's kind of the span.
func (s *spanObject) kind() span.Kind {
	switch {
	case s.typ == typeEntry && s.layer == layerMQ:
		return span.KindConsumer
	case s.typ == typeEntry:
		return span.KindServer
	case s.typ == typeExit && s.layer == layerMQ:
		return span.KindProducer
	case s.typ == typeExit:
		return span.KindClient
	case s.typ == typeLocal:
		return span.KindInternal
	}
	return span.KindUnspecified
}

// nanoseconds are a time's, of ms; what is before 1970 is no time, and what does not fit none that can be.
func nanoseconds(ms int64) uint64 {
	const ns = 1_000_000
	switch {
	case ms < 0:
		return 0
	case ms > math.MaxInt64/ns:
		return math.MaxUint64
	}
	return uint64(ms) * ns
}

// Numbers of fields of OpenTelemetry's Span.
const (
	otelTraceID    = 1
	otelSpanID     = 2
	otelParent     = 4
	otelName       = 5
	otelKind       = 6
	otelStart      = 7
	otelEnd        = 8
	otelAttributes = 9
	otelEvents     = 11
	otelLinks      = 13
	otelStatus     = 15
)

// span writes a SpanObject of a segment as one of OpenTelemetry's spans.
func (t *Translator) span(g *segment, b []byte) error {
	s, err := readSpan(b)
	if err != nil {
		return err
	}
	at := t.Open(2) // spans
	t.id(otelTraceID, g.traceID[:])
	own := span.SkyWalkingSpanID(g.id, s.number)
	t.id(otelSpanID, own[:])
	t.Bytes(otelName, s.operation)
	t.Varint(otelKind, uint64(s.kind()))
	t.Fixed64(otelStart, nanoseconds(s.start))
	t.Fixed64(otelEnd, nanoseconds(s.end))
	if s.failed {
		in := t.Open(otelStatus)
		t.Varint(3, 2) // STATUS_CODE_ERROR
		t.Close(in)
	}
	if s.number == 0 { // one of each segment says what SkyWalking calls it
		t.Attribute(otelAttributes, "sw8.trace_id", g.trace)
		t.Attribute(otelAttributes, "sw8.segment_id", g.id)
	}
	if s.component != 0 {
		t.Integer(otelAttributes, "sw8.component_id", int64(s.component))
	}
	t.peer(&s)
	found := s.parent >= 0 && s.parent != s.number
	if found {
		parent := span.SkyWalkingSpanID(g.id, s.parent)
		t.id(otelParent, parent[:])
	}
	for rest := b; len(rest) > 0; {
		var f protobuf.Field
		if f, rest, err = protobuf.Next(rest); err != nil {
			return err
		}
		switch {
		case f.Is(fieldTags, protowire.BytesType):
			err = t.tag(&s, f.Bytes)
		case f.Is(fieldLogs, protowire.BytesType):
			err = t.log(f.Bytes)
		case f.Is(fieldRefs, protowire.BytesType):
			found, err = t.ref(g, f.Bytes, found)
		}
		if err == nil {
			err = t.Grown()
		}
		if err != nil {
			return err
		}
	}
	t.system(&s)
	t.Close(at)
	return t.Grown()
}

// id writes an id; none where it is zero.
func (t *Translator) id(field protowire.Number, id []byte) {
	for _, b := range id {
		if b != 0 {
			t.Bytes(field, id)
			return
		}
	}
}
