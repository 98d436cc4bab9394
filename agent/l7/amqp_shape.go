package l7

import (
	"slices"
	"strings"

	"github.com/throughline-io/throughline/pkg/span"
)

// amqpShape is what many requests of a connection have in common; what is said of them is made once.
type amqpShape struct {
	name, operation      string
	exchange, key, queue string
}

type amqpShown struct {
	shape              amqpShape
	resource, endpoint string
	attributes         []span.Attribute
}

// amqpShapes are those that a connection had last.
type amqpShapes struct {
	list [8]amqpShown
	next int
}

// kept is about how many bytes of memory they take.
func (k *amqpShapes) kept() (n int) {
	for i := range k.list {
		n += len(k.list[i].resource) + len(k.list[i].endpoint) + len(k.list[i].attributes)*64
	}
	return n
}

// show says in a request what its shape is.
func (k *amqpShapes) show(s *amqpShape, f *Fields) {
	i := slices.IndexFunc(k.list[:], func(known amqpShown) bool { return known.shape == *s })
	if i < 0 {
		i = k.next
		k.next = (i + 1) % len(k.list)
		k.list[i] = amqpShown{*s, s.resource(), s.endpoint(), s.attributes()}
	}
	f.Resource, f.Endpoint, f.Attributes = k.list[i].resource, k.list[i].endpoint, k.list[i].attributes
}

// resource is the exchange, the routing key and the queue, of those that there are (OpenTelemetry's name of a
// destination of RabbitMQ).
func (s *amqpShape) resource() string {
	var names []string
	for _, name := range [...]string{s.exchange, s.key, s.queue} {
		if name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return strings.Join(names, ":")
}

// endpoint is what is asked, and of whom: the queue, the exchange, or of the exchange without a name the routing key.
func (s *amqpShape) endpoint() string {
	whom := s.queue
	if whom == "" {
		whom = s.exchange
	}
	if whom == "" {
		whom = s.key
	}
	switch {
	case whom == "":
		return s.name
	case strings.HasPrefix(whom, "amq.gen-"), strings.HasPrefix(whom, "amq.rabbitmq.reply-to"), isID(whom):
		whom = placeholder
	}
	return s.name + " " + whom
}

// attributes are those of OpenTelemetry's conventions for messaging.
func (s *amqpShape) attributes() (list []span.Attribute) {
	text := func(key, value string) {
		if value != "" {
			list = append(list, span.Attribute{Key: key, Value: value, Type: span.AttributeString})
		}
	}
	operation := s.operation
	if s.name == "basic.get" {
		operation = "receive"
	}
	if operation != "" {
		text("messaging.destination.name", s.resource())
		text("messaging.operation.type", operation)
		text("messaging.rabbitmq.destination.routing_key", s.key)
	}
	return list
}
