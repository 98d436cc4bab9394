package l7

import (
	"bytes"
	"hash/maphash"
	"strings"
	"time"

	"github.com/throughline-io/throughline/agent/tracecontext"
	"github.com/throughline-io/throughline/pkg/span"
)

// NATS is the protocol of its clients (docs.nats.io/reference/reference-protocols/nats-protocol), and what JetStream says by it.
// What is published with an inbox to answer to is a request, and what comes to the inbox first its answer; to who serves it the
// server says it the other way round. Other messages are answered by nobody.
var NATS = Protocol{
	Name:       "NATS",
	Ports:      []uint16{4222},
	Firsts:     bytesOf(func(c byte) bool { return strings.IndexByte("PHMSUCI+-", c) >= 0 }),
	Detect:     detectNATS,
	Resume:     resumeNATS,
	New:        func() Dialogue { return &natsDialogue{} },
	Patience:   Patience{Answer: time.Minute},
	AtOnce:     true,
	Unanswered: true,
	MaxOpen:    1024,
}

const (
	natsLine    = 4096    // bytes of a line (max_control_line), but of INFO and CONNECT
	natsSubject = 1024    // bytes of a subject that are kept
	natsPayload = 1 << 26 // bytes of a message (max_payload is 64 MiB at most)
	natsHeaders = 2048    // bytes of them that are waited for
	natsAnswer  = 256     // bytes of JetStream's answer that are
	natsNobody  = 1       // the key of what nobody answers
)

// natsDialogue is the state of a connection.
type natsDialogue struct {
	asking, answering bool // the rest of a message is passed

	subjects [16]natsKnown // that were named last
	next     int
}

// natsKnown is a subject and what is said of each message on it.
type natsKnown struct {
	subject    string
	sends      bool
	attributes []span.Attribute
}

// Kept is about how many bytes of memory the dialogue keeps.
func (d *natsDialogue) Kept() (n int) {
	for i := range d.subjects {
		n += len(d.subjects[i].subject)
	}
	return n
}

func (d *natsDialogue) Reset(request bool) {
	if request {
		d.asking = false
	} else {
		d.answering = false
	}
}

func (d *natsDialogue) Request(data []byte, missing int, x Exchanges) Step {
	if d.asking {
		d.asking = false
		return Step{State: End}
	}
	m, s := readNATS(data, missing)
	if s != Head {
		return Step{State: s}
	}
	if m.fromServer || m.verb == natsMessage {
		return Step{State: Bad}
	}
	d.asking = true
	step := Step{State: Head, Advance: m.size, Role: Aside, Key: natsNobody}
	if m.verb != natsPublish {
		return step
	}
	if key := natsKey(m.subject); isInbox(m.subject) || x.Pushed(key) != nil {
		f := x.Pushed(key)
		if f == nil { // to a request that was not seen
			return step
		}
		m.outcome(f)
		return Step{State: Head, Kind: Whole | Reversed, Key: key, Advance: m.size}
	}
	f := x.Begun()
	d.fill(f, "PUB", m.subject, true)
	m.readContext(f)
	step.Role = OneWay
	switch {
	case bytes.HasPrefix(m.subject, []byte("$JS.ACK.")): // that a message was taken; nobody waits for anything
		step.Role = Dismissed
	case len(m.reply) > 0 && !bytes.HasPrefix(m.subject, []byte("$JS.API.CONSUMER.MSG.NEXT.")): // its messages come by their own subjects
		step.Role, step.Key = Plain, natsKey(m.reply)
	default:
		f.Status = span.StatusOK
	}
	return step
}

func (d *natsDialogue) Response(data []byte, missing int, x Exchanges) Step {
	if d.answering {
		d.answering = false
		return Step{State: End}
	}
	m, s := readNATS(data, missing)
	if s != Head {
		return Step{State: s}
	}
	if m.fromClient || m.verb == natsPublish {
		return Step{State: Bad}
	}
	step := Step{State: Head, Advance: m.size, Role: Aside, Key: natsNobody}
	if m.verb != natsMessage {
		d.answering = true
		return step
	}
	key := natsKey(m.subject)
	if f := x.Open(key); f != nil {
		if m.wantsMore(missing) {
			return Step{State: More}
		}
		d.answering = true
		m.outcome(f)
		return Step{State: Head, Key: key, Advance: m.size}
	}
	d.answering = true
	if isInbox(m.subject) { // another answer, or to a request that was not seen
		return step
	}
	f := x.Begun()
	d.fill(f, "MSG", m.subject, false)
	m.readContext(f)
	step.Kind, step.Role = Push, OneWay
	if len(m.reply) > 0 && !bytes.HasPrefix(m.reply, []byte("$JS.ACK.")) {
		step.Role, step.Key = Plain, natsKey(m.reply)
	} else {
		f.Status = span.StatusOK
	}
	return step
}

// fill says what a message is.
func (d *natsDialogue) fill(f *Fields, verb string, subject []byte, sends bool) {
	f.Protocol, f.Type, f.Endpoint = NATS.Name, verb, verb
	k := d.known(subject[:min(len(subject), natsSubject)], sends)
	f.Resource, f.Attributes = k.subject, k.attributes
}

func (d *natsDialogue) known(subject []byte, sends bool) *natsKnown {
	for i := range d.subjects {
		if k := &d.subjects[i]; k.sends == sends && k.subject == string(subject) {
			return k
		}
	}
	k := &d.subjects[d.next]
	d.next = (d.next + 1) % len(d.subjects)
	*k = natsKnown{subject: string(subject), sends: sends}
	operation := "receive"
	if sends {
		operation = "send"
	}
	k.attributes = []span.Attribute{
		{Key: "messaging.system", Value: "nats", Type: span.AttributeString},
		{Key: "messaging.operation.type", Value: operation, Type: span.AttributeString},
		{Key: "messaging.destination.name", Value: k.subject, Type: span.AttributeString},
	}
	return k
}

var natsSeed = maphash.MakeSeed()

// natsKey is the key of a request by the subject that its answer comes to.
func natsKey(reply []byte) uint64 { return max(maphash.Bytes(natsSeed, reply), natsNobody+1) }

// isInbox reports whether a subject is one that only answers come to.
func isInbox(subject []byte) bool { return bytes.HasPrefix(subject, []byte("_INBOX.")) }

// readContext takes the trace context of a message.
func (m *natsMessageRead) readContext(f *Fields) {
	var context tracecontext.Reader
	for rest := m.headers; len(rest) > 0; {
		var line []byte
		line, rest, _ = bytes.Cut(rest, []byte("\r\n"))
		if name, value, ok := bytes.Cut(line, []byte(":")); ok {
			context.Field(name, bytes.TrimSpace(value))
		}
	}
	f.takeContext(&context)
}
