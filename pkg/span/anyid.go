package span

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strings"
)

// AnyID is an id as somebody has it from a log, a header or another tool. It may be a
// trace's or a span's: who looks it up tries what it can be.
type AnyID struct {
	// Trace is the trace id of these digits: 64-bit ids, of B3, Zipkin and older Jaeger
	// clients, stand at its end as they do in OTLP.
	Trace TraceID
	// Span is the span id of these digits, one of ours or one of OpenTelemetry's; zero where
	// there are more than 16 digits.
	Span SpanID
}

// ParseAnyID reads an id as tools write it: upper or lower case, with blanks or quotes
// around it, with 0x before it, without its leading zeros, with dashes as a UUID has them; a
// W3C traceparent and an AWS X-Ray id, too, which are their trace's.
func ParseAnyID(text string) (AnyID, error) {
	digits := strings.ToLower(strings.TrimSpace(text))
	if n := len(digits); n > 2 && digits[0] == '"' && digits[n-1] == '"' {
		digits = digits[1 : n-1]
	}
	digits = strings.TrimPrefix(digits, "0x")
	switch parts := strings.Split(digits, "-"); {
	case len(parts) == 5 && len(parts[0]) == 8 && len(parts[1]) == 4 && len(parts[2]) == 4 && len(parts[3]) == 4 && len(parts[4]) == 12:
		digits = strings.Join(parts, "") // UUID
	case len(parts) == 4 && len(parts[0]) == 2 && len(parts[1]) == 32 && len(parts[2]) == 16 && len(parts[3]) == 2:
		digits = parts[1] // traceparent: version, trace, span, flags
	case len(parts) == 3 && parts[0] == "1" && len(parts[1]) == 8 && len(parts[2]) == 24:
		digits = parts[1] + parts[2] // X-Ray: version, seconds, the rest
	}
	var id AnyID
	switch {
	case digits == "":
		return id, fmt.Errorf("no id: want that of a trace (up to 32 hex digits) or of one of its spans (up to 16)")
	case strings.Trim(digits, "0123456789abcdef") != "":
		return id, fmt.Errorf("%.100q is no id of a trace or of a span: want hex digits", text)
	case len(digits) > 32:
		return id, fmt.Errorf("%.100q is no id of a trace or of a span: it has %d digits, at most 32 are one", text, len(digits))
	case strings.Trim(digits, "0") == "":
		return id, fmt.Errorf("%.100q is no id of a trace or of a span: an id of zeros is none", text)
	}
	if _, err := hex.Decode(id.Trace[:], []byte(strings.Repeat("0", 32-len(digits))+digits)); err != nil {
		return id, fmt.Errorf("%.100q is no id of a trace or of a span: %w", text, err)
	}
	if len(digits) <= 16 {
		copy(id.Span[:], id.Trace[8:])
	}
	return id, nil
}

// Own is the id as one of ours; 0 where it has too many digits.
func (id AnyID) Own() uint64 { return binary.BigEndian.Uint64(id.Span[:]) }

// String is the id in hex: 16 digits where it may be a span's, else 32.
func (id AnyID) String() string {
	if !id.Span.IsZero() {
		return id.Span.String()
	}
	return id.Trace.String()
}
