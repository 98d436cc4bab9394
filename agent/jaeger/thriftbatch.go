package jaeger

import (
	"encoding/binary"
	"math"
	"slices"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/throughline-io/throughline/agent/protobuf"
)

// Thrift writes a Batch of jaeger.thrift as a PostSpansRequest.
func Thrift(w *protobuf.Writer, body []byte) error {
	b := thriftBatch{Writer: w, thriftReader: thriftReader{body}}
	at := w.Open(1) // batch
	err := b.fields(func(typ byte, id int16) (bool, error) {
		switch {
		case id == 1 && typ == thriftStruct:
			at := w.Open(2)
			err := b.process()
			w.Close(at)
			return true, err
		case id == 2 && typ == thriftList:
			return true, b.structs(b.span)
		}
		return false, nil
	})
	if err != nil {
		return err
	}
	if len(b.rest) > 0 {
		return ErrThrift
	}
	w.Close(at)
	return nil
}

type thriftBatch struct {
	*protobuf.Writer
	thriftReader
	referred []int64 // ids of the span's references
}

// process writes a Process.
func (b *thriftBatch) process() error {
	return b.fields(func(typ byte, id int16) (bool, error) {
		switch {
		case id == 1 && typ == thriftString:
			name, err := b.text()
			b.Bytes(1, name)
			return true, err
		case id == 2 && typ == thriftList:
			return true, b.structs(func() error { return b.tag(2) })
		}
		return false, nil
	})
}

// span writes a Span.
func (b *thriftBatch) span() error {
	at := b.Open(1)
	var n [10]int64 // by the field's number
	b.referred = b.referred[:0]
	err := b.fields(func(typ byte, id int16) (read bool, err error) {
		switch {
		case typ == thriftI64 && (id >= 1 && id <= 4 || id == 8 || id == 9):
			n[id], err = b.whole(typ)
			return true, err
		case id == 5 && typ == thriftString:
			name, err := b.text()
			b.Bytes(3, name)
			return true, err
		case id == 6 && typ == thriftList:
			return true, b.structs(b.reference)
		case id == 10 && typ == thriftList:
			return true, b.structs(func() error { return b.tag(8) })
		case id == 11 && typ == thriftList:
			return true, b.structs(b.log)
		}
		return false, b.Grown()
	})
	if err != nil {
		return err
	}
	low, high, parent := n[1], n[2], n[4]
	b.ids(1, high, low)
	b.ids(2, n[3])
	if parent != 0 && !slices.Contains(b.referred, parent) { // some clients say it so alone
		at := b.Open(4)
		b.ids(1, high, low)
		b.ids(2, parent)
		b.Close(at)
	}
	b.time(6, n[8])
	b.time(7, n[9])
	b.Close(at)
	return b.Grown()
}

// reference writes a SpanRef.
func (b *thriftBatch) reference() error {
	var n [5]int64 // by the field's number
	err := b.fields(func(typ byte, id int16) (read bool, err error) {
		if id < 1 || id > 4 || typ != thriftI64 && typ != thriftI32 {
			return false, nil
		}
		n[id], err = b.whole(typ)
		return true, err
	})
	b.referred = append(b.referred, n[4])
	at := b.Open(4)
	b.ids(1, n[3], n[2])
	b.ids(2, n[4])
	if n[1] != 0 {
		b.Varint(3, uint64(n[1]))
	}
	b.Close(at)
	if err != nil {
		return err
	}
	return b.Grown()
}

// log writes a Log.
func (b *thriftBatch) log() error {
	at := b.Open(9)
	err := b.fields(func(typ byte, id int16) (bool, error) {
		switch {
		case id == 1 && typ == thriftI64:
			us, err := b.whole(typ)
			b.time(1, us)
			return true, err
		case id == 2 && typ == thriftList:
			return true, b.structs(func() error { return b.tag(2) })
		}
		return false, nil
	})
	b.Close(at)
	return err
}

// types are model.proto's types of values by thrift's.
var types = [...]uint64{typeString, typeFloat, typeBool, typeInt, typeBinary}

// tag writes a Tag as a KeyValue of a field.
func (b *thriftBatch) tag(field protowire.Number) error {
	at := b.Open(field)
	err := b.fields(func(typ byte, id int16) (bool, error) {
		switch {
		case id == 1 && typ == thriftString, id == 3 && typ == thriftString, id == 7 && typ == thriftString:
			text, err := b.text()
			b.Bytes(protowire.Number(id), text)
			return true, err
		case id == 2 && typ == thriftI32:
			n, err := b.whole(typ)
			if err == nil && n > 0 && n < int64(len(types)) {
				b.Varint(2, types[n])
			}
			return true, err
		case id == 4 && typ == thriftDouble:
			bits, err := b.whole(typ)
			b.Fixed64(6, uint64(bits))
			return true, err
		case id == 5 && typ == thriftBool:
			n, err := b.whole(typ)
			b.Varint(4, protowire.EncodeBool(n != 0))
			return true, err
		case id == 6 && typ == thriftI64:
			n, err := b.whole(typ)
			b.Varint(5, uint64(n))
			return true, err
		}
		return false, b.Grown()
	})
	b.Close(at)
	if err != nil {
		return err
	}
	return b.Grown()
}

// ids writes an id of 64 bits, or of more.
func (b *thriftBatch) ids(field protowire.Number, parts ...int64) {
	var id [16]byte
	at := id[:0]
	for _, part := range parts {
		at = binary.BigEndian.AppendUint64(at, uint64(part))
	}
	b.Bytes(field, at)
}

// time writes microseconds as a Timestamp or Duration; below zero they are none.
func (b *thriftBatch) time(field protowire.Number, us int64) {
	at := b.Open(field)
	if us > 0 && us < math.MaxInt64/1000 {
		b.Varint(1, uint64(us/1e6))
		b.Varint(2, uint64(us%1e6*1000))
	}
	b.Close(at)
}
