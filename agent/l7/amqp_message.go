package l7

import "github.com/throughline-io/throughline/agent/tracecontext"

// amqpMessage is what a message's header says.
type amqpMessage struct {
	size    uint64 // of its body
	context tracecontext.Reader
}

// The properties in front of the headers, by the bits that say whether they are there.
const (
	amqpContentType     = 1 << 15
	amqpContentEncoding = 1 << 14
	amqpHeaders         = 1 << 13
)

func readAMQPMessage(payload []byte) (m amqpMessage) {
	r := amqpReader{data: payload}
	r.take(4) // class and weight
	m.size = r.longlong()
	flags := r.short()
	if flags&amqpContentType != 0 {
		r.shortText()
	}
	if flags&amqpContentEncoding != 0 {
		r.shortText()
	}
	if flags&amqpHeaders != 0 {
		fields := r.table()
		for name, value, ok := fields.field(); ok; name, value, ok = fields.field() {
			if value != nil {
				m.context.Field(name, value)
			}
		}
	}
	return m
}

// amqpMostOfHeader is how much of a message's header is waited for.
const amqpMostOfHeader = 4 << 10

// header reads the header of a message that stands behind its method: how many bytes of frames that is, 0 where there is
// none of it. More: it is still to come.
func (d *amqpDialogue) header(channel uint16, behind []byte, missing int) (m amqpMessage, size int, s State) {
	if len(behind) < amqpFrameHead {
		if missing == 0 {
			return m, 0, More
		}
		return m, 0, Head
	}
	f, ok := readAMQPFrame(behind)
	if !ok || f.kind != amqpHeader || f.channel != channel {
		return m, 0, Head
	}
	if missing == 0 && len(behind) < min(f.end(), amqpMostOfHeader) {
		return m, 0, More
	}
	if len(behind) < amqpFrameHead+12 {
		return m, 0, Head
	}
	return readAMQPMessage(f.payload(behind)), f.end(), Head
}

// carries is a step of a method that carries a message, whose header was read with it if size is not 0.
func (d *amqpDialogue) carries(side int, f amqpFrame, step Step, m *amqpMessage, size int) Step {
	at := &d.channel(f.channel).content[side]
	*at = amqpContent{}
	if step.Role != Aside {
		*at = amqpContent{key: step.Key, kind: step.Kind & Reversed, sized: size > 0, left: m.size}
	}
	if size > 0 && m.size == 0 {
		step.Kind |= Ends
		*at = amqpContent{}
	}
	return d.passes(side, step, f.end()+size)
}
