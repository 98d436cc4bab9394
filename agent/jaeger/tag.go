package jaeger

import (
	"bytes"
	"encoding/binary"
	"math"
	"net/netip"
	"strconv"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/throughline-io/throughline/agent/protobuf"
	"github.com/throughline-io/throughline/pkg/span"
)

// ValueType of model.proto.
const (
	typeString = 0
	typeBool   = 1
	typeInt    = 2
	typeFloat  = 3
	typeBinary = 4
)

// tag is a KeyValue.
type tag struct {
	key, text, bytes []byte
	typ              uint64
	number           uint64 // an int64, a bool, or a double's bits
}

func readTag(b []byte) (t tag, err error) {
	var whole, double uint64
	var yes bool
	for len(b) > 0 {
		var f protobuf.Field
		if f, b, err = protobuf.Next(b); err != nil {
			return t, err
		}
		switch {
		case f.Is(1, protowire.BytesType):
			t.key = f.Bytes
		case f.Is(2, protowire.VarintType):
			t.typ = f.Value
		case f.Is(3, protowire.BytesType):
			t.text = f.Bytes
		case f.Is(4, protowire.VarintType):
			yes = f.Value != 0
		case f.Is(5, protowire.VarintType):
			whole = f.Value
		case f.Is(6, protowire.Fixed64Type):
			double = f.Value
		case f.Is(7, protowire.BytesType):
			t.bytes = f.Bytes
		}
	}
	switch t.typ {
	case typeBool:
		t.number = protowire.EncodeBool(yes)
	case typeInt:
		t.number = whole
	case typeFloat:
		t.number = double
	}
	return t, nil
}

// value is the tag's as a text.
func (t *tag) value() []byte {
	switch t.typ {
	case typeBool:
		return strconv.AppendBool(nil, t.number != 0)
	case typeInt:
		return strconv.AppendInt(nil, int64(t.number), 10)
	case typeString:
		return t.text
	}
	return nil
}

// outcome is how a span ended, as its tags say it.
type outcome struct {
	failed, well bool
	message      []byte
}

// kinds are OpenTracing's words for OpenTelemetry's kinds.
var kinds = map[string]span.Kind{
	"client": span.KindClient, "server": span.KindServer, "producer": span.KindProducer, "consumer": span.KindConsumer, "internal": span.KindInternal,
}

// ofSpan reports whether the tag says something of the span that is no attribute of OpenTelemetry's: OpenTracing
// has tags for it, and so have exporters of OpenTelemetry to Jaeger.
func (t *tag) ofSpan() bool {
	switch string(t.key) {
	case "":
		return true
	case "span.kind":
		return kinds[string(bytes.ToLower(t.value()))] != 0
	case "error":
		v := string(t.value())
		return v == "true" || v == "false"
	case "otel.status_code", "otel.status_description", "w3c.tracestate", "otel.scope.name", "otel.library.name", "otel.scope.version", "otel.library.version":
		return true
	}
	return false
}

// take keeps what a tag says of the span.
func (s *header) take(t *tag) {
	v := t.value()
	switch string(t.key) {
	case "span.kind":
		if k := kinds[string(bytes.ToLower(v))]; k != 0 {
			s.kind = k
		}
	case "error": // a text that is neither is an attribute, and says why
		s.failed = s.failed || t.typ == typeString && len(v) > 0 && string(v) != "false" || string(v) == "true"
		if t.typ == typeString && string(v) != "true" && string(v) != "false" && len(s.message) == 0 {
			s.message = v
		}
	case "otel.status_code":
		s.failed, s.well = s.failed || string(v) == "ERROR", s.well || string(v) == "OK"
	case "otel.status_description":
		s.message = v
	case "w3c.tracestate":
		s.state = v
	case "otel.scope.name", "otel.library.name":
		s.scope = v
	case "otel.scope.version", "otel.library.version":
		s.scopeVersion = v
	}
}

// conventions are OpenTracing's tags by OpenTelemetry's names, where pkg/otlp does not know them by their own.
var conventions = map[string]string{
	"db.instance": "db.namespace", "message_bus.destination": "messaging.destination.name", "peer.port": "network.peer.port", "peer.ipv6": "network.peer.address",
}

// tag writes a tag as an attribute of a field.
func (t *Translator) tag(field protowire.Number, v *tag) {
	key := string(v.key)
	switch key {
	case "peer.ipv4": // a text, or the address as a number
		if v.typ == typeInt {
			var b [4]byte
			binary.BigEndian.PutUint32(b[:], uint32(v.number))
			t.Attribute(field, "network.peer.address", []byte(netip.AddrFrom4(b).String()))
			return
		}
		key = "network.peer.address"
	case "db.type":
		if name := bytes.ToLower(v.text); string(name) != "sql" { // which says nothing
			t.Attribute(field, "db.system.name", name)
			return
		}
	default:
		if as, known := conventions[key]; known {
			key = as
		}
	}
	switch v.typ {
	case typeBool:
		t.Boolean(field, key, v.number != 0)
	case typeInt:
		t.Integer(field, key, int64(v.number))
	case typeFloat:
		t.Double(field, key, math.Float64frombits(v.number))
	case typeBinary:
		t.Binary(field, key, v.bytes)
	default:
		t.Attribute(field, key, v.text)
	}
}

// processTag writes a tag of a process. Jaeger's clients say the host's name and address.
func (t *Translator) processTag(v *tag) {
	switch string(v.key) {
	case "":
		return
	case "hostname":
		v.key = []byte("host.name")
	case "ip":
		if addr, err := netip.ParseAddr(string(v.value())); err == nil && t.Passed && !addr.IsLoopback() && !addr.IsUnspecified() {
			t.Attribute(1, "app.host.ip", v.text)
		}
	}
	t.tag(1, v)
}

// status writes the span's status.
func (t *Translator) status(o *outcome) {
	if !o.failed && !o.well {
		return
	}
	at := t.Open(otelStatus)
	if o.failed {
		t.Bytes(2, o.message)
		t.Varint(3, 2) // STATUS_CODE_ERROR
	} else {
		t.Varint(3, 1) // STATUS_CODE_OK
	}
	t.Close(at)
}
