package otlp

import (
	"github.com/throughline-io/throughline/agent/jaeger"
	"github.com/throughline-io/throughline/agent/protobuf"
	"github.com/throughline-io/throughline/agent/skywalking"
	"github.com/throughline-io/throughline/agent/zipkin"
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
	formZipkin       // Zipkin's ListOfSpans
	formZipkinJSON   // a list of spans in Zipkin's JSON
	formJaeger       // Jaeger's PostSpansRequest
	formJaegerThrift // Jaeger's Batch in thrift
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
	toProtobuf := map[form]func(*protobuf.Writer, []byte) error{formSegmentsJSON: skywalking.SegmentsJSON, formZipkinJSON: zipkin.JSON, formJaegerThrift: jaeger.Thrift}[m.form]
	if toProtobuf != nil {
		w, done := m.writer()
		defer done()
		if err := toProtobuf(w, body); err != nil {
			return err
		}
		body = w.Data
	}
	w, done := m.writer()
	defer done()
	passed := r.config.Here == nil || !r.config.Here(m.from)
	var err error
	switch m.form {
	case formSegment:
		t := skywalking.Translator{Writer: w, Instances: &r.instances, Passed: passed}
		err = t.Segment(body)
	case formSegments, formSegmentsJSON:
		t := skywalking.Translator{Writer: w, Instances: &r.instances, Passed: passed}
		err = t.Collection(body)
	case formJaeger, formJaegerThrift:
		t := jaeger.Translator{Writer: w, Passed: passed}
		err = t.Post(body)
	default:
		t := zipkin.Translator{Writer: w, Passed: passed}
		err = t.Spans(body)
	}
	if err != nil {
		return err
	}
	return d.Protobuf(w.Data)
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
