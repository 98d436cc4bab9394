package jaeger

import (
	"bytes"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/throughline-io/throughline/agent/protobuf"
)

// reference is a SpanRef.
type reference struct {
	trace, span []byte
	follows     bool
	number      int // among those of its span, from 1; 0: it is none
}

func readReference(b []byte) (r reference, err error) {
	for len(b) > 0 {
		var f protobuf.Field
		if f, b, err = protobuf.Next(b); err != nil {
			return r, err
		}
		switch {
		case f.Is(1, protowire.BytesType):
			r.trace = f.Bytes
		case f.Is(2, protowire.BytesType):
			r.span = f.Bytes
		case f.Is(3, protowire.VarintType):
			r.follows = f.Value == 1
		}
	}
	return r, nil
}

// parent is the first span of the trace that a Span is the child of, else the first that it follows.
func parent(trace, b []byte) (found reference, err error) {
	for n := 0; len(b) > 0; {
		var f protobuf.Field
		if f, b, err = protobuf.Next(b); err != nil {
			return found, err
		}
		if !f.Is(4, protowire.BytesType) {
			continue
		}
		n++
		r, err := readReference(f.Bytes)
		if err != nil {
			return found, err
		}
		if r.number = n; !same(r.trace, trace) || same(r.span, nil) {
			continue
		}
		if found.number == 0 || found.follows && !r.follows {
			found = r
		}
	}
	return found, nil
}

// same compares ids with and without leading zeros.
func same(a, b []byte) bool {
	return bytes.Equal(bytes.TrimLeft(a, "\x00"), bytes.TrimLeft(b, "\x00"))
}

// link writes a SpanRef that is not the parent as a link.
func (t *Translator) link(b []byte) error {
	r, err := readReference(b)
	if err != nil || same(r.span, nil) {
		return err
	}
	at := t.Open(otelLinks)
	t.id(1, r.trace, 16)
	t.id(2, r.span, 8)
	kind := "child_of"
	if r.follows {
		kind = "follows_from"
	}
	t.Attribute(4, "opentracing.ref_type", []byte(kind))
	t.Close(at)
	return nil
}
