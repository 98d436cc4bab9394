package net

import (
	"math"
	"net/netip"
	"slices"
	"time"

	"github.com/throughline-io/throughline/agent/flow"
	"github.com/throughline-io/throughline/agent/session"
	"github.com/throughline-io/throughline/agent/tlsrecord"
	"github.com/throughline-io/throughline/pkg/span"
)

// Packets of TLS say when something passed, and not what. Who reads what programs say inside of TLS publishes that, with its
// places in the TCP stream (agent/flow): a NET span is that of the packets which carried it.

// insideAfter is how long an exchange waits for the packets that carried it to be read here, and for those that are sent again.
const insideAfter = 300 * time.Millisecond

// insideMost bounds the exchanges that wait.
const insideMost = 1 << 14

// inside is what is known of what passes in TLS, at all interfaces.
type inside struct {
	waiting []flow.Exchange // by when they were published
	// told are the exchanges that were told, so that the other end's view of one is not another: now, and a while before.
	told, before map[places]struct{}
	turned       time.Time
}

// places name an exchange: address translation leaves them.
type places struct{ request, response uint32 }

// remembered is how long an exchange that was told is known at least.
const remembered = 5 * time.Second

// again reports whether an exchange was told before, and remembers it.
func (i *inside) again(p places, now time.Time) bool {
	if i.told == nil || now.Sub(i.turned) > remembered {
		i.told, i.before, i.turned = map[places]struct{}{}, i.told, now
	}
	if _, told := i.told[p]; told {
		return true
	}
	if _, told := i.before[p]; told {
		return true
	}
	i.told[p] = struct{}{}
	return false
}

// tellInside makes spans of what was published before a time.
func (c *Capture) tellInside(before, now time.Time) {
	i := &c.inside
	i.waiting = c.cfg.Flows.Take(i.waiting)
	n := 0
	for n < len(i.waiting) && (len(i.waiting)-n > insideMost || i.waiting[n].At.Before(before)) {
		x := &i.waiting[n]
		if n++; i.again(places{x.Request.From, x.Response.From}, now) {
			continue
		}
		found := false
		for _, t := range c.taps {
			found = t.tellInside(x) || found
		}
		for _, t := range c.leaving {
			found = t.tellInside(x) || found
		}
		if !found {
			c.count.unseenInside.Add(1)
		}
	}
	i.waiting = slices.Delete(i.waiting, 0, n)
}

// tellInsideAt makes the spans of all that waits at an interface that is closed.
func (c *Capture) tellInsideAt(t *tap) {
	c.inside.waiting = c.cfg.Flows.Take(c.inside.waiting)
	for i := range c.inside.waiting {
		t.tellInside(&c.inside.waiting[i])
	}
}

// tellInside makes the span of an exchange whose packets passed the interface; false: they did not, or were not seen.
func (t *tap) tellInside(x *flow.Exchange) bool {
	k, clientIsA := t.carried(x)
	if k == nil || k.dropped {
		return false
	}
	asks, answers := sides(clientIsA)
	if !k.describeInside(x, &k.records[asks], &k.records[answers], clientIsA) {
		return false
	}
	point := t.pointOf(k, t.c.span.Client, t.c.span.Server, clientIsA)
	if point == 0 {
		t.c.count.foreign.Add(1)
		return true
	}
	t.c.span.Point = point
	t.hand(&t.c.span)
	return true
}

// carried is the connection whose packets carried an exchange, and whether its client is the end a. The addresses may be others
// here than at the process; the places are the same.
func (t *tap) carried(x *flow.Exchange) (k *conn, clientIsA bool) {
	client, server := endOf(x.Span.Client), endOf(x.Span.Server)
	key, clientIsA := connKey{client.ip, server.ip, client.port, server.port}, true
	if !less(&client.ip, client.port, &server.ip, server.port) {
		key, clientIsA = connKey{server.ip, client.ip, server.port, client.port}, false
	}
	if k := t.conns[key]; k != nil && k.carried(x, clientIsA) {
		return k, clientIsA
	}
	for k := range t.inTLS[client] {
		if clientIsA := k.key.a == client.ip && k.key.aPort == client.port; k.carried(x, clientIsA) {
			return k, clientIsA
		}
	}
	if others := t.inTLS[server]; len(others) <= lookedAt {
		for k := range others {
			if clientIsA := k.key.a != server.ip || k.key.aPort != server.port; k.carried(x, clientIsA) {
				return k, clientIsA
			}
		}
	}
	return nil, false
}

// lookedAt is how many connections of a server are looked at for one whose client has another address here.
const lookedAt = 64

// carried reports whether both of an exchange's beginnings passed on the connection.
func (k *conn) carried(x *flow.Exchange, clientIsA bool) bool {
	asks, answers := sides(clientIsA)
	return k.records != nil && k.records[asks].find(x.Request.From) != nil && k.records[answers].find(x.Response.From) != nil
}

func endOf(a netip.AddrPort) end { return end{a.Addr().As16(), a.Port()} }

// describeInside makes the span of an exchange as it passed; false: not all of its places were seen to pass.
func (k *conn) describeInside(x *flow.Exchange, asks, answers *timeline, clientIsA bool) bool {
	first, begins := asks.find(x.Request.From), answers.find(x.Response.From)
	if first == nil || begins == nil {
		return false
	}
	asked, from := first.at(x.Request.From), begins.at(x.Response.From)
	sent, answered := asks.until(x.Request, first), answers.until(x.Response, begins)
	s := &k.tap.c.span
	*s = x.Span
	s.ID, s.Source, s.PodIP, s.Service, s.Flow, s.TLS = 0, span.NET, netip.Addr{}, "", k.flow, true
	s.PID, s.TID, s.Comm, s.Goroutine, s.Passage, s.PassageRule = 0, 0, "", 0, 0, 0
	s.SyscallReq, s.SyscallResp, s.CaptureSeq, s.OTelResource = 0, 0, 0, 0
	s.Client, s.Server = addrPort(k.key.a, k.key.aPort), addrPort(k.key.b, k.key.bPort)
	if !clientIsA {
		s.Client, s.Server = s.Server, s.Client
	}
	s.Start, s.Duration = asked, uint64(max(answered, sent)-asked)
	s.RequestEnd, s.ResponseStart = uint64(sent-asked), uint64(max(from-asked, 1))                                                           // 0 would say that there was none
	s.Attributes = slices.DeleteFunc(slices.Clone(s.Attributes), func(a span.Attribute) bool { return a.Key == session.TimeToFirstMessage }) // it is the process's
	s.Tunnel, s.Interface, s.InterfaceType = first.tunnels.String(), k.tap.name, k.tap.typ
	resent := asks.resentIn(x.Request)
	s.Retransmissions = resent + min(answers.resentIn(x.Response), math.MaxUint16-resent)
	return true
}

// until is when the last byte of a message passed or, where that is not known, its first.
func (t *timeline) until(r flow.Range, first *stretch) int64 {
	begins := first.at(r.From)
	if r.To == 0 {
		return begins
	}
	if last := t.find(r.To - 1); last != nil {
		return max(begins, last.at(r.To-1))
	}
	return begins
}

// passes notes when bytes of TLS passed, of a connection that cannot be read.
func (k *conn) passes(fromA bool, seq uint32, p *packet, time int64) {
	if k.records == nil {
		if k.tap.c.cfg.Flows == nil || k.Readable() || !tlsrecord.Begins(p.payload) {
			return
		}
		k.records = new([2]timeline)
		k.tap.follow(k)
	}
	mine, _ := sides(fromA)
	turns := !k.said || k.saidByA != fromA
	k.said, k.saidByA = true, fromA
	k.records[mine].add(stretch{seq: seq, end: seq + uint32(p.payloadLen), first: time, last: time, tunnels: p.tunnels, turns: turns})
}

// follow notes a connection of TLS by its ends.
func (t *tap) follow(k *conn) {
	for _, e := range [...]end{{k.key.a, k.key.aPort}, {k.key.b, k.key.bPort}} {
		if t.inTLS == nil {
			t.inTLS = map[end]map[*conn]struct{}{}
		}
		if t.inTLS[e] == nil {
			t.inTLS[e] = map[*conn]struct{}{}
		}
		t.inTLS[e][k] = struct{}{}
	}
}

// unfollow forgets one that has ended, or begins anew.
func (t *tap) unfollow(k *conn) {
	if k.records == nil {
		return
	}
	k.records, k.said = nil, false
	for _, e := range [...]end{{k.key.a, k.key.aPort}, {k.key.b, k.key.bPort}} {
		if delete(t.inTLS[e], k); len(t.inTLS[e]) == 0 {
			delete(t.inTLS, e)
		}
	}
}

// insideBytes is what is kept of a connection of TLS.
func (k *conn) insideBytes() int {
	if k.records == nil {
		return 0
	}
	const places = 4 * int(8+16+2) // in the maps
	return k.records[0].bytes() + k.records[1].bytes() + places
}
