package skywalking

import (
	"bytes"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/throughline-io/throughline/agent/protobuf"
	"github.com/throughline-io/throughline/pkg/otlp"
	"github.com/throughline-io/throughline/pkg/span"
)

// Translator writes segments as an ExportTraceServiceRequest.
type Translator struct {
	*protobuf.Writer
	// Instances are those known; nil: none.
	Instances *Instances
	// Passed says that another than the instance itself may have sent the segments: their address is what
	// the instance says then.
	Passed bool

	spans             int
	open              []int  // where the messages around the spans began
	service, instance []byte // of which they are
}

// segment is a SegmentObject without its spans.
type segment struct {
	trace, id, service, instance []byte
	traceID                      span.TraceID
}

// Collection writes the segments of a SegmentCollection.
func (t *Translator) Collection(b []byte) error {
	for len(b) > 0 {
		f, rest, err := protobuf.Next(b)
		if err != nil {
			return err
		}
		if b = rest; f.Is(1, protowire.BytesType) {
			if err := t.add(f.Bytes); err != nil {
				return err
			}
		}
	}
	t.end()
	return nil
}

// Segment writes one SegmentObject.
func (t *Translator) Segment(b []byte) error {
	err := t.add(b)
	t.end()
	return err
}

// add writes one segment, whose service may stand behind its spans.
func (t *Translator) add(b []byte) error {
	var g segment
	for rest := b; len(rest) > 0; {
		f, after, err := protobuf.Next(rest)
		if err != nil {
			return err
		}
		if rest = after; f.Type != protowire.BytesType {
			continue
		}
		switch f.Number {
		case 1:
			g.trace = f.Bytes
		case 2:
			g.id = f.Bytes
		case 4:
			g.service = f.Bytes
		case 5:
			g.instance = f.Bytes
		}
	}
	g.traceID = span.SkyWalkingTraceID(g.trace)
	for rest := b; len(rest) > 0; {
		f, after, err := protobuf.Next(rest)
		if err != nil {
			return err
		}
		if rest = after; !f.Is(3, protowire.BytesType) {
			continue
		}
		if t.spans++; t.spans > otlp.MaxSpans {
			return otlp.ErrTooMany
		}
		t.of(&g)
		if err := t.span(&g, f.Bytes); err != nil {
			return err
		}
	}
	return nil
}

// of begins the resource of a segment's spans, unless the spans before are of the same.
func (t *Translator) of(g *segment) {
	if len(t.open) > 0 && bytes.Equal(g.service, t.service) && bytes.Equal(g.instance, t.instance) {
		return
	}
	t.end()
	t.service, t.instance = g.service, g.instance
	t.open = append(t.open, t.Open(1)) // resource_spans
	at := t.Open(1)                    // resource
	t.Attribute(1, "service.name", g.service)
	if len(g.instance) > 0 {
		t.Attribute(1, "service.instance.id", g.instance)
	}
	t.Attribute(1, "telemetry.sdk.name", []byte("skywalking"))
	for _, a := range t.Instances.attributes(g.service, g.instance) {
		if a.key != addressKey || t.Passed {
			t.Attribute(1, a.key, []byte(a.value))
		}
	}
	t.Close(at)
	t.open = append(t.open, t.Open(2)) // scope_spans
}

// end ends the messages around the spans.
func (t *Translator) end() {
	for i := len(t.open) - 1; i >= 0; i-- {
		t.Close(t.open[i])
	}
	t.open = t.open[:0]
}
