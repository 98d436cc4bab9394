package tracecontext

import (
	"bytes"
	"encoding/base64"
	"strconv"

	"github.com/throughline-io/throughline/pkg/span"
)

// Each form fills c and reports whether the value is valid; ids that are all zero are not.

// w3c is a traceparent, "00-<trace id>-<span id>-<flags>". Version ff is invalid; later
// versions may append fields. https://www.w3.org/TR/trace-context/
func (c *Context) w3c(v []byte) bool {
	const size = 2 + 1 + 32 + 1 + 16 + 1 + 2
	if len(v) < size || v[2] != '-' || v[35] != '-' || v[52] != '-' || hasUpper(v[:size]) {
		return false
	}
	var version, flags [1]byte
	if !hex(version[:], v[:2]) || version[0] == 0xff || !hex(flags[:], v[53:55]) {
		return false
	}
	if len(v) > size && (version[0] == 0 || v[size] != '-') {
		return false
	}
	return c.ids(v[3:35], v[36:52])
}

// b3Single is "<trace id>-<span id>[-<sampled>[-<parent>]]". "0" only says not to sample.
func (c *Context) b3Single(v []byte) bool {
	trace, rest, found := bytes.Cut(v, []byte("-"))
	if !found || len(trace) != 16 && len(trace) != 32 {
		return false
	}
	id, rest, more := bytes.Cut(rest, []byte("-"))
	if more {
		sampled, parent, hasParent := bytes.Cut(rest, []byte("-"))
		if len(sampled) != 1 || hasParent && len(parent) != 16 {
			return false
		}
	}
	return len(id) == 16 && c.ids(trace, id)
}

// b3Multi is X-B3-TraceId and X-B3-SpanId.
func (c *Context) b3Multi(trace, id []byte) bool {
	return (len(trace) == 16 || len(trace) == 32) && len(id) == 16 && c.ids(trace, id)
}

// uber is Jaeger's "<trace id>:<span id>:<parent>:<flags>", without leading zeros, and its
// colons perhaps as %3A.
func (c *Context) uber(v []byte) bool {
	var fields [4][]byte
	for i := range fields {
		at, width := bytes.IndexByte(v, ':'), 1
		if at < 0 {
			if at = bytes.Index(v, []byte("%3A")); at < 0 {
				at = bytes.Index(v, []byte("%3a"))
			}
			width = 3
		}
		if i == len(fields)-1 {
			if at >= 0 {
				return false
			}
			fields[i] = v
			break
		}
		if at < 0 {
			return false
		}
		fields[i], v = v[:at], v[at+width:]
	}
	if len(fields[3]) == 0 || len(fields[3]) > 2 || len(fields[2]) > 16 {
		return false
	}
	for _, digits := range fields[2:] {
		for _, d := range digits {
			if _, ok := hexDigit(d); !ok {
				return false
			}
		}
	}
	return c.ids(fields[0], fields[1])
}

// datadog is decimal ids of 64 bits; the upper half of a trace id of 128 bits is among the
// tags, "_dd.p.tid=<16 hex digits>".
func (c *Context) datadog(trace, parent, tags []byte) bool {
	low, err := strconv.ParseUint(string(trace), 10, 64)
	if err != nil || low == 0 {
		return false
	}
	id, err := strconv.ParseUint(string(parent), 10, 64)
	if err != nil {
		id = 0
	}
	const upper = "_dd.p.tid="
	if i := bytes.Index(tags, []byte(upper)); i >= 0 {
		if digits := tags[i+len(upper):]; len(digits) >= 16 && !hex(c.TraceID[:8], digits[:16]) {
			clear(c.TraceID[:8])
		}
	}
	for i := range 8 {
		c.TraceID[8+i] = byte(low >> (56 - 8*i))
		c.SpanID[i] = byte(id >> (56 - 8*i))
	}
	return true
}

// sw8 is SkyWalking's "<sampled>-<trace id>-<segment>-<span>-<service>-<instance>-<endpoint>-<target>",
// text in base64. Trace, segment and span are the caller's: their ids are those that the agent gives to
// what SkyWalking's own agents send (span.SkyWalkingTraceID).
func (c *Context) sw8(v []byte) bool {
	var fields [8][]byte
	for i := range fields {
		at := bytes.IndexByte(v, '-')
		if (at < 0) != (i == len(fields)-1) {
			return false
		}
		if at < 0 {
			at = len(v)
		}
		fields[i] = v[:at]
		v = v[min(at+1, len(v)):]
	}
	if len(fields[0]) != 1 || fields[0][0] != '0' && fields[0][0] != '1' {
		return false
	}
	number, err := strconv.ParseUint(string(fields[3]), 10, 31)
	if err != nil {
		return false
	}
	var trace, segment [128]byte
	n, ok := base64Text(trace[:], fields[1])
	if c.TraceID = span.SkyWalkingTraceID(trace[:n]); !ok || c.TraceID.IsZero() {
		return false
	}
	c.State = span.SkyWalkingTraceState(trace[:n])
	n, _ = base64Text(segment[:], fields[2])
	c.SpanID = span.SkyWalkingSpanID(segment[:n], int32(number))
	return true
}

// base64Text decodes a text into dst; false where it is none, or longer.
func base64Text(dst, text []byte) (int, bool) {
	if base64.StdEncoding.DecodedLen(len(text)) > len(dst) {
		return 0, false
	}
	n, err := base64.StdEncoding.Decode(dst, text)
	if err != nil {
		return 0, false
	}
	return n, true
}

// ids reads hexadecimal ids, the trace's of up to 32 digits and the span's of up to 16.
func (c *Context) ids(trace, id []byte) bool {
	if hexRight(c.TraceID[:], trace) && hexRight(c.SpanID[:], id) && !c.TraceID.IsZero() && !c.SpanID.IsZero() {
		return true
	}
	c.TraceID, c.SpanID = span.TraceID{}, span.SpanID{}
	return false
}

// hexRight decodes up to 2*len(dst) digits, with zeros for those that are left out in front.
func hexRight(dst, src []byte) bool {
	switch {
	case len(src) == 2*len(dst):
		return hex(dst, src)
	case len(src) == 0 || len(src) > 2*len(dst):
		return false
	}
	clear(dst)
	for i := range src {
		v, ok := hexDigit(src[len(src)-1-i])
		if !ok {
			return false
		}
		dst[len(dst)-1-i/2] |= v << (4 * (i & 1))
	}
	return true
}

// hex decodes 2*len(dst) digits. Nearly all ids are whole, so it has no place to look for.
func hex(dst, src []byte) bool {
	if len(src) != 2*len(dst) {
		return false
	}
	for i := range dst {
		hi, lo := digitOf[src[2*i]], digitOf[src[2*i+1]]
		if hi|lo > 15 {
			return false
		}
		dst[i] = hi<<4 | lo
	}
	return true
}

// digitOf is a hexadecimal digit's value; 255 of what is none.
var digitOf = func() (table [256]byte) {
	for i := range table {
		table[i] = 255
	}
	for i := range byte(16) {
		table["0123456789abcdef"[i]], table["0123456789ABCDEF"[i]] = i, i
	}
	return table
}()

func hexDigit(c byte) (byte, bool) { return digitOf[c], digitOf[c] <= 15 }

func hasUpper(v []byte) bool {
	for _, c := range v {
		if c >= 'A' && c <= 'F' {
			return true
		}
	}
	return false
}
