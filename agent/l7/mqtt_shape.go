package l7

import (
	"bytes"
	"slices"
	"strconv"
	"strings"

	"github.com/throughline-io/throughline/pkg/span"
)

// mqttShape is what many messages of a connection have in common; what is said of them is made once.
type mqttShape struct {
	topic string
	sends bool // the client does
	qos   byte
}

type mqttShown struct {
	shape      mqttShape
	endpoint   string
	attributes []span.Attribute
}

// mqttShapes are those that a connection had last.
type mqttShapes struct {
	list [16]mqttShown
	next int
}

// kept is about how many bytes of memory they take.
func (k *mqttShapes) kept() (n int) {
	for i := range k.list {
		n += len(k.list[i].shape.topic) + len(k.list[i].endpoint) + len(k.list[i].attributes)*64
	}
	return n
}

// show says in a message what its shape is.
func (k *mqttShapes) show(topic []byte, sends bool, qos byte, d *mqttDialogue, f *Fields) {
	i := slices.IndexFunc(k.list[:], func(known mqttShown) bool {
		return known.attributes != nil && known.shape.sends == sends && known.shape.qos == qos && known.shape.topic == string(topic)
	})
	if i < 0 {
		i = k.next
		k.next = (i + 1) % len(k.list)
		shape := mqttShape{string(topic), sends, qos}
		k.list[i] = mqttShown{shape, shape.endpoint(), shape.attributes(d.client)}
	}
	f.Protocol, f.Version, f.Type = MQTT.Name, mqttVersions[d.version&7], "PUBLISH"
	f.Resource, f.Endpoint, f.Attributes = k.list[i].shape.topic, k.list[i].endpoint, k.list[i].attributes
}

func (s *mqttShape) endpoint() string {
	if s.topic == "" {
		return "PUBLISH"
	}
	return mqttEndpoint("PUBLISH", s.topic)
}

// mqttEndpoint is what is said of a topic, with it in words of low cardinality. The filter of all that is below one ends with a #,
// that of a path with it.
func mqttEndpoint(typ, topic string) string {
	above, all := strings.CutSuffix(topic, "#")
	var room [256]byte
	said := append(append(append(room[:0], typ...), ' '), Endpoint(above)...)
	if all {
		said = append(said, '#')
	}
	return textOf(said)
}

// attributes are those of OpenTelemetry's conventions for messaging, and the quality of service, which they have no name for.
func (s *mqttShape) attributes(client string) (list []span.Attribute) {
	text := func(key, value string) {
		if value != "" {
			list = append(list, span.Attribute{Key: key, Value: value, Type: span.AttributeString})
		}
	}
	operation := "receive"
	if s.sends {
		operation = "send"
	}
	text("messaging.operation.type", operation)
	text("messaging.destination.name", s.topic)
	text("messaging.client.id", client)
	return append(list, span.Attribute{Key: "mqtt.qos", Value: strconv.Itoa(int(s.qos)), Type: span.AttributeInt})
}

// maxMQTTAliases is how many of a side are remembered: brokers allow 10 to 65,535.
const maxMQTTAliases = 256

// mqttAliases are the topics that a side has numbers for (MQTT 5.0, 3.3.2.3.4).
type mqttAliases struct {
	topics map[uint16][]byte
	bytes  int
}

func (a *mqttAliases) kept() int { return a.bytes + len(a.topics)*48 }

func (a *mqttAliases) forget() { *a = mqttAliases{} }

// of is the topic of a message, by its name or by the number that it has; 0 is none.
func (a *mqttAliases) of(alias uint16, topic []byte) []byte {
	switch {
	case alias == 0:
		return topic
	case len(topic) == 0:
		return a.topics[alias]
	}
	known, is := a.topics[alias]
	if is && bytes.Equal(known, topic) || !is && len(a.topics) >= maxMQTTAliases {
		return topic
	}
	if a.topics == nil {
		a.topics = map[uint16][]byte{}
	}
	kept := bytes.Clone(topic[:min(len(topic), mqttTopic)])
	a.topics[alias] = kept
	a.bytes += len(kept) - len(known)
	return topic
}
