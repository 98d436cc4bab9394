package l7

import (
	"github.com/throughline-io/throughline/pkg/span"
)

// connects reads CONNECT: the client's name. Its password is not kept.
func (d *mqttDialogue) connects(p *mqttPacket, f *Fields) {
	*d = mqttDialogue{answering: d.answering} // whatever the broker is saying meanwhile has its end yet to come
	f.Protocol, f.Type, f.Endpoint = MQTT.Name, "CONNECT", "CONNECT"
	_, rest, ok := mqttText(p.body)
	if !ok || len(rest) < 4 {
		return
	}
	d.version, rest = rest[0], rest[4:]
	f.Version = mqttVersions[d.version&7]
	if d.version == 5 {
		said, behind, ok := readMQTTProperties(rest)
		if !ok {
			return
		}
		f.takeContext(&said.context)
		rest = behind
	}
	if client, _, ok := mqttText(rest); ok {
		d.client = string(client[:min(len(client), mqttTopic)])
		f.Resource = d.client
	}
}

var mqttVersions = [8]string{3: "3.1", 4: "3.1.1", 5: "5.0"}

// publishes reads PUBLISH, of either side.
func (d *mqttDialogue) publishes(p *mqttPacket, request bool, f *Fields, step *Step) {
	topic, rest, ok := mqttText(p.body)
	if !ok { // not all of it was captured
		topic, rest = nil, nil
	}
	if p.qos() > 0 && len(rest) >= 2 {
		rest = rest[2:]
	}
	if d.version == 5 || d.version == 0 {
		if said, _, ok := readMQTTProperties(rest); ok { // of the payload of an older version few look so
			f.takeContext(&said.context)
			topic = d.aliasesOf(request).of(said.alias, topic)
		}
	}
	d.shapes.show(topic[:min(len(topic), mqttTopic)], request, p.qos(), d, f)
	step.Role, step.Key = Plain, p.key()
	if p.qos() == 0 {
		f.Status = span.StatusOK
		step.Role, step.Key = OneWay, mqttOfNobody
	}
}

// subscribes reads SUBSCRIBE and UNSUBSCRIBE: the topics that are asked for.
func (d *mqttDialogue) subscribes(p *mqttPacket, f *Fields) {
	f.Protocol, f.Version, f.Type = MQTT.Name, mqttVersions[d.version&7], "SUBSCRIBE"
	options := 1
	if p.kind == mqttUnsubscribe {
		f.Type, options = "UNSUBSCRIBE", 0
	}
	f.Endpoint = f.Type
	var filters [maxMQTTFilters][]byte
	var room [256]byte
	names := room[:0]
	for i, name := range filters[:mqttFilters(p, d.version, options, &filters)] {
		if i > 0 {
			names = append(names, ',')
		}
		names = append(names, name[:min(len(name), mqttTopic)]...)
	}
	f.Resource = textOf(names)
	if first := filters[0]; first != nil {
		f.Endpoint = mqttEndpoint(f.Type, textOf(first[:min(len(first), mqttTopic)]))
	}
	if d.version == 5 && len(p.body) > 2 {
		if said, _, ok := readMQTTProperties(p.body[2:]); ok {
			f.takeContext(&said.context)
		}
	}
}

const maxMQTTFilters = 8 // that are told

// mqttFilters finds the first filters of a subscription, each with as many bytes behind it.
func mqttFilters(p *mqttPacket, version byte, options int, list *[maxMQTTFilters][]byte) (n int) {
	if len(p.body) < 2 {
		return 0
	}
	rest := p.body[2:]
	if version == 5 || version == 0 {
		if _, behind, ok := readMQTTProperties(rest); ok && (version == 5 || len(behind) == 0 || behind[0] == 0) {
			rest = behind
		}
	}
	for len(rest) > 0 && n < maxMQTTFilters {
		name, behind, ok := mqttText(rest)
		if !ok || len(behind) < options {
			break
		}
		list[n], rest = name, behind[options:]
		n++
	}
	return n
}

// leaves reads DISCONNECT: one that says that something is wrong is a message that nobody answers.
func (d *mqttDialogue) leaves(p *mqttPacket, f *Fields, step *Step) {
	reason := byte(0)
	if len(p.body) > 0 {
		reason = p.body[0]
	}
	step.Role = Dismissed
	if reason < mqttFails {
		return
	}
	step.Role = OneWay
	f.Protocol, f.Version, f.Type, f.Endpoint, f.Resource = MQTT.Name, mqttVersions[d.version&7], "DISCONNECT", "DISCONNECT", d.client
	p.outcome(f, reason, p.said(0))
}

// said is what the properties say that follow a reason.
func (p *mqttPacket) said(reason int) []byte {
	if len(p.body) <= reason+1 {
		return nil
	}
	said, _, _ := readMQTTProperties(p.body[reason+1:])
	return said.reason
}
