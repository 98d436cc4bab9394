package sys

import (
	"net/netip"
	"slices"

	"github.com/throughline-io/throughline/agent/causality"
	"github.com/throughline-io/throughline/agent/goruntime"
	"github.com/throughline-io/throughline/agent/session"
	"github.com/throughline-io/throughline/agent/tlsrecord"
	"github.com/throughline-io/throughline/bpf"
)

// record takes a record of the ring.
func (c *Capture) record(data []byte) {
	e, ok := parseEvent(data)
	if !ok {
		c.counts.malformed.Add(1)
		return
	}
	switch e.Kind {
	case eventIO:
		c.counts.calls.Add(1)
		c.call(e)
	case eventEnd:
		switch s := c.sockets.known[e.Socket]; {
		case s == nil:
		case s.ends != nil:
			c.endedLocally(s, bpf.SockioEnd(e.Length), e.ExitNs)
		default:
			c.ended(s, bpf.SockioEnd(e.Length), e.ExitNs)
		}
	case eventConnect:
		c.connects(e)
	case eventExec:
		c.gone(e.Pid)
		c.processes.Get(e.Pid, e.comm())
	case eventExit:
		c.gone(e.Pid)
	case eventTLS:
		c.tls.Call(e)
	case eventTLSEnd:
		c.tls.Forget(tlsKey{e.Pid, e.Socket})
	default:
		c.counts.malformed.Add(1)
	}
}

// call takes one call that moved bytes.
func (c *Capture) call(e event) {
	p := c.processes.Get(e.Pid, e.comm())
	if e.Flags&flagDatagram != 0 {
		c.datagram(e, p)
		return
	}
	s := c.socket(e, p)
	if s == nil {
		switch {
		case !e.isLocal() || e.tellsEnds():
			c.counts.refused.Add(1)
		case c.endedLocals.Has(e.Socket):
			c.counts.behind.Add(1)
		default:
			c.counts.untold.Add(1)
		}
		return
	}
	if s.ours {
		c.counts.leftOut.Add(1)
		return
	}
	if c.tls.Records(s, p, e) {
		return
	}
	readable := s.conn.Readable()
	c.moved(s, p, e, nil)
	if readable && s.conn.GivenUp() && c.tls.Records(s, p, e) { // it turned to TLS by this: a handshake begins
		return
	}
	if s.ends != nil {
		c.fedLocally(s)
	} else {
		c.fed(s)
	}
}

// began fills in the moment and the segment of a call.
func (c *Capture) began(e event, p *process, s *socket) {
	out := e.outgoing()
	c.moment = causality.Moment{Process: &p.cause, Executor: p.on(e), Thread: e.Tid, Peer: s.peer(), Time: int64(e.ExitNs), Out: out}
	if p.context != 0 && e.GoidOffset == byContext {
		c.moment.Task = e.Goroutine
	}
	c.place(e, &p.layout)
	s.used, s.closing = c.moment.Time, 0
	c.segment = session.Segment{
		Seq: e.Seq, Ack: e.Other, Len: int(e.Length), Data: e.payload,
		Enter: c.clock.Wall(e.EnterNs), Exit: c.clock.Wall(e.ExitNs),
		PID: e.Pid, TID: e.Tid,
		Tag: uint64(c.causes.Claim(&c.moment, &s.cause)),
	}
	if c.moment.Executor.Goroutine {
		c.segment.Goroutine = c.moment.Executor.ID
	}
	if out {
		c.causes.Answering(&s.cause, &c.moment, c.segment.Enter)
	}
	c.processes.Follow(p)
}

// moved takes that a process moved bytes on a socket: those of the event or, where the program said them inside of TLS, the same
// in clear, and where their records lie in the TCP stream.
func (c *Capture) moved(s *socket, p *process, e event, inside []tlsrecord.Place) {
	out := e.outgoing()
	c.began(e, p, s)
	if len(inside) == 0 && len(e.pieces) == 0 {
		s.conn.Feed(out, &c.segment)
		return
	}
	c.movedInside(s, out, e, inside)
}

// isOurs reports whether one end of a connection is left out.
func (c *Capture) isOurs(local, remote netip.AddrPort) bool {
	return slices.Contains(c.config.LeaveOut, remote) || slices.Contains(c.config.LeaveOut, local)
}

// on is what made the call: nothing, if it cannot be told.
func (p *process) on(e event) causality.Executor {
	if p.cause.Runtime == causality.Go && e.GoidOffset != p.layout.Goid {
		return causality.Executor{}
	}
	return p.cause.On(p.pid, e.Tid, e.Goroutine)
}

// place says where the goroutine of the moment ran.
func (c *Capture) place(e event, layout *goruntime.Layout) {
	at, ok := e.place()
	if !ok || !c.moment.Executor.Goroutine {
		return
	}
	c.moment.Slice, c.moment.Parent = causality.Slice{Known: true, P: at.P, Count: at.Tick}, at.Parent
	if e.Flags&flagAsks != 0 {
		c.moment.Asks = true
		c.moment.Before = causality.Before{Goroutine: e.before.Goroutine, Parent: e.before.Parent, Selects: e.before.Reason == uint32(layout.Select)}
	}
}

// socket is the socket of a call; nil if its process has too many.
func (c *Capture) socket(e event, p *process) *socket {
	local, remote := e.local(), e.remote()
	s := c.sockets.known[e.Socket]
	if s != nil && (s.local != local || s.remote != remote) {
		c.drop(e.Socket, s) // the inode number is another socket's now
		s = nil
	}
	if s != nil {
		if s.ends != nil {
			c.meet(s, &e)
		}
		if s.process != p { // handed on, or forked
			s.process.sockets--
			p.sockets++
			s.process = p
		}
		return s
	}
	if p.sockets >= c.sockets.limit || e.isLocal() && !e.tellsEnds() { // its ends were told to what was here before
		return nil
	}
	p.sockets++
	s = &socket{inode: e.Socket, netns: e.Netns, local: local, remote: remote, process: p, serves: serving(local.Port(), remote.Port(), e.outgoing())}
	if e.isLocal() {
		s.ends = endsOf(&e)
		s.serves = s.ends.serves
	}
	s.cause = c.opening.Take(e.Socket, p)
	s.ours = c.isOurs(local, remote) ||
		s.ends != nil && slices.Contains(c.config.LeaveOutPaths, s.ends.path)
	s.conn = c.converse(s)
	c.sockets.known[e.Socket] = s
	if s.ends != nil {
		c.meet(s, &e)
	}
	if a := local.Addr(); a.IsValid() && !a.IsLoopback() {
		c.podIPs[e.Netns] = a
	}
	return s
}

// converse begins to follow what is said on a socket.
func (c *Capture) converse(s *socket) *session.Conn {
	look := c.looking.Look()
	return session.NewConn(session.Options{
		Local: s.local, Remote: s.remote, Counters: c.counts.session, KeepSecrets: look.KeepSecrets,
		OnRequest: func(r *session.Session) { c.requested(s, r) },
		OnSession: func(r *session.Session) { c.finished(s, r) },
		OnOpen:    func(r *session.Session) { c.lasts(s, r) },
		OpenAfter: look.OpenAfter, Protocols: look.Protocols,
	})
}

// podIP is the address of the pod a socket is in.
func (c *Capture) podIP(s *socket) netip.Addr {
	if c.config.PodIP != nil {
		if a := c.config.PodIP(s.netns); a.IsValid() {
			return a
		}
	}
	if a := s.local.Addr(); a.IsValid() && !a.IsLoopback() {
		return a
	}
	return c.podIPs[s.netns]
}

// connects takes that a process opens a connection.
func (c *Capture) connects(e event) {
	p := c.processes.Get(e.Pid, e.comm())
	if !p.cause.Opens() {
		return
	}
	c.moment = causality.Moment{Process: &p.cause, Executor: p.on(e), Thread: e.Tid, Peer: e.remote(), Time: int64(e.ExitNs)}
	if !c.opening.Put(e.Socket, p, c.causes.Connect(&c.moment), c.moment.Time) {
		c.counts.openingsRefused.Add(1)
	}
}

// ended says how a connection ended, or one direction of it.
func (c *Capture) ended(s *socket, how bpf.SockioEnd, now uint64) {
	switch wall := c.clock.Wall(now); how {
	case bpf.SockioEndEND_RESET:
		s.conn.Reset(wall)
	case bpf.SockioEndEND_RECEIVED:
		s.conn.Fin(false, wall)
	default:
		s.conn.Fin(true, wall)
	}
	if how == bpf.SockioEndEND_RECEIVED {
		return // this side may still answer
	}
	c.causes.Ended(&s.cause, c.clock.Wall(now))
	switch {
	case how == bpf.SockioEndEND_SENT: // and still receives
	case s.open == 0:
		c.drop(s.inode, s)
	default:
		s.closing = int64(now)
	}
}

// gone says that a process ended, or runs another program now.
func (c *Capture) gone(pid uint32) {
	p := c.processes.known[pid]
	if p == nil || p.leftOut {
		return
	}
	c.causes.Drop(&p.cause)
	c.tls.probes.Gone(pid)
	c.tls.unread.Delete(pid)
	c.processes.Forget(pid)
}
