package l7

import (
	"encoding/binary"
	"hash/maphash"

	"github.com/throughline-io/throughline/pkg/span"
)

const (
	dnsHeader   = 12
	dnsShortest = dnsHeader + 5 // of a message with a question
	dnsLongest  = 4096          // of a message that is taken for one on a connection of no known protocol
	dnsNameMost = 255           // bytes of a name (RFC 1035, 2.3.4)
	dnsLabel    = 63
)

// dnsHead is a message's header (RFC 1035, 4.1.1).
type dnsHead struct {
	id, flags                             uint16
	questions, answers, authority, extras uint16

	short     bool // it is not all there
	plausible bool // as far as it is
}

func (h dnsHead) answer() bool    { return h.flags>>15 != 0 }
func (h dnsHead) operation() int  { return int(h.flags >> 11 & 15) }
func (h dnsHead) truncated() bool { return h.flags>>9&1 != 0 }
func (h dnsHead) code() int32     { return int32(h.flags & 15) }

// readDNSHead reads a header, or as much of it as there is.
func readDNSHead(data []byte) (h dnsHead) {
	var whole [dnsHeader]byte
	n := copy(whole[:], data)
	h.short = n < dnsHeader
	h.id, h.flags = binary.BigEndian.Uint16(whole[0:]), binary.BigEndian.Uint16(whole[2:])
	h.questions, h.answers = binary.BigEndian.Uint16(whole[4:]), binary.BigEndian.Uint16(whole[6:])
	h.authority, h.extras = binary.BigEndian.Uint16(whole[8:]), binary.BigEndian.Uint16(whole[10:])
	query := !h.answer()
	switch {
	case n >= 3 && h.operation() > 6:
	case n >= 4 && h.flags&0x40 != 0: // the bit that must be zero
	case n >= 4 && query && (h.code() != 0 || h.flags&0x480 != 0): // what only an answer says
	case n >= 6 && h.questions > 1:
	case n >= 12 && query && h.extras > 2: // EDNS, and a signature (RFC 6891, RFC 8945)
	default:
		h.plausible = true
	}
	return h
}

// dnsQuestion is a message up to its question. It is filled by read.
type dnsQuestion struct {
	head        dnsHead
	kind, class uint16
	key         uint64
	exact       bool // of a request: what stands behind the question is as long as the message says
	end         int  // of the question, in the message

	name   [4 * dnsNameMost]byte // in the form that people write
	length int
}

func (q *dnsQuestion) text() []byte { return q.name[:q.length] }

// read reads a message's beginning; size is how many bytes the message takes. Without a question it has no kind.
func (q *dnsQuestion) read(data []byte, missing, prefix int) (size uint64, s State) {
	short := func() State {
		if missing > 0 {
			return Bad
		}
		return More
	}
	size = uint64(len(data) + missing)
	if prefix > 0 {
		if len(data) < prefix {
			return 0, short()
		}
		size = uint64(binary.BigEndian.Uint16(data)) + uint64(prefix)
		data = data[prefix:min(uint64(len(data)), size)]
		if size < dnsHeader+uint64(prefix) {
			return 0, Bad
		}
	}
	if q.head = readDNSHead(data); q.head.short {
		return 0, short()
	}
	if !q.head.plausible {
		return 0, Bad
	}
	if q.head.questions == 0 {
		return size, Head
	}
	at, s := q.readName(data, dnsHeader)
	switch {
	case s == More || s == Head && len(data) < at+4:
		if uint64(len(data)+prefix) >= size {
			return 0, Bad
		}
		return 0, short()
	case s != Head:
		return 0, Bad
	}
	q.kind, q.class = binary.BigEndian.Uint16(data[at:]), binary.BigEndian.Uint16(data[at+2:])
	q.end = at + 4
	if q.kind == 0 {
		return 0, Bad
	}
	rest := size - uint64(prefix) - uint64(q.end)
	q.exact = rest == 0 && q.head.extras == 0 || rest >= 11 && q.head.extras > 0 && len(data) > q.end && data[q.end] == 0
	q.key = q.hash()
	return size, Head
}

// readName reads a name as people write it, in small letters: servers may give back others (RFC 4343). Questions are not
// compressed.
func (q *dnsQuestion) readName(data []byte, at int) (end int, s State) {
	q.length = 0
	for begin := at; ; {
		if at >= len(data) {
			return 0, More
		}
		n := int(data[at])
		switch at++; {
		case n == 0:
			if q.length == 0 {
				q.name[0], q.length = '.', 1
			}
			return at, Head
		case n > dnsLabel || at+n-begin > dnsNameMost:
			return 0, Bad
		case at+n > len(data):
			return 0, More
		}
		if q.length > 0 {
			q.name[q.length] = '.'
			q.length++
		}
		q.length += len(appendLabel(q.name[q.length:q.length], data[at:at+n]))
		at += n
	}
}

// appendLabel writes a label as zone files do (RFC 4343, 2.1).
func appendLabel(to, label []byte) []byte {
	for _, c := range label {
		switch {
		case c >= 'A' && c <= 'Z':
			to = append(to, c|0x20)
		case c == '.' || c == '\\':
			to = append(to, '\\', c)
		case c <= ' ' || c >= 0x7f:
			to = append(to, '\\', '0'+c/100, '0'+c/10%10, '0'+c%10)
		default:
			to = append(to, c)
		}
	}
	return to
}

var dnsSeed = maphash.MakeSeed()

// hash is the key by which a question and its answer are paired.
func (q *dnsQuestion) hash() uint64 {
	const odd = 0x9e3779b97f4a7c15 // far apart for types that are not
	h := maphash.Bytes(dnsSeed, q.text()) + uint64(q.kind)*odd
	return max(uint64(q.head.id)<<48|h>>16, 1) // 0 is none
}

// dnsName is what was asked for.
type dnsName struct {
	text       string
	attributes []span.Attribute
}

func (d *dnsDialogue) name(text []byte) *dnsName {
	for i := range d.names {
		if d.names[i].text == string(text) {
			return &d.names[i]
		}
	}
	n := &d.names[d.next[0]]
	d.next[0] = (d.next[0] + 1) % len(d.names)
	*n = dnsName{text: string(text)}
	n.attributes = []span.Attribute{{Key: "dns.question.name", Value: n.text, Type: span.AttributeString}}
	return n
}
