package l7

import (
	"bytes"
	"encoding/binary"
	"math"
)

// bson reads the elements of a document (bsonspec.org, 1.1) as far as it was captured.
type bson struct {
	data []byte
	cut  bool // there is no more of it
}

// The kinds of elements that are told.
const (
	bsonDouble   = 0x01
	bsonText     = 0x02
	bsonDocument = 0x03
	bsonArray    = 0x04
	bsonBool     = 0x08
	bsonInt32    = 0x10
	bsonInt64    = 0x12
)

// bsonElement is a name and a value.
type bsonElement struct {
	kind  byte
	name  []byte
	value []byte // of a text without its length and its end; of a document with both
}

// document reads a document's length; false: it is none.
func (b *bson) document() bool {
	if len(b.data) < 5 {
		return false
	}
	n := int(int32(binary.LittleEndian.Uint32(b.data)))
	if n < 5 {
		return false
	}
	b.data, b.cut = b.data[4:min(n, len(b.data))], n > len(b.data)
	return true
}

// next is the next element; false: there is none, or no more was captured.
func (b *bson) next() (e bsonElement, ok bool) {
	if len(b.data) == 0 || b.data[0] == 0 {
		b.cut = b.cut || len(b.data) == 0
		return e, false
	}
	e.kind = b.data[0]
	end := bytes.IndexByte(b.data[1:], 0)
	if end < 0 {
		b.cut = true
		return e, false
	}
	e.name = b.data[1 : 1+end]
	rest := b.data[2+end:]
	size := bsonSize(e.kind, rest)
	if size < 0 || size > len(rest) {
		b.cut = true
		if e.kind == bsonDocument || e.kind == bsonArray {
			e.value, b.data = rest, nil // its beginning tells something
			return e, len(rest) > 4
		}
		return e, false
	}
	e.value, b.data = rest[:size], rest[size:]
	if e.kind == bsonText {
		if size < 5 || e.value[size-1] != 0 {
			b.cut = true
			return e, false
		}
		e.value = e.value[4 : size-1]
	}
	return e, true
}

// bsonSize is how many bytes a value has, -1 if that is not known.
func bsonSize(kind byte, rest []byte) int {
	length := func(more int) int {
		if len(rest) < 4 {
			return -1
		}
		n := int64(int32(binary.LittleEndian.Uint32(rest))) + int64(more)
		if n < 0 || n > math.MaxInt32 {
			return -1
		}
		return int(n)
	}
	switch kind {
	case bsonDouble, 0x09, 0x11, bsonInt64:
		return 8
	case bsonText, 0x0d, 0x0e:
		return length(4)
	case bsonDocument, bsonArray, 0x0f:
		return length(0)
	case 0x05:
		return length(5)
	case 0x06, 0x0a, 0xff, 0x7f:
		return 0
	case 0x07:
		return 12
	case bsonBool:
		return 1
	case 0x0b: // two texts that end with zero
		first := bytes.IndexByte(rest, 0)
		if first < 0 {
			return -1
		}
		second := bytes.IndexByte(rest[first+1:], 0)
		if second < 0 {
			return -1
		}
		return first + second + 2
	case 0x0c:
		return length(16)
	case bsonInt32:
		return 4
	case 0x13:
		return 16
	}
	return -1
}

// number is a value as a number; false: it is none.
func (e *bsonElement) number() (float64, bool) {
	switch e.kind {
	case bsonDouble:
		return math.Float64frombits(binary.LittleEndian.Uint64(e.value)), true
	case bsonInt32:
		return float64(int32(binary.LittleEndian.Uint32(e.value))), true
	case bsonInt64:
		return float64(int64(binary.LittleEndian.Uint64(e.value))), true
	case bsonBool:
		return float64(e.value[0]), true
	}
	return 0, false
}
