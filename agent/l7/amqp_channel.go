package l7

// amqpChannel is what is known of a channel.
type amqpChannel struct {
	asked, said        uint32 // requests that are answered in turn, and answers
	published, settled uint32 // the latest message's tag, and up to where all are confirmed
	told               uint32 // what nobody answers
	confirms           bool   // messages are confirmed
	acknowledges       bool   // the client has acknowledged a delivery
	consumers          []amqpConsumer
	content            [2]amqpContent // the client's, and the server's
}

// amqpContent is the message that a side is sending.
type amqpContent struct {
	key   uint64 // 0: none, or none that is told
	kind  Kind   // Reversed, or nothing
	sized bool   // how long it is is known
	left  uint64 // bytes of its body
}

// amqpConsumer is who is delivered messages.
type amqpConsumer struct {
	tag, queue   string
	acknowledges bool
}

const maxAMQPConsumers = 32 // of a channel that are remembered

func (c *amqpChannel) kept() int {
	const size = 160
	n := size
	for _, consumer := range c.consumers {
		n += 48 + len(consumer.tag) + len(consumer.queue)
	}
	return n
}

func (c *amqpChannel) consumes(consumer amqpConsumer) {
	if len(c.consumers) == maxAMQPConsumers {
		c.consumers = c.consumers[1:]
	}
	c.consumers = append(c.consumers, consumer)
}

// named gives the consumer that had no tag the one that the server has given it.
func (c *amqpChannel) named(tag string) {
	for i := range c.consumers {
		if c.consumers[i].tag == "" {
			c.consumers[i].tag = tag
			return
		}
	}
}

// consumer finds who has a tag; false: its beginning was not seen.
func (c *amqpChannel) consumer(tag []byte) (amqpConsumer, bool) {
	for _, consumer := range c.consumers {
		if consumer.tag == string(tag) {
			return consumer, true
		}
	}
	return amqpConsumer{}, false
}

// open is the oldest request of those that are answered in turn, and its key.
func (c *amqpChannel) open(channel uint16, x Exchanges) (*Fields, uint64) {
	for c.said != c.asked {
		key := amqpKey(amqpAsked, channel, c.said+1)
		if f := x.Open(key); f != nil {
			return f, key
		}
		c.said++ // it was given up
	}
	return nil, 0
}

// unconfirmed calls f for the messages up to a tag that wait for their confirmation, until it says that it has enough.
func (c *amqpChannel) unconfirmed(channel uint16, last uint32, x Exchanges, f func(*Fields) bool) {
	first := c.settled + 1
	if last-c.settled > c.published-c.settled {
		return // those are confirmed, or were never published
	}
	if last-first > maxAMQPBehind {
		first = last - maxAMQPBehind
	}
	for tag := first; tag-1 != last; tag++ {
		if message := x.Open(amqpKey(amqpPublished, channel, tag)); message != nil && !f(message) {
			return
		}
	}
}
