package l7

import "github.com/throughline-io/throughline/pkg/span"

// mqttFails is the first reason that is an error (MQTT 5.0, 2.4).
const mqttFails = 0x80

// mqttReasons are the names of those.
var mqttReasons = map[byte]string{
	0x80: "Unspecified error", 0x81: "Malformed Packet", 0x82: "Protocol Error", 0x83: "Implementation specific error", 0x84: "Unsupported Protocol Version",
	0x85: "Client Identifier not valid", 0x86: "Bad User Name or Password", 0x87: "Not authorized", 0x88: "Server unavailable", 0x89: "Server busy", 0x8a: "Banned",
	0x8b: "Server shutting down", 0x8c: "Bad authentication method", 0x8d: "Keep Alive timeout", 0x8e: "Session taken over", 0x8f: "Topic Filter invalid",
	0x90: "Topic Name invalid", 0x91: "Packet Identifier in use", 0x92: "Packet Identifier not found", 0x93: "Receive Maximum exceeded", 0x94: "Topic Alias invalid",
	0x95: "Packet too large", 0x96: "Message rate too high", 0x97: "Quota exceeded", 0x98: "Administrative action", 0x99: "Payload format invalid",
	0x9a: "Retain not supported", 0x9b: "QoS not supported", 0x9c: "Use another server", 0x9d: "Server moved", 0x9e: "Shared Subscriptions not supported",
	0x9f: "Connection rate exceeded", 0xa0: "Maximum connect time", 0xa1: "Subscription Identifiers not supported", 0xa2: "Wildcard Subscriptions not supported",
}

// mqttRefusals are those of CONNACK before version 5 (MQTT 3.1.1, 3.2.2.3), by those of version 5.
var mqttRefusals = [6]byte{1: 0x84, 2: 0x85, 3: 0x88, 4: 0x86, 5: 0x87}

// reason is how an acknowledgement says that it went; where it says nothing it is well.
func (p *mqttPacket) reason() byte {
	if len(p.body) < 3 {
		return 0
	}
	return p.body[2]
}

// outcome says how a request ended.
func (p *mqttPacket) outcome(f *Fields, reason byte, text []byte) {
	if f.Status.Error() {
		return // the first of two acknowledgements has said so
	}
	f.Status, f.Code = span.StatusOK, int32(reason)
	if reason < mqttFails {
		return
	}
	f.Status = span.StatusClientError
	switch reason {
	case 0x80, 0x83, 0x88, 0x89, 0x8b, 0x9c, 0x9d:
		f.Status = span.StatusServerError
	}
	if f.StatusMessage = mqttReasons[reason]; len(text) > 0 {
		f.StatusMessage = string(text[:min(len(text), 256)])
	}
}

// connected reads CONNACK.
func (p *mqttPacket) connected(version byte, f *Fields) {
	if len(p.body) < 2 {
		return
	}
	reason := p.body[1]
	if version == 5 || version == 0 && reason >= mqttFails {
		p.outcome(f, reason, p.said(1))
		return
	}
	if int(reason) < len(mqttRefusals) {
		if p.outcome(f, mqttRefusals[reason], nil); reason > 0 {
			f.Code = int32(reason)
		}
	}
}

// subscribed reads SUBACK and UNSUBACK: a reason for each topic, of which the first error is told. Those of version 5 have
// properties in front.
func (p *mqttPacket) subscribed(f *Fields) {
	var text, list []byte
	if len(p.body) > 2 {
		list = p.body[2:]
		if f.Version == mqttVersions[5] {
			said, rest, _ := readMQTTProperties(list)
			text, list = said.reason, rest
		}
	}
	worst := byte(0)
	for _, reason := range list {
		if reason >= mqttFails && worst == 0 {
			worst = reason
		}
	}
	p.outcome(f, worst, text)
}
