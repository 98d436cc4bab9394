package tracecontext

import "github.com/throughline-io/throughline/pkg/span"

// Context is what a caller says of its trace.
type Context struct {
	TraceID span.TraceID // 64-bit ids have zeros in front
	SpanID  span.SpanID  // of the caller; zero where the form has none that is a span's id
	State   string       // W3C tracestate
}

// Reader collects the fields of one message, which come in any order, and prefers the
// context that says most. Its slices point into the message. The zero value is empty.
type Reader struct {
	traceparent, tracestate []byte
	b3, b3Trace, b3Span     []byte
	jaeger, skywalking      []byte
	datadogTrace            []byte
	datadogParent           []byte
	datadogTags             []byte
	binary                  Context
}

// Field takes a header field or attribute; the name may be in any case. It reports whether
// it is one of a trace context.
func (r *Reader) Field(name, value []byte) bool {
	to := r.field(name)
	if to == nil {
		return false
	}
	*to = value
	return true
}

// field is where a name's value goes; nil: it is of no trace context. It is asked for every
// field of every message, so the length decides before anything is compared.
func (r *Reader) field(name []byte) *[]byte {
	switch len(name) {
	case len("b3"):
		return named(name, "b3", &r.b3)
	case len("sw8"):
		return named(name, "sw8", &r.skywalking)
	case len("tracestate"):
		return named(name, "tracestate", &r.tracestate)
	case len("traceparent"):
		if to := named(name, "traceparent", &r.traceparent); to != nil {
			return to
		}
		return named(name, "x-b3-spanid", &r.b3Span)
	case len("x-b3-traceid"):
		return named(name, "x-b3-traceid", &r.b3Trace)
	case len("uber-trace-id"):
		return named(name, "uber-trace-id", &r.jaeger)
	case len("x-datadog-tags"):
		return named(name, "x-datadog-tags", &r.datadogTags)
	case len("x-datadog-trace-id"):
		return named(name, "x-datadog-trace-id", &r.datadogTrace)
	case len("x-datadog-parent-id"):
		return named(name, "x-datadog-parent-id", &r.datadogParent)
	}
	return nil
}

func named(name []byte, lower string, to *[]byte) *[]byte {
	for i := range len(lower) {
		c := name[i]
		if c >= 'A' && c <= 'Z' {
			c |= 0x20
		}
		if c != lower[i] {
			return nil
		}
	}
	return to
}

// Value takes a value whose name is not known (compressed headers, joined late), and
// recognises it by its form alone. Forms that any number could have are not recognised.
func (r *Reader) Value(value []byte) bool {
	var c Context
	switch {
	case c.w3c(value):
		r.traceparent = value
	case c.b3Single(value) && len(value) >= 32+1+16:
		r.b3 = value
	case c.uber(value) && len(value) >= 16+1+1+1+1+1+1:
		r.jaeger = value
	case c.sw8(value):
		r.skywalking = value
	default:
		return false
	}
	return true
}

// Context is the context of the fields taken; false: there is none, or none that is valid.
func (r *Reader) Context() (c Context, ok bool) {
	switch {
	case r.traceparent != nil && c.w3c(r.traceparent):
		c.State = string(r.tracestate)
	case r.b3 != nil && c.b3Single(r.b3):
	case r.b3Trace != nil && c.b3Multi(r.b3Trace, r.b3Span):
	case r.jaeger != nil && c.uber(r.jaeger):
	case r.datadogTrace != nil && c.datadog(r.datadogTrace, r.datadogParent, r.datadogTags):
	case r.skywalking != nil && c.sw8(r.skywalking):
	case !r.binary.TraceID.IsZero():
		return r.binary, true
	default:
		return Context{}, false
	}
	return c, true
}
