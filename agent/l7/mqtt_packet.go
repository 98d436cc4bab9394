package l7

import "encoding/binary"

// Types of packets (MQTT 5.0, 2.1.2).
const (
	mqttConnect      = 1
	mqttConnected    = 2
	mqttPublish      = 3
	mqttAcked        = 4 // PUBACK
	mqttReceived     = 5 // PUBREC
	mqttRelease      = 6 // PUBREL
	mqttComplete     = 7 // PUBCOMP
	mqttSubscribe    = 8
	mqttSubscribed   = 9
	mqttUnsubscribe  = 10
	mqttUnsubscribed = 11
	mqttPing         = 12
	mqttPong         = 13
	mqttDisconnect   = 14
	mqttAuth         = 15
)

const (
	mqttWanted = 4 << 10 // bytes of a packet that are waited for
	mqttTopic  = 1024    // of a topic that are kept
)

// mqttPacket is one, as far as it was captured.
type mqttPacket struct {
	kind, flags byte
	left        int    // bytes behind the header that begins every packet
	body        []byte // of them, what is there
	size        uint64 // bytes of all of it
}

// mqttLeast is how many bytes each type has behind that header, at least.
var mqttLeast = [16]int{mqttConnect: 10, mqttConnected: 2, mqttPublish: 3, mqttAcked: 2, mqttReceived: 2, mqttRelease: 2, mqttComplete: 2,
	mqttSubscribe: 6, mqttSubscribed: 3, mqttUnsubscribe: 5, mqttUnsubscribed: 2}

// isMQTTFirst reports whether a packet begins with a byte: of most types its lower bits are fixed (2.1.3).
func isMQTTFirst(c byte) bool {
	switch kind, flags := c>>4, c&0xf; kind {
	case 0:
		return false
	case mqttPublish:
		return flags&6 != 6 && flags&14 != 8 // of what is sent once at most nothing is sent again
	case mqttRelease, mqttSubscribe, mqttUnsubscribe:
		return flags == 2
	default:
		return flags == 0
	}
}

// readMQTT reads a packet.
func readMQTT(data []byte, missing int) (p mqttPacket, s State) {
	if len(data) == 0 || !isMQTTFirst(data[0]) {
		if len(data) == 0 && missing == 0 {
			return p, More
		}
		return p, Bad
	}
	p.kind, p.flags = data[0]>>4, data[0]&0xf
	left, n := mqttLength(data[1:])
	switch {
	case n == 0 && len(data) < 5 && missing == 0:
		return p, More
	case n == 0:
		return p, Bad
	case left < mqttLeast[p.kind], (p.kind == mqttPing || p.kind == mqttPong) && left != 0:
		return p, Bad
	}
	p.left, p.size = left, uint64(1+n+left)
	p.body = data[1+n : min(uint64(len(data)), p.size)]
	if missing == 0 && len(p.body) < min(p.wants(), mqttWanted) {
		return p, More
	}
	return p, Head
}

// wants is how many bytes of the body say all that is read of it.
func (p *mqttPacket) wants() int {
	if p.kind != mqttPublish {
		return p.left
	}
	if len(p.body) < 2 {
		return 2
	}
	n := 2 + int(binary.BigEndian.Uint16(p.body))
	if p.qos() > 0 {
		n += 2
	}
	if len(p.body) <= n {
		return min(n+1, p.left)
	}
	properties, size := mqttLength(p.body[n:min(len(p.body), n+4)])
	if size == 0 {
		if len(p.body) < n+4 {
			return min(n+4, p.left) // if these are properties
		}
		return n
	}
	if n+size+properties > p.left {
		return n // they are none
	}
	return n + size + properties
}

func (p *mqttPacket) qos() byte { return p.flags >> 1 & 3 }

// key is that of what is asked, or answered, by the packet's identifier.
func (p *mqttPacket) key() uint64 {
	at := 0
	if p.kind == mqttPublish && len(p.body) >= 2 {
		at = 2 + int(binary.BigEndian.Uint16(p.body))
	}
	if len(p.body) < at+2 {
		return mqttOfNobody
	}
	return mqttOfPacket | uint64(binary.BigEndian.Uint16(p.body[at:]))
}

// mqttLength reads a number of seven bits a byte, and says in how many bytes it is; 0: it is none, or not all there.
func mqttLength(data []byte) (value, n int) {
	for i, c := range data[:min(len(data), 4)] {
		value |= int(c&0x7f) << (7 * i)
		if c < 0x80 {
			return value, i + 1
		}
	}
	return 0, 0
}

// mqttText cuts a text with its length in front off data; false: it is not all there.
func mqttText(data []byte) (text, rest []byte, ok bool) {
	if len(data) < 2 {
		return nil, nil, false
	}
	n := int(binary.BigEndian.Uint16(data))
	if len(data) < 2+n {
		return nil, nil, false
	}
	return data[2 : 2+n], data[2+n:], true
}
