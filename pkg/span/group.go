package span

// Groups: how the spans of a trace are found again. Every span belongs to one group, a
// pure function of the span; edges say which groups belong together. So no state is
// needed anywhere, and late spans, restarts and several servers change nothing.

// GroupID names a group. The top bit marks the group of a trace id.
type GroupID uint64

// traceBit marks the groups of trace ids: a look-up never walks on from one trace's group
// into another's.
const traceBit = 1 << 63

// IsTrace reports whether the group is that of a trace id.
func (g GroupID) IsTrace() bool { return g&traceBit != 0 }

// TraceGroup is the group of the spans with this trace id; 0 for no id.
func TraceGroup(t TraceID) GroupID {
	if t.IsZero() {
		return 0
	}
	lo := uint64(t[0]) | uint64(t[1])<<8 | uint64(t[2])<<16 | uint64(t[3])<<24 | uint64(t[4])<<32 | uint64(t[5])<<40 | uint64(t[6])<<48 | uint64(t[7])<<56
	hi := uint64(t[8]) | uint64(t[9])<<8 | uint64(t[10])<<16 | uint64(t[11])<<24 | uint64(t[12])<<32 | uint64(t[13])<<40 | uint64(t[14])<<48 | uint64(t[15])<<56
	return GroupID(mix(mix(lo^0x7472616365)+hi) | traceBit)
}

// WireGroup is the group of the spans of one session on the wire, by the TCP sequence
// numbers of its request and response: network address translation keeps them. 0 where a
// number is missing.
func WireGroup(request, response uint32) GroupID {
	if request == 0 || response == 0 {
		return 0
	}
	return GroupID(mix(uint64(request)<<32|uint64(response)^0x77697265) &^ traceBit)
}

// PassageGroup is the group of spans that only their process's passage binds; 0 for none.
func PassageGroup(passage uint64) GroupID {
	if passage == 0 {
		return 0
	}
	return GroupID(mix(passage^0x70617373) &^ traceBit)
}

// LoneGroup is the group of a span that nothing binds to another one.
func LoneGroup(id uint64) GroupID { return GroupID(mix(id^0x6c6f6e65) &^ traceBit) }

// Group is the group of a span: of its trace id, else of its sequence pair, else of its
// passage, else its own.
func Group(t TraceID, requestSeq, responseSeq uint32, passage, id uint64) GroupID {
	if g := TraceGroup(t); g != 0 {
		return g
	}
	if g := WireGroup(requestSeq, responseSeq); g != 0 {
		return g
	}
	if g := PassageGroup(passage); g != 0 {
		return g
	}
	return LoneGroup(id)
}

// Group is the span's group.
func (s *Span) Group() GroupID {
	return Group(s.TraceID, s.RequestSeq, s.ResponseSeq, s.Passage, s.ID)
}

// mix is the finalizer of splitmix64: every input bit changes every output bit.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// EdgeKind says what joins two groups.
type EdgeKind uint8

// The kinds of edges.
const (
	EdgeHasRows EdgeKind = 0 // (g, g, minute): g has rows in that minute
	EdgeWire    EdgeKind = 1 // the wire group of a span that carries a trace id, and the trace's
	EdgePassage EdgeKind = 2 // a session without trace context and the passage it belongs to
	EdgeRoot    EdgeKind = 3 // an APP root and the s-p of its process, joined by the agent
)

// Edge joins group A to group B, both ways. Time is a start in Unix nanoseconds of a span
// on the edge; the store keeps the minute.
type Edge struct {
	A, B GroupID
	Time int64
	Kind EdgeKind
}
