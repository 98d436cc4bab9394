package protobuf

import (
	"errors"
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

// Writer writes a message. The zero value writes an empty one.
type Writer struct {
	Data []byte
	// Ask is told how many bytes more may be written, a step at a time, before they are, and may refuse
	// them; nil: nobody is.
	Ask   func(bytes int) error
	asked int
}

// Grown asks for what was written since it was asked last. It is called now and then.
func (w *Writer) Grown() error {
	const step = 64 << 10
	switch {
	case len(w.Data) < w.asked:
		return nil
	case len(w.Data) > MaxSize:
		return errors.New("the message becomes too large")
	}
	more := len(w.Data) - w.asked + step
	w.asked += more
	if w.Ask == nil {
		return nil
	}
	return w.Ask(more)
}

// lengthBytes is how many bytes the length of a message inside of another takes: it is written behind it,
// with leading zeros, which protobuf allows.
const lengthBytes = 4

// MaxSize of a message inside of another, in bytes.
const MaxSize = 1<<(7*lengthBytes) - 1

// Open begins a message inside of the message; Close ends it.
func (w *Writer) Open(field protowire.Number) (at int) {
	w.Data = append(protowire.AppendTag(w.Data, field, protowire.BytesType), 0, 0, 0, 0)
	return len(w.Data)
}

// Close ends the message that began at a place.
func (w *Writer) Close(at int) {
	length := len(w.Data) - at
	for i := range lengthBytes {
		w.Data[at-lengthBytes+i] = byte(length>>(7*i))&0x7f | 0x80
	}
	w.Data[at-1] &= 0x7f
}

// Bytes writes a field with bytes or a text; none where there are none.
func (w *Writer) Bytes(field protowire.Number, v []byte) {
	if len(v) > 0 {
		w.Data = protowire.AppendBytes(protowire.AppendTag(w.Data, field, protowire.BytesType), v)
	}
}

// Varint writes a field with a number, an enum or a bool.
func (w *Writer) Varint(field protowire.Number, v uint64) {
	w.Data = protowire.AppendVarint(protowire.AppendTag(w.Data, field, protowire.VarintType), v)
}

// Fixed64 writes a field with 8 bytes.
func (w *Writer) Fixed64(field protowire.Number, v uint64) {
	w.Data = protowire.AppendFixed64(protowire.AppendTag(w.Data, field, protowire.Fixed64Type), v)
}

// Attribute writes one of OpenTelemetry's attributes (opentelemetry.proto.common.v1.KeyValue) with a text.
func (w *Writer) Attribute(field protowire.Number, key string, text []byte) {
	at := w.key(field, key)
	in := w.Open(2) // value
	w.Data = protowire.AppendBytes(protowire.AppendTag(w.Data, 1, protowire.BytesType), text)
	w.Close(in)
	w.Close(at)
}

// Integer writes an attribute with a number.
func (w *Writer) Integer(field protowire.Number, key string, n int64) {
	at := w.key(field, key)
	in := w.Open(2) // value
	w.Varint(3, uint64(n))
	w.Close(in)
	w.Close(at)
}

func (w *Writer) key(field protowire.Number, key string) (at int) {
	at = w.Open(field)
	w.Data = protowire.AppendString(protowire.AppendTag(w.Data, 1, protowire.BytesType), key)
	return at
}

// Boolean writes an attribute that is true or false.
func (w *Writer) Boolean(field protowire.Number, key string, v bool) {
	at := w.key(field, key)
	in := w.Open(2) // value
	w.Varint(2, protowire.EncodeBool(v))
	w.Close(in)
	w.Close(at)
}

// Double writes an attribute with a number that need not be whole.
func (w *Writer) Double(field protowire.Number, key string, v float64) {
	at := w.key(field, key)
	in := w.Open(2) // value
	w.Fixed64(4, math.Float64bits(v))
	w.Close(in)
	w.Close(at)
}

// Binary writes an attribute with bytes.
func (w *Writer) Binary(field protowire.Number, key string, v []byte) {
	at := w.key(field, key)
	in := w.Open(2) // value
	w.Data = protowire.AppendBytes(protowire.AppendTag(w.Data, 7, protowire.BytesType), v)
	w.Close(in)
	w.Close(at)
}
