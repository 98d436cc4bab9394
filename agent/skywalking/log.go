package skywalking

import (
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/throughline-io/throughline/agent/protobuf"
	"github.com/throughline-io/throughline/pkg/otlp"
)

// log writes a Log as an event: one of an error as an exception. Agents name the event by a pair "event";
// Python's tells an error by its traceback alone.
func (t *Translator) log(b []byte) error {
	name := []byte("log")
	at := t.Open(otelEvents)
	for rest := b; len(rest) > 0; {
		f, after, err := protobuf.Next(rest)
		if err != nil {
			return err
		}
		switch rest = after; {
		case f.Is(1, protowire.VarintType):
			t.Fixed64(1, nanoseconds(int64(f.Value)))
		case f.Is(2, protowire.BytesType):
			key, value, err := pair(f.Bytes)
			if err != nil {
				return err
			}
			switch string(key) {
			case "":
				continue
			case "event":
				if name = value; string(value) == "error" {
					name = []byte("exception")
				}
				continue
			case "Traceback":
				name = []byte("exception")
			}
			t.Attribute(3, otlp.SkyWalkingException(string(key)), value)
			if err := t.Grown(); err != nil {
				return err
			}
		}
	}
	t.Bytes(2, name)
	t.Close(at)
	return nil
}

// pair reads a KeyStringValuePair.
func pair(b []byte) (key, value []byte, err error) {
	for len(b) > 0 {
		var f protobuf.Field
		if f, b, err = protobuf.Next(b); err != nil {
			return nil, nil, err
		}
		switch {
		case f.Is(1, protowire.BytesType):
			key = f.Bytes
		case f.Is(2, protowire.BytesType):
			value = f.Bytes
		}
	}
	return key, value, nil
}
