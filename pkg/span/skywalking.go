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
	digits := text
	if len(text) == 36 && text[8] == '-' && text[13] == '-' && text[18] == '-' && text[23] == '-' {
		digits = bytes.ReplaceAll(text, []byte("-"), nil)
	}
	if len(digits) == 2*len(id) {
		if _, err := hex.Decode(id[:], digits); err == nil {
			return id
		}
	}
	h := fnv.New128a()
	h.Write(text)
	h.Sum(id[:0])
	return id
}

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
