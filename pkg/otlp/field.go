package otlp

import (
	"bytes"
	"encoding/binary"
	"errors"
	"slices"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protowire"
)

// errProto is of malformed requests. It carries no position: a message in bytes has no lines.
var errProto = errors.New("the body is not a protobuf ExportTraceServiceRequest: a field is cut off or malformed")

// Tags of protobuf fields: number and wire type.
const (
	varint  = 0
	fixed64 = 1
	length  = 2
	fixed32 = 5
)

// field reads the field at b[at:]: its tag, its payload (wire type length) or value (the
// other ones), and where the next one begins; -1 if there is none that is well formed.
func field(b []byte, at int) (tag uint32, payload []byte, value uint64, next int) {
	t := uint64(b[at])
	at++
	if t >= 0x80 {
		x, n := binary.Uvarint(b[at-1:])
		if n <= 0 {
			return 0, nil, 0, -1
		}
		t, at = x, at+n-1
	}
	if n := t >> 3; n < uint64(protowire.MinValidNumber) || n > uint64(protowire.MaxValidNumber) {
		return 0, nil, 0, -1
	}
	switch t & 7 {
	case length:
		if at >= len(b) {
			return 0, nil, 0, -1
		}
		l := uint64(b[at])
		at++
		if l >= 0x80 {
			x, n := binary.Uvarint(b[at-1:])
			if n <= 0 {
				return 0, nil, 0, -1
			}
			l, at = x, at+n-1
		}
		if l > uint64(len(b)-at) {
			return 0, nil, 0, -1
		}
		end := at + int(l)
		return uint32(t), b[at:end:end], 0, end
	case varint:
		x, n := binary.Uvarint(b[at:])
		if n <= 0 {
			return 0, nil, 0, -1
		}
		return uint32(t), nil, x, at + n
	case fixed64:
		if len(b)-at < 8 {
			return 0, nil, 0, -1
		}
		return uint32(t), nil, binary.LittleEndian.Uint64(b[at:]), at + 8
	case fixed32:
		if len(b)-at < 4 {
			return 0, nil, 0, -1
		}
		return uint32(t), nil, uint64(binary.LittleEndian.Uint32(b[at:])), at + 4
	}
	// A group, which only an unknown field can be, or nonsense.
	n := protowire.ConsumeFieldValue(protowire.Number(t>>3), protowire.Type(t&7), b[at:])
	if n < 0 {
		return 0, nil, 0, -1
	}
	return uint32(t), nil, 0, at + n
}

// message is the payload of a field that should occur once. Where it occurs again,
// protobuf merges the two, which is to put their bytes one after the other.
type message struct {
	bytes []byte
	owned bool
}

func (m *message) add(payload []byte) {
	switch {
	case m.bytes == nil:
		m.bytes = payload
	case m.owned:
		m.bytes = append(m.bytes, payload...)
	default:
		m.bytes, m.owned = slices.Concat(m.bytes, payload), true
	}
}

// text is a payload that protobuf declares as a string. Clients send what is none: a header as it
// came, a text cut in the middle of a character. Such bytes become U+FFFD and cost nothing else.
func (d *Decoder) text(payload []byte) []byte {
	if utf8.Valid(payload) {
		return payload
	}
	d.repaired++
	return bytes.ToValidUTF8(payload, replacement)
}

var replacement = []byte("\uFFFD")
