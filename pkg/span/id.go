package span

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
)

// TraceID is a W3C trace id (16 bytes); all zero means none.
type TraceID [16]byte

// SpanID is a W3C span id (8 bytes); all zero means none.
type SpanID [8]byte

// IsZero reports whether there is no id. Ids that are zero never match one another.
func (t TraceID) IsZero() bool { return t == TraceID{} }

// IsZero reports whether there is no id. Ids that are zero never match one another.
func (s SpanID) IsZero() bool { return s == SpanID{} }

// String is the id in lower-case hex, or "" for none.
func (t TraceID) String() string {
	if t.IsZero() {
		return ""
	}
	return hex.EncodeToString(t[:])
}

// String is the id in lower-case hex, or "" for none.
func (s SpanID) String() string {
	if s.IsZero() {
		return ""
	}
	return hex.EncodeToString(s[:])
}

// ParseTraceID reads 32 hex digits; "" is no id.
func ParseTraceID(s string) (id TraceID, err error) {
	err = parseHex(id[:], s, "trace id")
	return id, err
}

// ParseSpanID reads 16 hex digits; "" is no id.
func ParseSpanID(s string) (id SpanID, err error) {
	err = parseHex(id[:], s, "span id")
	return id, err
}

func parseHex(dst []byte, s, what string) error {
	if s == "" {
		return nil
	}
	if len(s) != 2*len(dst) {
		return fmt.Errorf("%s %q: want %d hex digits, got %d characters", what, s, 2*len(dst), len(s))
	}
	if _, err := hex.Decode(dst, []byte(s)); err != nil {
		return fmt.Errorf("%s %q: %w", what, s, err)
	}
	return nil
}

// idMinuteShift leaves 38 bits of entropy below the minute; 26 bits of minutes last
// until the year 2097.
const idMinuteShift = 38

// NewID makes a span's id of its start and of what tells it from the other spans of that
// minute. Ids are ordered by minute, so that an id alone leads to the rows' place in the
// store.
func NewID(start int64, entropy uint64) uint64 {
	return uint64(start/6e10)<<idMinuteShift | mix(entropy)>>(64-idMinuteShift)
}

// IDMinute is the minute an id was made for, in minutes since the epoch.
func IDMinute(id uint64) int64 { return int64(id >> idMinuteShift) }

// AppEntropy is the entropy of an APP span's id: the same span gets the same id however
// often it is sent. The two ends of a call may have one span id (Zipkin's model) and begin at
// the same time, so the called one gets an id of its own. SYS and NET spans take the agent's
// boot id plus a counter.
func AppEntropy(t TraceID, s SpanID, k Kind) uint64 {
	h := uint64(0)
	for _, b := range [3][]byte{t[:8], t[8:], s[:]} {
		v := uint64(0)
		for _, x := range b {
			v = v<<8 | uint64(x)
		}
		h = mix(h ^ v)
	}
	if k == KindServer || k == KindConsumer {
		h = mix(h ^ 1)
	}
	return h
}

// FormatID is a span's id as users see it: 16 hex digits.
func FormatID(id uint64) string {
	var b [16]byte
	hex.Encode(b[:], binary.BigEndian.AppendUint64(nil, id))
	return string(b[:])
}
