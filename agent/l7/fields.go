package l7

import (
	"github.com/throughline-io/throughline/agent/tracecontext"
	"github.com/throughline-io/throughline/pkg/span"
)

// Fields is what the messages of one session say: the request's part is filled when its
// header is complete, the response's when that one's is.
type Fields struct {
	Protocol string // "HTTP", "MySQL"
	Version  string // "1.1"
	Type     string // method or command: "GET", "COM_QUERY"
	Domain   string // host asked for
	Resource string // what was asked for, as sent: path with query, SQL
	Endpoint string // Resource in words of low cardinality: "/items/{id}", "SET"

	RequestID   string // the protocol's own id of the request, where it has one
	XRequestID  string // X-Request-ID of the request
	XResponseID string // X-Request-ID of the response

	TraceID    span.TraceID // of the request's trace context; zero: none
	SpanID     span.SpanID  // the caller's span, of the same header
	TraceState string

	Links string // contexts of several messages that go in one request or answer, as span.Span has them

	Status        span.Status
	Code          int32  // the protocol's own status or error code
	StatusMessage string // error text

	// Attributes are what else a protocol says that has a name in OpenTelemetry's conventions.
	Attributes []span.Attribute

	// Several says that the answer was several messages.
	Several bool

	// Expect is the dialogue's own note: what the answer will look like, what has to be redacted.
	Expect uint32
}

// takeContext fills in the trace context of a request.
func (f *Fields) takeContext(r *tracecontext.Reader) {
	if c, ok := r.Context(); ok {
		f.setContext(c)
	}
}

func (f *Fields) setContext(c tracecontext.Context) {
	f.TraceID, f.SpanID, f.TraceState = c.TraceID, c.SpanID, c.State
}
