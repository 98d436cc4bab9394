package otlp

import (
	"github.com/throughline-io/throughline/agent/protobuf"
	"github.com/throughline-io/throughline/agent/skywalking"
	"github.com/throughline-io/throughline/pkg/otlp"
)

// form is how a request's message is written.
type form uint8

const (
	formProtobuf form = iota
	formJSON
	formSegment      // SkyWalking's SegmentObject
	formSegments     // SegmentCollection
	formSegmentsJSON // the same in JSON
)

// read reads a message without its compression into the decoder's batch. What is not OTLP becomes OTLP
// first.
func (r *Receiver) read(d *otlp.Decoder, m *message, body []byte) error {
	switch m.form {
	case formProtobuf:
		return d.Protobuf(body)
	case formJSON:
		return d.JSON(body)
	}
	if m.form == formSegmentsJSON {
		w, done := m.writer()
		defer done()
		if err := skywalking.SegmentsJSON(w, body); err != nil {
			return err
		}
		body = w.Data
	}
	w, done := m.writer()
	defer done()
	t := skywalking.Translator{Writer: w, Instances: &r.instances, Passed: r.config.Here == nil || !r.config.Here(m.from)}
	write := t.Collection
	if m.form == formSegment {
		write = t.Segment
	}
	if err := write(body); err != nil {
		return err
	}
	return d.Protobuf(t.Data)
}

// writer writes what the message becomes, in memory that is accounted as the message's. done gives it back.
func (m *message) writer() (w *protobuf.Writer, done func()) {
	b := buffer()
	w = &protobuf.Writer{Data: *b, Ask: func(n int) error { return m.hold.grow(int64(n)) }}
	return w, func() {
		*b = w.Data
		giveBack(b)
	}
}
