package protobuf

import (
	"errors"

	"google.golang.org/protobuf/encoding/protowire"
)

// Field is one field of a message.
type Field struct {
	Number protowire.Number
	Type   protowire.Type
	Bytes  []byte // of BytesType; part of the message
	Value  uint64 // of the other types
}

// ErrMalformed is of a message that is cut off, or none.
var ErrMalformed = errors.New("the body is not the protobuf message that is expected here: a field is cut off or malformed")

// Next reads the first field of a message that is not empty, and gives what stands behind it.
func Next(message []byte) (f Field, rest []byte, err error) {
	number, typ, n := protowire.ConsumeTag(message)
	if n < 0 {
		return f, nil, ErrMalformed
	}
	f.Number, f.Type, rest = number, typ, message[n:]
	switch typ {
	case protowire.BytesType:
		f.Bytes, n = protowire.ConsumeBytes(rest)
	case protowire.VarintType:
		f.Value, n = protowire.ConsumeVarint(rest)
	case protowire.Fixed64Type:
		f.Value, n = protowire.ConsumeFixed64(rest)
	case protowire.Fixed32Type:
		var v uint32
		v, n = protowire.ConsumeFixed32(rest)
		f.Value = uint64(v)
	default: // a group, which only an unknown field can be
		n = protowire.ConsumeFieldValue(number, typ, rest)
	}
	if n < 0 {
		return f, nil, ErrMalformed
	}
	return f, rest[n:], nil
}

// Is reports whether the field has a number and type.
func (f *Field) Is(number protowire.Number, typ protowire.Type) bool {
	return f.Number == number && f.Type == typ
}
