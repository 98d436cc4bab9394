package l7

import (
	"encoding/binary"

	"github.com/throughline-io/throughline/agent/tracecontext"
)

// Properties of MQTT 5.0 that are read (2.2.2.2).
const (
	mqttReasonString = 0x1f
	mqttTopicAlias   = 0x23
	mqttUserProperty = 0x26
)

// mqttSizes are the bytes that each property's value has.
var mqttSizes = [0x2b]int8{
	0x01: 1, 0x02: 4, 0x03: mqttString, 0x08: mqttString, 0x09: mqttString, 0x0b: mqttVarying, 0x11: 4, 0x12: mqttString, 0x13: 2,
	0x15: mqttString, 0x16: mqttString, 0x17: 1, 0x18: 4, 0x19: 1, 0x1a: mqttString, 0x1c: mqttString, mqttReasonString: mqttString,
	0x21: 2, 0x22: 2, mqttTopicAlias: 2, 0x24: 1, 0x25: 1, mqttUserProperty: mqttPair, 0x27: 4, 0x28: 1, 0x29: 1, 0x2a: 1,
}

// Values without a size of their own.
const (
	mqttString  = -1 // with its length in front
	mqttPair    = -2
	mqttVarying = -3
)

// mqttSaid is what properties say.
type mqttSaid struct {
	alias   uint16
	reason  []byte
	context tracecontext.Reader
}

// readMQTTProperties reads properties with their length in front. rest is what follows them; false: these are none, or not all
// was captured.
func readMQTTProperties(data []byte) (said mqttSaid, rest []byte, ok bool) {
	size, n := mqttLength(data)
	if n == 0 || n+size > len(data) {
		return said, nil, false
	}
	list, rest := data[n:n+size], data[n+size:]
	for len(list) > 0 {
		id := list[0]
		if int(id) >= len(mqttSizes) || mqttSizes[id] == 0 {
			return said, nil, false
		}
		list = list[1:]
		switch kind := mqttSizes[id]; kind {
		case mqttString, mqttPair:
			var name, value []byte
			if name, list, ok = mqttText(list); ok && kind == mqttPair {
				value, list, ok = mqttText(list)
			}
			if !ok {
				return said, nil, false
			}
			switch id {
			case mqttReasonString:
				said.reason = name
			case mqttUserProperty:
				said.context.Field(name, value)
			}
		case mqttVarying:
			if _, n = mqttLength(list); n == 0 {
				return said, nil, false
			}
			list = list[n:]
		default:
			if len(list) < int(kind) {
				return said, nil, false
			}
			if id == mqttTopicAlias {
				said.alias = binary.BigEndian.Uint16(list)
			}
			list = list[kind:]
		}
	}
	return said, rest, true
}
