package l7

import (
	"slices"
	"strconv"

	"github.com/throughline-io/throughline/pkg/span"
)

// kafkaShape is what many requests of a connection have in common; their endpoint and their attributes are made once.
type kafkaShape struct {
	api                     *kafkaAPI
	client, group, resource string
	topics                  int   // how many are named; of one the resource is its name
	partition               int32 // -1: several, or none
	messages                int   // -1: not known
	blocking                bool
}

type kafkaShown struct {
	number     uint32 // not 0
	shape      kafkaShape
	endpoint   string
	attributes []span.Attribute
}

// kafkaShapes are those that a connection had last.
type kafkaShapes struct {
	list   [8]kafkaShown
	number uint32 // of the latest
}

// kept is about how many bytes of memory they take.
func (k *kafkaShapes) kept() (n int) {
	for i := range k.list {
		shown := &k.list[i]
		n += len(shown.endpoint) + len(shown.attributes)*64 + len(shown.shape.resource)
	}
	return n
}

// show says in a request what its shape is, and returns its number.
func (k *kafkaShapes) show(s *kafkaShape, f *Fields) uint32 {
	i := slices.IndexFunc(k.list[:], func(known kafkaShown) bool { return known.number != 0 && known.shape == *s })
	if i < 0 {
		k.number = k.number%kafkaMaxShape + 1
		i = int(k.number) % len(k.list)
		k.list[i] = kafkaShown{k.number, *s, s.endpoint(), s.attributes()}
	}
	f.Resource, f.Endpoint, f.Attributes = s.resource, k.list[i].endpoint, k.list[i].attributes
	return k.list[i].number
}

// shown is the shape with a number; nil if it is forgotten.
func (k *kafkaShapes) shown(number uint32) *kafkaShape {
	if s := &k.list[int(number)%len(k.list)]; number != 0 && s.number == number {
		return &s.shape
	}
	return nil
}

// endpoint is what is asked, and of which topic.
func (s *kafkaShape) endpoint() string {
	if s.topics != 1 {
		return s.api.name
	}
	return s.api.name + " " + s.resource
}

// attributes are those of OpenTelemetry's conventions for messaging.
func (s *kafkaShape) attributes() (list []span.Attribute) {
	text := func(key, value string) {
		if value != "" {
			list = append(list, span.Attribute{Key: key, Value: value, Type: span.AttributeString})
		}
	}
	text("messaging.client.id", s.client)
	if s.topics == 1 {
		text("messaging.destination.name", s.resource)
	}
	switch {
	case s.api.flags&kafkaSends != 0:
		text("messaging.operation.type", "send")
	case s.api.flags&kafkaReceives != 0:
		text("messaging.operation.type", "receive")
	case s.api.flags&kafkaSettles != 0:
		text("messaging.operation.type", "settle")
	}
	text("messaging.consumer.group.name", s.group)
	if s.partition >= 0 {
		text("messaging.destination.partition.id", strconv.Itoa(int(s.partition)))
	}
	if s.messages >= 0 {
		list = append(list, span.Attribute{Key: "messaging.batch.message_count", Value: strconv.Itoa(s.messages), Type: span.AttributeInt})
	}
	if s.blocking {
		list = append(list, span.Attribute{Key: span.Blocking, Value: "true", Type: span.AttributeBool})
	}
	return list
}
