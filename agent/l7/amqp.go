package l7

import (
	"time"
)

// AMQP is AMQP 0-9-1 (www.rabbitmq.com/resources/specs/amqp0-9-1.pdf) with RabbitMQ's extensions. On each channel of a
// connection a client asks and is answered in turn, publishes messages, which a broker may confirm, and is delivered some,
// which it may acknowledge.
var AMQP = Protocol{
	Name:       "AMQP",
	Ports:      []uint16{5672},
	Detect:     detectAMQP,
	Resume:     resumeAMQP,
	New:        func() Dialogue { return &amqpDialogue{channels: map[uint16]*amqpChannel{}} },
	AtOnce:     true,
	Unanswered: true,
	Patience:   Patience{Answer: 30 * time.Minute}, // a broker waits so long for an acknowledgement
	MaxOpen:    2048,
}

const (
	amqpVersion     = "0-9-1"
	amqpPreface     = "AMQP\x00\x00\x09\x01"
	maxAMQPChannels = 256 // of a connection that are remembered
	maxAMQPBehind   = 1024
)

// What a key is of; the lower 32 bits are a number that rises on its channel.
const (
	amqpAsked     = 1 // what is answered in turn
	amqpPublished = 2 // messages, by the tags of confirmations
	amqpDelivered = 3 // messages, by the tags of deliveries
	amqpTold      = 4 // what nobody answers
)

func amqpKey(of, channel uint16, number uint32) uint64 {
	return uint64(of)<<48 | uint64(channel)<<32 | uint64(number)
}

// amqpDialogue is the framing state of a connection.
type amqpDialogue struct {
	sides    [2]amqpSide // the client's, and the server's
	channels map[uint16]*amqpChannel
	shapes   amqpShapes
}

// amqpSide is where in its frame a side is.
type amqpSide struct {
	begun bool
	left  uint64
}

// Kept is about how many bytes of memory the dialogue keeps.
func (d *amqpDialogue) Kept() int {
	n := d.shapes.kept()
	for _, c := range d.channels {
		n += c.kept()
	}
	return n
}

func side(request bool) int {
	if request {
		return 0
	}
	return 1
}

func (d *amqpDialogue) Reset(request bool) { d.sides[side(request)] = amqpSide{} }

// Missed says that frames were: of what is asked in turn, and of messages' tags, nothing is certain, and messages that had
// begun have no end.
func (d *amqpDialogue) Missed(request bool) {
	for _, c := range d.channels {
		c.said = c.asked
		if request {
			c.confirms, c.settled = false, c.published
		}
		c.content[side(request)] = amqpContent{}
	}
}

// channel is the state of a channel. Of too many any one is forgotten.
func (d *amqpDialogue) channel(number uint16) *amqpChannel {
	if c := d.channels[number]; c != nil {
		return c
	}
	for other := range d.channels {
		if len(d.channels) < maxAMQPChannels {
			break
		}
		delete(d.channels, other)
	}
	c := &amqpChannel{}
	d.channels[number] = c
	return c
}

func (d *amqpDialogue) Request(data []byte, missing int, x Exchanges) Step {
	if !d.sides[0].begun && len(data) > 0 && data[0] == amqpPreface[0] {
		switch prefixMatch(data, amqpPreface, MatchRequest) {
		case MatchRequest:
			return d.passes(0, Step{Role: Aside}, len(amqpPreface))
		case MatchMore:
			if missing == 0 {
				return Step{State: More}
			}
		}
		return Step{State: Bad}
	}
	return d.frame(0, data, missing, x)
}

func (d *amqpDialogue) Response(data []byte, missing int, x Exchanges) Step {
	return d.frame(1, data, missing, x)
}

// passes is a step over all of a frame, or over several.
func (d *amqpDialogue) passes(side int, s Step, size int) Step {
	d.sides[side].begun, d.sides[side].left = true, 0
	s.State, s.Advance = Head, uint64(size)
	return s
}

// frame reads a frame, and with a method that carries a message the header behind it.
func (d *amqpDialogue) frame(side int, data []byte, missing int, x Exchanges) Step {
	if s := &d.sides[side]; s.begun {
		left := s.left
		*s = amqpSide{}
		return Step{State: End, Advance: left}
	}
	if len(data) < amqpFrameHead {
		if missing > 0 || len(data) > 0 && (data[0] == 0 || data[0] > amqpHeartbeat) {
			return Step{State: Bad}
		}
		return Step{State: More}
	}
	f, ok := readAMQPFrame(data)
	if !ok {
		return Step{State: Bad}
	}
	switch f.kind {
	case amqpMethod:
		if missing == 0 && len(data) < min(f.end(), amqpFrameHead+amqpLongestRequest) {
			return Step{State: More}
		}
		if len(data) < amqpFrameHead+4 {
			return Step{State: Bad}
		}
		return d.method(side, f, data, missing, x)
	case amqpHeartbeat:
		return d.passes(side, Step{Role: Aside}, f.end())
	}
	return d.content(side, f, data)
}

// content passes a message's header that does not stand behind its method, or some of its body.
func (d *amqpDialogue) content(side int, f amqpFrame, data []byte) Step {
	c := d.channel(f.channel)
	at := &c.content[side]
	step := Step{State: Head, Advance: amqpFrameHead, Kind: Data | at.kind, Key: at.key}
	d.sides[side] = amqpSide{begun: true, left: uint64(f.size) + 1}
	switch {
	case at.key == 0:
		step = Step{State: Head, Advance: amqpFrameHead, Role: Aside}
	case f.kind == amqpHeader && len(data) >= amqpFrameHead+12:
		message := readAMQPMessage(f.payload(data))
		at.left, at.sized = message.size, true
	case f.kind == amqpBody:
		at.left -= min(at.left, uint64(f.size))
	}
	if at.key != 0 && at.sized && at.left == 0 {
		step.Kind = Ends | at.kind
		*at = amqpContent{}
	}
	return step
}
