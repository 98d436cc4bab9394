package tracecontext

import (
	"encoding/base64"

	"github.com/throughline-io/throughline/pkg/span"
)

// Binary takes the value of grpc-trace-bin, OpenCensus' form of a context in gRPC's metadata, in base64 as HTTP/2
// carries it: version 0, then fields with a number each, 0 the trace id, 1 the span id, 2 the options
// (github.com/census-instrumentation/opencensus-specs, encodings/BinaryEncoding.md). It reports whether it is one.
func (r *Reader) Binary(value []byte) bool {
	const size = 1 + 1 + 16 + 1 + 8
	var text [64]byte
	for len(value) > 0 && value[len(value)-1] == '=' { // some pad it
		value = value[:len(value)-1]
	}
	if base64.RawStdEncoding.DecodedLen(len(value)) > len(text) {
		return false
	}
	n, err := base64.RawStdEncoding.Decode(text[:], value)
	if err != nil || n < size || text[0] != 0 || text[1] != 0 || text[18] != 1 {
		return false
	}
	c := Context{TraceID: span.TraceID(text[2:18]), SpanID: span.SpanID(text[19:27])}
	if c.TraceID.IsZero() || c.SpanID.IsZero() {
		return false
	}
	r.binary = c
	return true
}
