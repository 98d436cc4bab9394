package l7

import (
	"encoding/hex"
	"slices"

	"github.com/throughline-io/throughline/agent/tracecontext"
	"github.com/throughline-io/throughline/pkg/span"
)

// contexts are those of the messages that go in one request or answer.
type contexts struct {
	first  tracecontext.Context
	others []tracecontext.Context // that differ
	more   bool                   // there are some that are not kept
}

const maxContexts = 64

func (c *contexts) add(context tracecontext.Context) {
	if c.first.TraceID.IsZero() {
		c.first = context
		return
	}
	same := func(known tracecontext.Context) bool {
		return known.TraceID == context.TraceID && known.SpanID == context.SpanID
	}
	switch {
	case same(c.first) || slices.ContainsFunc(c.others, same):
	case len(c.others) == maxContexts-1:
		c.more = true
	default:
		c.others = append(c.others, context)
	}
}

// of gives a request that carries messages their context: all of it where they have the same, the trace's where they
// are of one trace. Where they differ they are links.
func (c *contexts) of(f *Fields) {
	if len(c.others) == 0 {
		f.setContext(c.first)
		return
	}
	if !c.more && !slices.ContainsFunc(c.others, func(other tracecontext.Context) bool { return other.TraceID != c.first.TraceID }) {
		f.TraceID = c.first.TraceID
	}
	f.Links = c.links()
}

// links are the contexts as links, as package span reads them; "" of none.
func (c *contexts) links() string {
	if c.first.TraceID.IsZero() {
		return ""
	}
	const each = len(`{"trace_id":"","span_id":""},`) + 2*len(span.TraceID{}) + 2*len(span.SpanID{})
	var room [16 * each]byte
	b := append(room[:0], '[')
	b = appendLink(b, c.first)
	for _, other := range c.others {
		b = appendLink(append(b, ','), other)
	}
	return string(append(b, ']'))
}

func appendLink(b []byte, c tracecontext.Context) []byte {
	b = append(b, `{"trace_id":"`...)
	b = hex.AppendEncode(b, c.TraceID[:])
	if !c.SpanID.IsZero() {
		b = append(b, `","span_id":"`...)
		b = hex.AppendEncode(b, c.SpanID[:])
	}
	return append(b, `"}`...)
}
