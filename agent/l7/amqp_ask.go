package l7

import (
	"encoding/binary"

	"github.com/throughline-io/throughline/pkg/span"
)

// method reads a method.
func (d *amqpDialogue) method(side int, f amqpFrame, data []byte, missing int, x Exchanges) Step {
	payload := f.payload(data)
	id := amqpID(binary.BigEndian.Uint32(payload))
	args := amqpReader{data: payload[4:]}
	aside := Step{Role: Aside}
	switch from := id.side(); {
	case from == MatchNone, from == MatchRequest && side == 1, from == MatchResponse && side == 0:
		return Step{State: Bad}
	case f.channel == 0 && id == connectionClose && side == 1:
		return d.passes(side, d.closes("connection.close", 0, &args, x), f.end())
	case f.channel == 0:
		return d.passes(side, aside, f.end())
	}
	behind := data[min(len(data), f.end()):]
	if side == 1 {
		return d.serverMethod(f, id, &args, behind, missing, x)
	}
	c := d.channel(f.channel)
	switch id {
	case basicPublish:
		return d.publish(f, &args, behind, missing, x)
	case basicAck, basicNack, basicReject:
		return d.passes(side, d.settles(f.channel, id, &args, x), f.end())
	}
	ask, asks := amqpAsks[id]
	if !asks {
		return d.passes(side, aside, f.end())
	}
	if id == channelOpen {
		*c = amqpChannel{}
	}
	return d.passes(side, d.ask(f.channel, id, ask, &args, x.Begun()), f.end())
}

// ask reads a method that asks.
func (d *amqpDialogue) ask(channel uint16, id amqpID, ask amqpAsk, args *amqpReader, f *Fields) Step {
	c := d.channel(channel)
	shape := amqpShape{name: ask.name}
	tag := ""
	for _, field := range ask.arguments {
		switch field {
		case 'r':
			args.short()
		case 'q':
			shape.queue = textOf(args.shortText())
		case 'e':
			shape.exchange = textOf(args.shortText())
		case 'c':
			tag = textOf(args.shortText())
		default:
			args.shortText()
		}
	}
	bits := args.octet()
	f.Protocol, f.Version, f.Type, f.Expect = AMQP.Name, amqpVersion, ask.name, uint32(id)
	d.shapes.show(&shape, f)
	switch id {
	case basicConsume:
		const noAck = 1 << 1
		c.consumes(amqpConsumer{tag, shape.queue, bits&noAck == 0})
	case confirmSelect:
		c.confirms, c.published, c.settled = true, 0, 0
	}
	step := Step{Key: 0}
	switch noWait := ask.noWait != 0 && bits&ask.noWait != 0; {
	case noWait && ask.silent:
		step.Role = Dismissed
	case noWait:
		c.told++
		step.Key, step.Role = amqpKey(amqpTold, channel, c.told), OneWay
	default:
		if ask.silent {
			step.Role = Silent
		}
		c.asked++
		step.Key = amqpKey(amqpAsked, channel, c.asked)
	}
	return step
}

// publish reads a message that a client publishes.
func (d *amqpDialogue) publish(f amqpFrame, args *amqpReader, behind []byte, missing int, x Exchanges) Step {
	message, size, state := d.header(f.channel, behind, missing)
	if state != Head {
		return Step{State: state}
	}
	c := d.channel(f.channel)
	args.short()
	shape := amqpShape{name: "basic.publish", operation: "send", exchange: textOf(args.shortText()), key: textOf(args.shortText())}
	s := x.Begun()
	s.Protocol, s.Version, s.Type = AMQP.Name, amqpVersion, shape.name
	d.shapes.show(&shape, s)
	s.takeContext(&message.context)
	c.published++
	step := Step{Kind: Begins | Headed, Key: amqpKey(amqpPublished, f.channel, c.published)}
	if c.confirms {
		s.Status = span.StatusOK // what fails is told
	} else {
		step.Role = OneWay
	}
	return d.carries(0, f, step, &message, size)
}

// settles reads what a client says of messages that it was delivered.
func (d *amqpDialogue) settles(channel uint16, id amqpID, args *amqpReader, x Exchanges) Step {
	c := d.channel(channel)
	c.acknowledges = true
	tag, multiple := uint32(args.longlong()), args.octet()&1 != 0 && id != basicReject
	if tag == 0 {
		tag = 1<<32 - 1 // all
	}
	step := Step{Kind: Whole | Reversed, Key: amqpKey(amqpDelivered, channel, tag)}
	if multiple {
		step.Kind |= UpTo
	}
	s := x.Pushed(step.Key)
	if s == nil && !multiple { // of one that was asked for
		return Step{Role: Aside}
	}
	if s != nil && id != basicAck {
		s.Status, s.StatusMessage = span.StatusServerError, "rejected" // by the consumer, which was asked
	}
	return step
}
