package l7

import (
	"encoding/binary"

	"github.com/throughline-io/throughline/pkg/span"
)

// serverMethod reads a method of the server's.
func (d *amqpDialogue) serverMethod(f amqpFrame, id amqpID, args *amqpReader, behind []byte, missing int, x Exchanges) Step {
	const side = 1
	c := d.channel(f.channel)
	switch id {
	case basicDeliver:
		return d.deliver(f, args, behind, missing, x)
	case basicReturn, basicGetOk:
		return d.brings(f, id, args, behind, missing, x)
	case basicAck, basicNack:
		return d.passes(side, c.confirm(f.channel, id, args, x), f.end())
	case channelClose:
		return d.passes(side, d.closes("channel.close", f.channel, args, x), f.end())
	}
	asked, key := c.open(f.channel, x)
	if asked == nil || !id.answers(amqpID(asked.Expect)) {
		return d.passes(side, Step{Role: Aside}, f.end())
	}
	c.said++
	asked.Status = span.StatusOK
	if id == basicConsumeOk {
		c.named(textOf(args.shortText()))
	}
	return d.passes(side, Step{Key: key}, f.end())
}

// Unasked reports whether the server begins to deliver a message.
func (d *amqpDialogue) Unasked(data []byte) bool {
	return !d.sides[1].begun && len(data) >= amqpFrameHead+4 && data[0] == amqpMethod && amqpID(binary.BigEndian.Uint32(data[amqpFrameHead:])) == basicDeliver
}

// deliver reads a message that the server has for a consumer.
func (d *amqpDialogue) deliver(f amqpFrame, args *amqpReader, behind []byte, missing int, x Exchanges) Step {
	message, size, state := d.header(f.channel, behind, missing)
	if state != Head {
		return Step{State: state}
	}
	c := d.channel(f.channel)
	consumer, known := c.consumer(args.shortText())
	tag := uint32(args.longlong())
	args.octet() // whether it was delivered before
	shape := amqpShape{name: "basic.deliver", operation: "process", exchange: textOf(args.shortText()), key: textOf(args.shortText()), queue: consumer.queue}
	s := x.Begun()
	s.Protocol, s.Version, s.Type, s.Status = AMQP.Name, amqpVersion, shape.name, span.StatusOK
	d.shapes.show(&shape, s)
	s.takeContext(&message.context)
	step := Step{Kind: Begins | Headed | Reversed, Key: amqpKey(amqpDelivered, f.channel, tag)}
	if acknowledges := consumer.acknowledges || !known && c.acknowledges; !acknowledges {
		step.Role = OneWay
	}
	return d.carries(1, f, step, &message, size)
}

// brings reads a message that was asked for, or that comes back as nobody wants it.
func (d *amqpDialogue) brings(f amqpFrame, id amqpID, args *amqpReader, behind []byte, missing int, x Exchanges) Step {
	message, size, state := d.header(f.channel, behind, missing)
	if state != Head {
		return Step{State: state}
	}
	c := d.channel(f.channel)
	step := Step{Role: Aside}
	if id == basicReturn {
		code, text := args.short(), args.shortText()
		shape := amqpShape{exchange: textOf(args.shortText()), key: textOf(args.shortText())}
		resource := textOf([]byte(shape.resource()))
		c.unconfirmed(f.channel, c.published, x, func(s *Fields) bool {
			if s.Resource != resource || s.Status != span.StatusOK {
				return true
			}
			amqpFails(s, code, text)
			return false
		})
	} else if asked, key := c.open(f.channel, x); asked != nil && id.answers(amqpID(asked.Expect)) {
		c.said++
		asked.Status = span.StatusOK
		var found contexts
		if context, ok := message.context.Context(); ok {
			found.add(context)
		}
		asked.Links = found.links()
		step = Step{Kind: Begins | Headed, Key: key}
	}
	return d.carries(1, f, step, &message, size)
}

// confirm reads what the server says of messages that were published.
func (c *amqpChannel) confirm(channel uint16, id amqpID, args *amqpReader, x Exchanges) Step {
	tag, multiple := uint32(args.longlong()), args.octet()&1 != 0
	if !c.confirms {
		return Step{Role: Aside} // of messages of which nobody knows the tags
	}
	if tag == 0 {
		tag, multiple = c.published, true
	}
	step := Step{Key: amqpKey(amqpPublished, channel, tag)}
	refused := func(s *Fields) bool {
		s.Status, s.StatusMessage = span.StatusServerError, "refused"
		return true
	}
	switch {
	case multiple && id == basicNack:
		c.unconfirmed(channel, tag, x, refused)
	case id == basicNack:
		if s := x.Open(step.Key); s != nil {
			refused(s)
		}
	}
	if multiple {
		step.Kind = Whole | UpTo
	}
	if multiple || tag == c.settled+1 {
		c.settled = tag
	}
	return step
}

// closes reads why the server closes a channel or the connection: that answers what was asked, or else is told for itself.
func (d *amqpDialogue) closes(name string, channel uint16, args *amqpReader, x Exchanges) Step {
	code, text := args.short(), args.shortText()
	because := amqpMethodID(args.short(), args.short())
	if channel != 0 {
		c := d.channel(channel)
		if asked, key := c.open(channel, x); asked != nil && amqpID(asked.Expect) == because {
			c.said++
			amqpFails(asked, code, text)
			return Step{Key: key}
		}
		found := false
		if because == basicPublish && c.confirms {
			c.unconfirmed(channel, c.published, x, func(s *Fields) bool {
				found = true
				amqpFails(s, code, text)
				return true
			})
		}
		if found {
			c.settled = c.published
			return Step{Kind: Whole | UpTo, Key: amqpKey(amqpPublished, channel, c.published)}
		}
	}
	const success = 200
	if code == success {
		return Step{Role: Aside}
	}
	s := x.Begun()
	s.Protocol, s.Version, s.Type, s.Endpoint = AMQP.Name, amqpVersion, name, name
	amqpFails(s, code, text)
	c := d.channel(channel)
	c.told++
	return Step{Kind: Push, Role: OneWay, Key: amqpKey(amqpTold, channel, c.told)}
}

// amqpFails says in a request that it has failed: whose fault that is, its code tells.
func amqpFails(s *Fields, code uint16, text []byte) {
	s.Code, s.Status, s.StatusMessage = int32(code), span.StatusClientError, textOf(text)
	switch code {
	case 320, 506, 541: // CONNECTION_FORCED, RESOURCE_ERROR, INTERNAL_ERROR
		s.Status = span.StatusServerError
	}
}
