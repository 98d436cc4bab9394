package span

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"hash/fnv"
)

// SkyWalking's ids are texts: a trace has one, a segment (what one thread does of it) has one, and a span
// has a number in its segment. From them follow the ids that such spans have here, and the same ones from
// what a request's sw8 header says of its caller.

// SkyWalkingTraceID is the trace id of SkyWalking's: a UUID, with or without dashes, is taken as it is; of
// any other text it is the hash (FNV-1a of 128 bits). Zero where there is none.
func SkyWalkingTraceID(text []byte) (id TraceID) {
	if len(text) == 0 {
		return id
	}
	if id, ok := uuid(text); ok {
		return id
	}
	h := fnv.New128a()
	h.Write(text)
	h.Sum(id[:0])
	return id
}

// uuid reads a UUID, with or without dashes.
func uuid(text []byte) (id TraceID, ok bool) {
	if len(text) == 36 && text[8] == '-' && text[13] == '-' && text[18] == '-' && text[23] == '-' {
		text = bytes.ReplaceAll(text, []byte("-"), nil)
	}
	if len(text) != 2*len(id) {
		return id, false
	}
	_, err := hex.Decode(id[:], text)
	return id, err == nil
}

// SkyWalkingTraceState is the trace state by which a request's trace keeps SkyWalking's id of it; "" where
// that is a UUID, which the trace id is.
func SkyWalkingTraceState(text []byte) string {
	if _, ok := uuid(text); ok || len(text) == 0 {
		return ""
	}
	return SkyWalkingState + string(text)
}

// SkyWalkingState stands before SkyWalking's trace id in the trace state of a request whose sw8 header has
// an id that is no UUID: nobody can tell it from its hash, and who asks SkyWalking needs it.
const SkyWalkingState = "sw8="

// SkyWalkingSpanID is the span id of a segment's span: the hash of both. Zero where there is no segment.
func SkyWalkingSpanID(segment []byte, number int32) (id SpanID) {
	if len(segment) == 0 {
		return id
	}
	h := fnv.New64a()
	h.Write(segment)
	binary.BigEndian.PutUint64(id[:], mix(h.Sum64()^mix(uint64(uint32(number))+1))|1) // never zero
	return id
}
