package l7

import (
	"encoding/binary"
	"time"
)

// DNS is what programs ask a resolver by (RFC 1035), over TCP, where a length of two bytes stands in front of each
// message (RFC 7766). A question and its answer are paired by the message's id and the question, so that the many that
// are open on a connection may be answered in any order.
var DNS = Protocol{
	Name:      dnsProtocol,
	Ports:     []uint16{53},
	Firsts:    bytesOf(func(c byte) bool { return c <= dnsLongest>>8 }),
	Detect:    func(data []byte) Match { return detectDNS(data, dnsPrefix) },
	Resume:    func(data []byte, _ int) Match { return detectDNS(data, dnsPrefix) },
	New:       func() Dialogue { return &dnsDialogue{prefix: dnsPrefix} },
	Patience:  Patience{Answer: dnsPatience},
	Datagrams: &dnsDatagrams,
}

// dnsDatagrams is DNS over UDP, where a datagram is a message.
var dnsDatagrams = Protocol{
	Name:     dnsProtocol,
	Ports:    []uint16{53},
	Detect:   func(data []byte) Match { return detectDNS(data, 0) },
	New:      func() Dialogue { return &dnsDialogue{} },
	Patience: Patience{Answer: dnsPatience},
}

const (
	dnsProtocol = "DNS"
	// dnsPatience is more than any resolver has: glibc waits 5 s and asks three times.
	dnsPatience = 30 * time.Second
	dnsPrefix   = 2
)

// dnsDialogue is the state of a connection, or of all of an observer's datagrams: those say nothing of each other.
type dnsDialogue struct {
	prefix            int
	asking, answering bool // the rest of a message is passed

	names   [8]dnsName // what was asked for last
	answers [8]dnsSaid // and what was answered, so that what is said again and again is kept once
	next    [2]int
}

// Kept is about how many bytes of memory the dialogue keeps.
func (d *dnsDialogue) Kept() (n int) {
	for i := range d.names {
		n += len(d.names[i].text)
	}
	for i := range d.answers {
		n += len(d.answers[i].addresses) + len(d.answers[i].alias)
	}
	return n
}

func (d *dnsDialogue) Reset(request bool) {
	if request {
		d.asking = false
	} else {
		d.answering = false
	}
}

func (d *dnsDialogue) Request(data []byte, missing int, x Exchanges) Step {
	if d.asking {
		d.asking = false
		return Step{State: End}
	}
	var q dnsQuestion
	size, s := q.read(data, missing, d.prefix)
	if s != Head {
		return Step{State: s}
	}
	d.asking = true
	step := Step{State: Head, Advance: size, Key: q.key}
	if q.head.answer() || q.head.operation() != 0 || q.kind == 0 { // a zone's news and updates
		step.Role, step.Key = Aside, 0
		return step
	}
	f := x.Begun()
	n := d.name(q.text())
	f.Protocol, f.Resource, f.Attributes = dnsProtocol, n.text, n.attributes
	f.Type = dnsType(q.kind)
	f.Endpoint = f.Type
	return step
}

func (d *dnsDialogue) Response(data []byte, missing int, x Exchanges) Step {
	if d.answering {
		d.answering = false
		return Step{State: End}
	}
	var q dnsQuestion
	size, s := q.read(data, missing, d.prefix)
	if s != Head {
		return Step{State: s}
	}
	body := data[d.prefix:min(uint64(len(data)), size)]
	if uint64(len(data)) < size && missing == 0 && d.prefix > 0 { // the addresses are still to come
		return Step{State: More}
	}
	d.answering = true
	step := Step{State: Head, Advance: size, Key: q.key}
	if !q.head.answer() || q.head.operation() != 0 || q.kind == 0 {
		step.Role, step.Key = Aside, 0
		return step
	}
	if f := x.Open(q.key); f != nil {
		d.outcome(&q, body, f)
	}
	return step
}

// detectDNS knows a message by its header and question: a header's fields have few values that mean anything, and of the
// question each byte is a letter of a name, the length of a label, a type or a class.
func detectDNS(data []byte, prefix int) Match {
	if len(data) < prefix {
		if len(data) > 0 && data[0] > dnsLongest>>8 {
			return MatchNone
		}
		return MatchMore
	}
	if prefix > 0 {
		if n := int(binary.BigEndian.Uint16(data)); n < dnsShortest || n > dnsLongest {
			return MatchNone
		}
	}
	switch head := readDNSHead(data[prefix:]); {
	case head.short && !head.plausible:
		return MatchNone
	case head.short:
		if prefix == 0 {
			return MatchNone
		}
		return MatchMore
	case !head.plausible || head.questions != 1 || head.operation() != 0:
		return MatchNone
	}
	var q dnsQuestion
	switch _, s := q.read(data, 0, prefix); {
	case s == More && prefix > 0:
		return MatchMore
	case s != Head, q.class&^(1<<15) > 4 && q.class != 255:
		return MatchNone
	case q.head.answer():
		return MatchResponse
	case q.head.answers > 0 || q.head.authority > 0 || !q.exact:
		return MatchNone
	}
	return MatchRequest
}
