package l7

import "github.com/throughline-io/throughline/pkg/span"

// ParseTraceparent reads a W3C traceparent, "00-<trace id>-<span id>-<flags>". Ids that
// are all zero are invalid, and so is version ff; later versions may append fields.
func ParseTraceparent(v []byte) (t span.TraceID, s span.SpanID, ok bool) {
	const size = 2 + 1 + 32 + 1 + 16 + 1 + 2
	if len(v) < size || v[2] != '-' || v[35] != '-' || v[52] != '-' {
		return t, s, false
	}
	var version, flags [1]byte
	if !lowerHex(version[:], v[:2]) || version[0] == 0xff || !lowerHex(flags[:], v[53:55]) {
		return t, s, false
	}
	if len(v) > size && (version[0] == 0 || v[size] != '-') {
		return t, s, false
	}
	if !lowerHex(t[:], v[3:35]) || !lowerHex(s[:], v[36:52]) || t.IsZero() || s.IsZero() {
		return span.TraceID{}, span.SpanID{}, false
	}
	return t, s, true
}

// lowerHex decodes 2*len(dst) lower-case hex digits: the standard allows no others.
func lowerHex(dst, src []byte) bool {
	for i := range dst {
		hi, ok1 := hexDigit(src[2*i])
		lo, ok2 := hexDigit(src[2*i+1])
		if !ok1 || !ok2 || src[2*i] >= 'A' && src[2*i] <= 'F' || src[2*i+1] >= 'A' && src[2*i+1] <= 'F' {
			return false
		}
		dst[i] = hi<<4 | lo
	}
	return true
}
