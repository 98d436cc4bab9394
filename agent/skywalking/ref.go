package skywalking

import (
	"bytes"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/throughline-io/throughline/agent/protobuf"
	"github.com/throughline-io/throughline/pkg/span"
)

// ref writes a SegmentReference, to a span of another segment: another process's, or another thread's. The
// first one of the segment's own trace is the span's parent where it has none in its segment. The others are
// links: a consumer that takes several messages at once has one for each.
func (t *Translator) ref(g *segment, b []byte, hasParent bool) (bool, error) {
	var trace, parent []byte
	number := int32(0)
	for len(b) > 0 {
		var f protobuf.Field
		var err error
		if f, b, err = protobuf.Next(b); err != nil {
			return hasParent, err
		}
		switch {
		case f.Is(2, protowire.BytesType):
			trace = f.Bytes
		case f.Is(3, protowire.BytesType):
			parent = f.Bytes
		case f.Is(4, protowire.VarintType):
			number = int32(f.Value)
		}
	}
	id := span.SkyWalkingSpanID(parent, number)
	if id.IsZero() {
		return hasParent, nil
	}
	if !hasParent && (len(trace) == 0 || bytes.Equal(trace, g.trace)) {
		t.id(otelParent, id[:])
		return true, nil
	}
	of := span.SkyWalkingTraceID(trace)
	at := t.Open(otelLinks)
	t.id(1, of[:])
	t.id(2, id[:])
	t.Close(at)
	return hasParent, nil
}
