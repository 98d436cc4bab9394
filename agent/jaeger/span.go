package jaeger

import (
	"math"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/throughline-io/throughline/agent/protobuf"
	"github.com/throughline-io/throughline/pkg/span"
)

// Numbers of fields of OpenTelemetry's Span.
const (
	otelTraceID    = 1
	otelSpanID     = 2
	otelTraceState = 3
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

// header is a Span without what it has several of, and what its tags say of the whole.
type header struct {
	trace, id, name, process   []byte
	start, duration            uint64 // ns
	scope, scopeVersion, state []byte
	kind                       span.Kind
	outcome
	parent reference
}

// read reads a Span once, to know it before its lists are written.
func read(process, b []byte) (s header, err error) {
	s.process, s.kind = process, span.KindInternal
	for rest := b; len(rest) > 0; {
		var f protobuf.Field
		if f, rest, err = protobuf.Next(rest); err != nil {
			return s, err
		}
		if f.Type != protowire.BytesType {
			continue
		}
		switch f.Number {
		case 1:
			s.trace = f.Bytes
		case 2:
			s.id = f.Bytes
		case 3:
			s.name = f.Bytes
		case 6:
			s.start, err = nanoseconds(f.Bytes)
		case 7:
			s.duration, err = nanoseconds(f.Bytes)
		case 8:
			var t tag
			if t, err = readTag(f.Bytes); err == nil {
				s.take(&t)
			}
		case 10:
			s.process = f.Bytes
		}
		if err != nil {
			return s, err
		}
	}
	if s.duration > math.MaxUint64-s.start {
		s.duration = 0
	}
	s.parent, err = parent(s.trace, b)
	return s, err
}

// nanoseconds are those of a Timestamp or Duration; what is below zero is none, and what does not fit no time
// that can be.
func nanoseconds(b []byte) (uint64, error) {
	var seconds, nanos int64
	for len(b) > 0 {
		f, rest, err := protobuf.Next(b)
		if err != nil {
			return 0, err
		}
		switch b = rest; {
		case f.Is(1, protowire.VarintType):
			seconds = int64(f.Value)
		case f.Is(2, protowire.VarintType):
			nanos = int64(f.Value)
		}
	}
	switch {
	case seconds < 0 || nanos < 0 || nanos >= 1e9:
		return 0, nil
	case seconds > math.MaxInt64/int64(1e9)-1:
		return math.MaxUint64, nil
	}
	return uint64(seconds*1e9 + nanos), nil
}

// span writes a Span as one of OpenTelemetry's spans.
func (t *Translator) span(process, b []byte) error {
	s, err := read(process, b)
	if err != nil {
		return err
	}
	if err := t.of(&s); err != nil {
		return err
	}
	at := t.Open(2) // spans
	t.id(otelTraceID, s.trace, 16)
	t.id(otelSpanID, s.id, 8)
	t.Bytes(otelTraceState, s.state)
	t.id(otelParent, s.parent.span, 8)
	t.Bytes(otelName, s.name)
	t.Varint(otelKind, uint64(s.kind))
	t.Fixed64(otelStart, s.start)
	t.Fixed64(otelEnd, s.start+s.duration)
	references := 0
	for rest := b; len(rest) > 0; {
		var f protobuf.Field
		if f, rest, err = protobuf.Next(rest); err != nil {
			return err
		}
		if f.Type != protowire.BytesType {
			continue
		}
		switch f.Number {
		case 4:
			if references++; references != s.parent.number {
				err = t.link(f.Bytes)
			}
		case 8:
			var tag tag
			if tag, err = readTag(f.Bytes); err == nil && !tag.ofSpan() {
				t.tag(otelAttributes, &tag)
			}
		case 9:
			err = t.log(f.Bytes)
		case 12:
			t.Attribute(otelAttributes, "jaeger.warning", f.Bytes)
		}
		if err == nil {
			err = t.Grown()
		}
		if err != nil {
			return err
		}
	}
	t.status(&s.outcome)
	t.Close(at)
	return t.Grown()
}

// id writes an id of so many bytes, with zeros in front; one that is longer stays what it is, which the reader
// refuses. One of zeros is none.
func (t *Translator) id(field protowire.Number, id []byte, size int) {
	var whole [16]byte
	if len(id) > size {
		t.Bytes(field, id)
		return
	}
	copy(whole[size-len(id):size], id)
	if whole != [16]byte{} {
		t.Bytes(field, whole[:size])
	}
}
