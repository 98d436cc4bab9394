package zipkin

import (
	"bytes"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/throughline-io/throughline/agent/protobuf"
)

// conventions are Zipkin's tags by OpenTelemetry's names, where pkg/otlp does not know them by their own.
var conventions = map[string]string{"http.path": "url.path", "sql.query": "db.query.text"}

// outcome is how a request ended, as tags say it.
type outcome struct {
	failed, well bool
	message      []byte
}

// tag writes a tag as an attribute. One called error says that the request failed, and its value why.
func (t *Translator) tag(b []byte, o *outcome) error {
	var key, value []byte
	for len(b) > 0 {
		f, rest, err := protobuf.Next(b)
		if err != nil {
			return err
		}
		switch b = rest; {
		case f.Is(1, protowire.BytesType):
			key = f.Bytes
		case f.Is(2, protowire.BytesType):
			value = f.Bytes
		}
	}
	switch string(key) {
	case "":
		return nil
	case "error":
		if o.failed = string(value) != "false"; o.failed && string(value) != "true" {
			o.message = value
		}
		return nil
	case "otel.status_code": // of OpenTelemetry's exporters to Zipkin; the collector's (0.165) writes it whole
		code := bytes.TrimPrefix(value, []byte("STATUS_CODE_"))
		o.well = string(code) == "OK"
		o.failed = o.failed || string(code) == "ERROR"
		return nil
	}
	as, known := conventions[string(key)]
	if !known {
		as = string(key)
	}
	t.Attribute(attributes, as, value)
	return nil
}

// outcome writes the span's status.
func (t *Translator) outcome(o *outcome) {
	if !o.failed && !o.well {
		return
	}
	at := t.Open(15)
	if o.failed {
		t.Bytes(2, o.message)
		t.Varint(3, 2) // STATUS_CODE_ERROR
	} else {
		t.Varint(3, 1) // STATUS_CODE_OK
	}
	t.Close(at)
}

// annotation writes an Annotation as an event.
func (t *Translator) annotation(b []byte) error {
	at := t.Open(11)
	for len(b) > 0 {
		f, rest, err := protobuf.Next(b)
		if err != nil {
			return err
		}
		switch b = rest; {
		case f.Number == 1 && f.Type != protowire.BytesType:
			t.Fixed64(1, nanoseconds(f.Value))
		case f.Is(2, protowire.BytesType):
			t.Bytes(2, f.Bytes)
		}
	}
	t.Close(at)
	return nil
}
