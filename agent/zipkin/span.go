package zipkin

import (
	"math"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/throughline-io/throughline/agent/protobuf"
	"github.com/throughline-io/throughline/pkg/otlp"
	"github.com/throughline-io/throughline/pkg/span"
)

// Translator writes spans as an ExportTraceServiceRequest.
type Translator struct {
	*protobuf.Writer
	// Passed says that another than the service itself may have sent the spans: their address is what they
	// say then.
	Passed bool

	spans    int
	open     []int    // where the messages around the spans began
	resource endpoint // of the spans
}

// header is a Span without what it has several of.
type header struct {
	trace, parent, id, name []byte
	kind                    uint64
	timestamp, duration     uint64 // µs
	local, remote           endpoint
	debug                   bool
}

// Spans writes the spans of a ListOfSpans.
func (t *Translator) Spans(b []byte) error {
	for len(b) > 0 {
		f, rest, err := protobuf.Next(b)
		if err != nil {
			return err
		}
		if b = rest; !f.Is(1, protowire.BytesType) {
			continue
		}
		if t.spans++; t.spans > otlp.MaxSpans {
			return otlp.ErrTooMany
		}
		if err := t.span(f.Bytes); err != nil {
			return err
		}
	}
	t.end()
	return nil
}

// read reads a Span once, to know it before its lists are written. Numbers may be of either type: those of
// JSON are written as varints.
func read(b []byte) (s header, err error) {
	for len(b) > 0 {
		var f protobuf.Field
		if f, b, err = protobuf.Next(b); err != nil {
			return s, err
		}
		if f.Type != protowire.BytesType {
			switch f.Number {
			case 4:
				s.kind = f.Value
			case 6:
				s.timestamp = f.Value
			case 7:
				s.duration = f.Value
			case 12:
				s.debug = f.Value != 0
			}
			continue
		}
		switch f.Number {
		case 1:
			s.trace = f.Bytes
		case 2:
			s.parent = f.Bytes
		case 3:
			s.id = f.Bytes
		case 5:
			s.name = f.Bytes
		case 8:
			s.local, err = readEndpoint(f.Bytes)
		case 9:
			s.remote, err = readEndpoint(f.Bytes)
		}
		if err != nil {
			return s, err
		}
	}
	return s, nil
}

// kinds are OpenTelemetry's kinds by Zipkin's; one without says what a process does by itself.
var kinds = [...]span.Kind{span.KindInternal, span.KindClient, span.KindServer, span.KindProducer, span.KindConsumer}

// nanoseconds are a time's, of µs; what does not fit is no time that can be.
func nanoseconds(us uint64) uint64 {
	if us > math.MaxInt64/1000 {
		return math.MaxUint64
	}
	return us * 1000
}

// id writes an id of so many bytes, with zeros in front; one that is longer stays what it is, which the
// reader refuses.
func (t *Translator) id(field protowire.Number, id []byte, size int) {
	var whole [16]byte
	if len(id) == 0 || len(id) > size {
		t.Bytes(field, id)
		return
	}
	copy(whole[size-len(id):size], id)
	t.Bytes(field, whole[:size])
}

// span writes a Span as one of OpenTelemetry's spans.
func (t *Translator) span(b []byte) error {
	s, err := read(b)
	if err != nil {
		return err
	}
	t.of(&s.local)
	at := t.Open(2) // spans
	t.id(1, s.trace, 16)
	t.id(2, s.id, 8)
	t.id(4, s.parent, 8)
	t.Bytes(5, s.name)
	if s.kind < uint64(len(kinds)) {
		t.Varint(6, uint64(kinds[s.kind]))
	}
	t.Fixed64(7, nanoseconds(s.timestamp))
	if s.duration > math.MaxUint64-s.timestamp {
		s.duration = 0
	}
	t.Fixed64(8, nanoseconds(s.timestamp+s.duration))
	t.ends(&s)
	if s.debug {
		t.Attribute(attributes, "zipkin.debug", []byte("true"))
	}
	var failed outcome
	for rest := b; len(rest) > 0; {
		var f protobuf.Field
		if f, rest, err = protobuf.Next(rest); err != nil {
			return err
		}
		switch {
		case f.Is(10, protowire.BytesType):
			err = t.annotation(f.Bytes)
		case f.Is(11, protowire.BytesType):
			err = t.tag(f.Bytes, &failed)
		}
		if err == nil {
			err = t.Grown()
		}
		if err != nil {
			return err
		}
	}
	t.outcome(&failed)
	t.Close(at)
	return t.Grown()
}

// attributes is the field of a span's attributes.
const attributes = 9
