package sys

import (
	"net/netip"
	"time"

	"github.com/throughline-io/throughline/agent/session"
)

const transportUDP = 17

// datagramIdle is how long a UDP socket without an open question is kept. Who asks opens one for each name, and is forgotten with
// the last answer.
const datagramIdle = 10 * time.Second

// newDatagrams is what reads the datagrams of all sockets.
func (c *Capture) newDatagrams() *session.Datagrams {
	d := session.NewDatagrams(session.Options{
		Counters:  c.counts.session,
		OnRequest: func(r *session.Session) { c.requested(r.Owner.(*socket), r) },
		OnSession: func(r *session.Session) { c.finished(r.Owner.(*socket), r) },
	})
	d.Follow(&c.looking)
	return d
}

// datagram takes one that a call moved.
func (c *Capture) datagram(e event, p *process) {
	local, remote := c.boundTo(e), e.remote()
	if c.isOurs(local, remote) {
		c.counts.leftOut.Add(1)
		return
	}
	s := c.datagramSocket(e, p, local, remote)
	if s == nil {
		c.counts.refused.Add(1)
		return
	}
	out := e.outgoing()
	c.began(e, p, s)
	c.datagrams.Feed(&session.Datagram{Local: local, Remote: remote, Outgoing: out, Socket: e.Socket, Owner: s, Segment: c.segment})
	if s.open == 0 && !s.serves && !out {
		c.dropDatagrams(e.Socket, s)
	}
}

// boundTo is the local end of a datagram. A socket that is bound to no address has the one that its peer knows: of the loopback
// device, or the pod's.
func (c *Capture) boundTo(e event) netip.AddrPort {
	local, remote := e.local(), e.remote().Addr()
	if !local.Addr().IsUnspecified() {
		return local
	}
	var to netip.Addr
	switch {
	case remote.IsLoopback() && remote.Is4():
		to = netip.AddrFrom4([4]byte{127, 0, 0, 1})
	case remote.IsLoopback():
		to = netip.IPv6Loopback()
	case c.config.PodIP != nil:
		to = c.config.PodIP(e.Netns)
	}
	if !to.IsValid() {
		to = c.podIPs[e.Netns]
	}
	if !to.IsValid() || to.Is4() != remote.Is4() {
		return local
	}
	return netip.AddrPortFrom(to, local.Port())
}

// datagramSocket is the socket of a datagram; nil if its process has too many.
func (c *Capture) datagramSocket(e event, p *process, local, remote netip.AddrPort) *socket {
	s := c.sockets.datagrams[e.Socket]
	if s != nil && s.local.Port() != local.Port() {
		c.dropDatagrams(e.Socket, s) // the inode number is another socket's now
		s = nil
	}
	if s == nil {
		if p.sockets >= c.sockets.limit {
			return nil
		}
		p.sockets++
		s = &socket{inode: e.Socket, netns: e.Netns, process: p, datagram: true}
		c.sockets.datagrams[e.Socket] = s
	} else if s.process != p { // handed on, or forked
		s.process.sockets--
		p.sockets++
		s.process = p
	}
	s.local, s.remote, s.serves = local, remote, local.Port() < remote.Port()
	if a := local.Addr(); !a.IsLoopback() && !a.IsUnspecified() {
		c.podIPs[e.Netns] = a
	}
	return s
}

// sweepDatagrams gives up questions that nobody has answered, and forgets sockets.
func (c *Capture) sweepDatagrams(wall, now int64) {
	c.datagrams.Sweep(wall, now)
	for inode, s := range c.sockets.datagrams {
		if s.open == 0 && time.Duration(now-s.used) > datagramIdle {
			c.dropDatagrams(inode, s)
		}
	}
}

func (c *Capture) dropDatagrams(inode uint64, s *socket) {
	c.causes.Closed(&s.cause, c.moment.Time)
	s.process.sockets--
	delete(c.sockets.datagrams, inode)
}
