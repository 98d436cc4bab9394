package jaeger

import (
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/throughline-io/throughline/agent/protobuf"
)

// exceptions are the keys of an error's log, by OpenTelemetry's names.
var exceptions = map[string]string{"error.kind": "exception.type", "message": "exception.message", "stack": "exception.stacktrace"}

// log writes a Log as an event, which its field "event" names; one of an error is an exception.
func (t *Translator) log(b []byte) error {
	name, failed := []byte("log"), false
	for rest := b; len(rest) > 0; {
		f, after, err := protobuf.Next(rest)
		if err != nil {
			return err
		}
		if rest = after; !f.Is(2, protowire.BytesType) {
			continue
		}
		v, err := readTag(f.Bytes)
		if err != nil {
			return err
		}
		if string(v.key) == "event" && len(v.value()) > 0 {
			if name = v.value(); string(name) == "error" {
				name, failed = []byte("exception"), true
			}
		}
	}
	at := t.Open(otelEvents)
	t.Bytes(2, name)
	for rest := b; len(rest) > 0; {
		f, after, err := protobuf.Next(rest)
		if err != nil {
			return err
		}
		switch rest = after; {
		case f.Is(1, protowire.BytesType):
			ns, err := nanoseconds(f.Bytes)
			if err != nil {
				return err
			}
			t.Fixed64(1, ns)
		case f.Is(2, protowire.BytesType):
			v, err := readTag(f.Bytes)
			if err != nil {
				return err
			}
			if string(v.key) == "event" || len(v.key) == 0 {
				continue
			}
			if as := exceptions[string(v.key)]; failed && as != "" {
				v.key = []byte(as)
			}
			t.tag(3, &v)
			if err := t.Grown(); err != nil {
				return err
			}
		}
	}
	t.Close(at)
	return nil
}
