package net

import (
	"encoding/binary"

	"github.com/throughline-io/throughline/agent/session"
	"github.com/throughline-io/throughline/pkg/span"
)

// portDNS is where names are asked for. Other ports would bring the datagrams of all that is not DNS into the rings.
const portDNS = 53

// maxQuestions is how many datagrams wait for their answers at one interface.
const maxQuestions = 1 << 10

// datagram reads a UDP header. Of one that is fragmented its length says more than its packet.
func (p *packet) datagram(b []byte) outcome {
	length := int(binary.BigEndian.Uint16(b[4:]))
	if length < 8 {
		return isCut
	}
	p.flags, p.payloadLen = 0, length-8
	p.payload = b[8:min(len(b), length)]
	return isDNS
}

// datagram takes a packet of DNS.
func (t *tap) datagram(raw *captured) {
	c := t.c
	p := &c.packet
	if c.leftOut(p) {
		c.count.leftOut.Add(1)
		return
	}
	t.datagrams.Feed(&session.Datagram{
		Local: addrPort(p.src, p.srcPort), Remote: addrPort(p.dst, p.dstPort), Outgoing: true, Owner: raw.outgoing,
		Segment: session.Segment{Len: p.payloadLen, Data: p.payload, Enter: raw.time, Exit: raw.time, Tag: uint64(p.tunnels)},
	})
	t.takeDatagrams()
	c.makeRoom()
}

// takeDatagrams notes what the open questions take now.
func (t *tap) takeDatagrams() {
	n := t.datagrams.Bytes()
	t.take(n - t.datagramBytes)
	t.datagramBytes = n
}

// exchange hands on the span of a question and its answer, which are over.
func (t *tap) exchange(s *session.Session) {
	c := t.c
	left, _ := s.Owner.(bool) // the node's stack, by the interface
	var point span.Point
	if t.typ == typeVeth {
		point = pointOfPod(!left) // what comes in at the node's end of a veth left the pod
	} else {
		point = pointOfNode(c.local[s.Client.Addr()], c.local[s.Server.Addr()])
	}
	switch {
	case point == 0:
		c.count.foreign.Add(1)
	case !s.HasResponse && t.datagrams.OneSided():
		c.count.oneSided.Add(1)
	default:
		c.flows++
		t.describe(s, point, c.flows, protoUDP)
		t.hand(&c.span)
	}
}
