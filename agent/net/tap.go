package net

import (
	"container/list"
	"math"
	"net/netip"
	"slices"
	"time"

	"github.com/throughline-io/throughline/agent/session"
	"github.com/throughline-io/throughline/agent/topology"
	"github.com/throughline-io/throughline/pkg/span"
)

// Interface types.
const (
	typeVeth = "veth"
	typeNIC  = "nic"
)

// Patience with connections, in ns.
const (
	idleAfter   = 150e9 // without an open request; with one, the protocol's patience ends first
	closedAfter = 1e9   // after RST or both FINs: what was lost before may be sent again
	unusedAfter = 20e9  // opened and never used
)

// tap is one interface that is observed.
type tap struct {
	c     *Capture
	ring  *ring
	name  string
	typ   string
	index int
	left  time.Time // when the interface was gone

	// bothWays says that some connection was seen in both directions: where a node redirects
	// packets past a veth, it shows one.
	bothWays bool

	conns                map[connKey]*conn
	answered, unanswered *list.List                 // of *conn, by when they were last heard of
	inTLS                map[end]map[*conn]struct{} // those that carry TLS, by each end
	handshakes           handshakes                 // of connections that have carried no data
	bytes                int                        // kept
	lingering            lingerQueue
	segment              session.Segment // used again for every packet
	datagrams            *session.Datagrams
	datagramBytes        int // they take
}

func newTap(c *Capture, name, typ string, index int) *tap {
	t := &tap{c: c, name: name, typ: typ, index: index, conns: map[connKey]*conn{}, answered: list.New(), unanswered: list.New()}
	t.datagrams = session.NewDatagrams(session.Options{
		OnSession: t.exchange, Counters: c.count.session, Questions: maxQuestions,
	})
	t.datagrams.Follow(&c.looking)
	return t
}

// connKey names a connection at an interface, the lower end first.
type connKey struct {
	a, b         [16]byte
	aPort, bPort uint16
}

// packet takes what the ring captured.
func (t *tap) packet(raw *captured) {
	c := t.c
	p := &c.packet
	switch p.parse(raw.data, raw.wireLen) {
	case isDNS:
		t.datagram(raw)
		return
	case notTCP:
		c.count.notTCP.Add(1)
		return
	case isFragment:
		c.count.fragments.Add(1)
		return
	case isCut:
		c.count.cut.Add(1)
		return
	}
	if c.leftOut(p) {
		c.count.leftOut.Add(1)
		return
	}
	if p.payloadLen == 0 && p.flags&(flagSYN|flagFIN|flagRST) == 0 {
		c.count.noPayload.Add(1)
		return
	}
	key, fromA := keyOf(p)
	k := t.conns[key]
	if p.flags&flagSYN != 0 {
		t.opens(k, key, fromA, raw)
	}
	if k == nil {
		if p.payloadLen == 0 { // being opened, or the end of something that is not followed
			if p.flags&flagRST != 0 {
				t.handshakes.Forget(key)
			}
			return
		}
		k = t.open(key)
	}
	k.seen, k.tick = max(k.seen, raw.time), c.tick
	if fromA {
		k.aInside = !raw.outgoing // what comes in at the node's end of a veth left the pod
	} else {
		k.aInside = raw.outgoing
	}
	if p.payloadLen > 0 {
		k.heard(fromA, p, raw.outgoing)
		at := p.seq
		if p.flags&flagSYN != 0 {
			at++ // TCP Fast Open: data behind the SYN
		}
		t.segment = session.Segment{
			Seq: at, Len: p.payloadLen, Data: p.payload[:min(len(p.payload), p.payloadLen)],
			Enter: raw.time, Exit: raw.time, Tag: uint64(p.tunnels), Ack: p.ack,
		}
		k.Feed(fromA, &t.segment)
		k.passes(fromA, at, p, raw.time)
	}
	switch {
	case p.flags&(flagFIN|flagRST) == 0:
	case !k.ends(fromA, p):
		c.count.forgedEnds.Add(1)
	case p.flags&flagFIN != 0:
		k.Fin(fromA, raw.time)
	default:
		k.Reset(raw.time)
	}
	if !t.bothWays && !k.OneSided() {
		t.bothWays = true
	}
	k.account()
	c.makeRoom()
}

// opens takes a SYN. One at a connection that is followed begins its next life only when it is answered.
func (t *tap) opens(k *conn, key connKey, fromA bool, raw *captured) {
	p := &t.c.packet
	if k != nil {
		if mine := k.opening.of(fromA); mine.seen && mine.isn == p.seq {
			return // sent again
		}
	}
	h, lost := t.handshakes.Note(key, fromA, p, raw.outgoing, t.c.tick)
	if lost {
		t.c.count.handshakes.Add(1)
	}
	if k != nil && h.agreed {
		k.begin(h)
	}
}

// keyOf is the connection's key and whether the packet is from its end a.
func keyOf(p *packet) (connKey, bool) {
	if less(&p.src, p.srcPort, &p.dst, p.dstPort) {
		return connKey{p.src, p.dst, p.srcPort, p.dstPort}, true
	}
	return connKey{p.dst, p.src, p.dstPort, p.srcPort}, false
}

func less(a *[16]byte, aPort uint16, b *[16]byte, bPort uint16) bool {
	if *a == *b {
		return aPort < bPort
	}
	return string(a[:]) < string(b[:])
}

// sweep gives up what has waited too long and forgets idle connections. One that is used
// again is found again at its next message. now is in Unix ns, monotonic by a clock that
// nobody sets: idle is told by that.
func (t *tap) sweep(now, monotonic int64) {
	t.sweepConns(now, monotonic)
	packets, drops := t.ring.statistics()
	t.c.count.packets.Add(uint64(packets))
	t.c.count.drops.Add(uint64(drops))
}

// sweepConns is the sweep of the connections.
func (t *tap) sweepConns(now, monotonic int64) {
	t.datagrams.Sweep(now, monotonic)
	for _, k := range t.conns {
		k.Sweep(now, monotonic)
		switch idle := monotonic - k.tick; {
		case k.Closing() && idle > closedAfter,
			idle > idleAfter && (!k.Waits() || k.OneSided()),
			!k.used && idle > unusedAfter:
			k.end()
		}
	}
}

// close reports what is open.
func (t *tap) close() {
	for _, k := range t.conns {
		k.end()
	}
	t.datagrams.Close()
	t.takeDatagrams()
	packets, drops := t.ring.statistics()
	t.c.count.packets.Add(uint64(packets))
	t.c.count.drops.Add(uint64(drops))
	t.ring.close()
}

// session hands on the span of a session that is over.
func (k *conn) session(s *session.Session) {
	t := k.tap
	switch {
	case k.dropped && !t.bothWays:
		t.c.count.oneSided.Add(1)
		return
	case k.dropped:
		t.c.count.droppedRequests.Add(1)
		return
	}
	if s.End == session.Mistaken {
		return
	}
	point := t.point(k, s)
	if point == 0 {
		t.c.count.foreign.Add(1)
		return
	}
	if k.shadow(s) {
		t.c.count.oneSided.Add(1)
		return
	}
	k.describe(s, point)
	if e, ok := s.Told.Completes(&t.c.span); ok {
		t.c.cfg.Edge(e)
	}
	if !s.HasResponse {
		t.hand(&t.c.span)
		return
	}
	t.linger(k, &t.c.span, s.Response.LastExit)
}

// lasts hands on the span of a session that is not over.
func (k *conn) lasts(s *session.Session) {
	t := k.tap
	point := t.point(k, s)
	if point == 0 || k.shadow(s) {
		return // said at its end
	}
	k.describe(s, point)
	t.hand(&t.c.span)
	s.Told = session.Told{ID: t.c.span.ID, Group: t.c.span.Group()}
}

// shadow reports whether the interface shows one direction of the connection only.
func (k *conn) shadow(s *session.Session) bool {
	return !s.HasResponse && k.OneSided() && (k.opened || !k.tap.bothWays)
}

// describe makes the span of a session.
func (k *conn) describe(s *session.Session, point span.Point) {
	k.tap.describe(s, point, k.flow, protoTCP)
}

// describe makes the span of a session of TCP or UDP.
func (t *tap) describe(s *session.Session, point span.Point, flow uint64, transport uint8) {
	f := &s.L7
	end := max(s.Request.LastExit, s.Response.LastExit)
	if !s.HasResponse || s.End == session.Open {
		end = max(end, s.Ended)
	}
	t.c.span = span.Span{
		ID: s.Told.ID, Source: span.NET, Point: point, TraceID: f.TraceID, SpanID: f.SpanID, TraceState: f.TraceState,
		Start: s.Request.FirstEnter, Duration: uint64(end - s.Request.FirstEnter),
		Protocol: f.Protocol, Version: f.Version, Type: f.Type, Domain: f.Domain, Resource: f.Resource, Endpoint: f.Endpoint,
		RequestID: f.RequestID, XRequestID: f.XRequestID, XResponseID: f.XResponseID,
		Status: f.Status, Code: f.Code, StatusMessage: f.StatusMessage, Attributes: f.Attributes, Links: f.Links,
		RequestSize: s.Request.Size, ResponseSize: s.Response.Size,
		Client: s.Client, Server: s.Server, Transport: transport, RequestSeq: s.Request.Seq, Flow: flow,
		RequestEnd: uint64(s.Request.LastExit - s.Request.FirstEnter), Retransmissions: s.Request.Resent,
		Tunnel: tunnels(s.Request.First.Tag).String(), Interface: t.name, InterfaceType: t.typ,
		ResponseSeq: s.AnswerSeq,
	}
	if a, ok := s.FirstMessage(); ok {
		t.c.span.Attributes = append(slices.Clip(t.c.span.Attributes), a)
	}
	if !s.HasResponse {
		return
	}
	t.c.span.ResponseSeq = s.Response.Seq
	if first := s.Response.FirstEnter - s.Request.FirstEnter; first > 0 {
		t.c.span.ResponseStart = uint64(first)
	}
	t.c.span.Retransmissions += min(s.Response.Resent, math.MaxUint16-t.c.span.Retransmissions)
}

// hand hands a span to the sink.
func (t *tap) hand(s *span.Span) {
	t.c.count.spans.Add(1)
	t.c.cfg.Sink(s)
}

// point is where on the session's path the interface lies; 0: the session is not this
// node's to report.
//
// At a pod's veth it is told by which way the request went, whatever its addresses are. At
// a NIC by which end is a pod of this node. A session of the node's own address there is
// "rest": a process of the host, or a pod behind address translation. One that is only
// passing through belongs to other nodes.
func (t *tap) point(k *conn, s *session.Session) span.Point {
	return t.pointOf(k, s.Client, s.Server, s.LocalIsClient)
}

func (t *tap) pointOf(k *conn, asks, answers netip.AddrPort, clientIsA bool) span.Point {
	if t.typ == typeVeth {
		return pointOfPod(clientIsA == k.aInside)
	}
	local := t.c.local
	client, server := local[asks.Addr()], local[answers.Addr()]
	if client == 0 && server == 0 {
		if client, server = k.a, k.b; !clientIsA {
			client, server = server, client
		}
	}
	return pointOfNode(client, server)
}

// pointOfPod is the point at a pod's veth.
func pointOfPod(asks bool) span.Point {
	if asks {
		return span.PointClient
	}
	return span.PointServer
}

// pointOfNode is the point at a NIC, by whose the ends are; 0: other nodes'.
func pointOfNode(client, server whose) span.Point {
	switch {
	case client == isPod:
		return span.PointClientNode
	case server == isPod:
		return span.PointServerNode
	case client == isHost, server == isHost:
		return span.PointRest
	}
	return 0
}

// whose says what an address of the node is.
type whose uint8

const (
	isPod whose = 1 + iota
	isHost
)

func addressesOf(n *topology.Node) map[netip.Addr]whose {
	m := map[netip.Addr]whose{}
	for _, nic := range n.NICs {
		for _, a := range nic.Addrs {
			m[a] = isHost
		}
	}
	for _, pod := range n.Pods {
		for _, a := range pod.IPs {
			m[a] = isPod
		}
	}
	return m
}
