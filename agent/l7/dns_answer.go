package l7

import (
	"encoding/binary"
	"net/netip"
	"slices"

	"github.com/throughline-io/throughline/pkg/span"
)

// Bounds of what is kept of an answer.
const (
	dnsRecords = 64  // that are looked at
	dnsAnswers = 16  // addresses
	dnsJumps   = 16  // in a compressed name
	dnsScratch = 768 // bytes of them as text
)

// dnsSaid is an answer.
type dnsSaid struct {
	name, addresses, alias string
	truncated              bool
	attributes             []span.Attribute
}

// outcome reads success or failure from an answer, and the addresses.
func (d *dnsDialogue) outcome(q *dnsQuestion, body []byte, f *Fields) {
	f.Code = q.head.code()
	f.Status = dnsStatus(f.Code)
	if f.Status.Error() {
		f.StatusMessage = dnsCode(f.Code)
	}
	var text, name [dnsScratch]byte
	addresses, alias := readAnswers(body, q, text[:0], name[:0])
	if len(addresses) == 0 && len(alias) == 0 && !q.head.truncated() {
		return
	}
	f.Attributes = d.said(f.Resource, addresses, alias, q.head.truncated()).attributes
}

// said is an answer that may have been given before.
func (d *dnsDialogue) said(name string, addresses, alias []byte, truncated bool) *dnsSaid {
	for i := range d.answers {
		if s := &d.answers[i]; s.attributes != nil && s.name == name && s.addresses == string(addresses) && s.alias == string(alias) && s.truncated == truncated {
			return s
		}
	}
	s := &d.answers[d.next[1]]
	d.next[1] = (d.next[1] + 1) % len(d.answers)
	*s = dnsSaid{name: name, addresses: string(addresses), alias: string(alias), truncated: truncated}
	s.attributes = []span.Attribute{{Key: "dns.question.name", Value: name, Type: span.AttributeString}}
	if s.addresses != "" {
		s.attributes = append(s.attributes, span.Attribute{Key: "dns.answers", Value: s.addresses, Type: span.AttributeJSON})
	}
	if s.alias != "" {
		s.attributes = append(s.attributes, span.Attribute{Key: "throughline.dns.alias", Value: s.alias, Type: span.AttributeString})
	}
	if truncated {
		s.attributes = append(s.attributes, span.Attribute{Key: "throughline.dns.truncated", Value: "true", Type: span.AttributeBool})
	}
	return s
}

// readAnswers appends the addresses of an answer, as an array of JSON in their order, as servers turn them; and the name that
// the name asked for stands for.
func readAnswers(body []byte, q *dnsQuestion, addresses, alias []byte) ([]byte, []byte) {
	const (
		typeA, typeCNAME, typeAAAA = 1, 5, 28
		fixed                      = 10 // type, class, time to live and length
	)
	var found [dnsAnswers]netip.Addr
	n, at := 0, q.end
	for range min(int(q.head.answers), dnsRecords) {
		at = skipName(body, at)
		if at < 0 || at+fixed > len(body) {
			break
		}
		kind, size := binary.BigEndian.Uint16(body[at:]), int(binary.BigEndian.Uint16(body[at+8:]))
		at += fixed
		if at+size > len(body) {
			break
		}
		switch data := body[at : at+size]; {
		case kind == typeA && size == 4 && n < len(found):
			found[n] = netip.AddrFrom4([4]byte(data))
			n++
		case kind == typeAAAA && size == 16 && n < len(found):
			found[n] = netip.AddrFrom16([16]byte(data))
			n++
		case kind == typeCNAME:
			alias = appendName(alias[:0], body, at)
		}
		at += size
	}
	slices.SortFunc(found[:n], netip.Addr.Compare) // servers turn them about
	for i, a := range found[:n] {
		if i == 0 {
			addresses = append(addresses, '[')
		} else {
			addresses = append(addresses, ',')
		}
		addresses = a.AppendTo(append(addresses, '"'))
		addresses = append(addresses, '"')
	}
	if n > 0 {
		addresses = append(addresses, ']')
	}
	return addresses, alias
}

// skipName is where what is behind a name begins; -1: that is not there.
func skipName(body []byte, at int) int {
	for at < len(body) {
		switch n := int(body[at]); {
		case n == 0:
			return at + 1
		case n >= 0xc0:
			return at + 2
		case n > dnsLabel:
			return -1
		default:
			at += 1 + n
		}
	}
	return -1
}

// appendName appends a name that may be compressed (RFC 1035, 4.1.4); nothing of one that is none.
func appendName(to, body []byte, at int) []byte {
	begin := len(to)
	for jumps := 0; at < len(body); {
		n := int(body[at])
		switch {
		case n == 0:
			return to
		case n >= 0xc0:
			if jumps++; at+1 >= len(body) || jumps > dnsJumps {
				return to[:begin]
			}
			at = (n&0x3f)<<8 | int(body[at+1])
			continue
		case n > dnsLabel || at+1+n > len(body) || len(to)-begin+n > dnsNameMost:
			return to[:begin]
		}
		if len(to) > begin {
			to = append(to, '.')
		}
		to = appendLabel(to, body[at+1:at+1+n])
		at += 1 + n
	}
	return to[:begin]
}
