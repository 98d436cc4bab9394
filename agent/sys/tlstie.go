package sys

import (
	"github.com/throughline-io/throughline/agent/causality"
	"github.com/throughline-io/throughline/agent/tlsrecord"
)

// A connection of a library is tied to a socket by one of two observations of a strand, which is a thread or, in Go, a
// goroutine:
//
//   - within the library's call the strand moved records on the socket: the library reads and writes there itself, or by
//     functions that the program gave it;
//   - where the library works on memory: the strand sends, next after the library's write, records that say exactly as many
//     bytes; or the library gives, next after the strand received records, exactly what one of them says. Not in Go, whose
//     connections read and write there themselves.
//
// The first is a fact, and is asked for at each call: a connection whose address was another one's is tied anew. The second
// ties only what nothing else could be meant by. What is tied by neither is held, then dropped and counted.

// strand does one thing after the other.
type strand struct {
	pid       uint32
	goroutine bool
	id        uint64 // 0: not known
}

func (t *tlsTable) strandOf(p *process, e event) strand {
	if p.cause.Runtime == causality.Go {
		of := p.on(e)
		return strand{p.pid, true, of.ID}
	}
	return strand{p.pid, false, uint64(e.Tid)}
}

// strandCalls are what a strand did on a socket since its last call of a library that moved bytes, and what it wrote by
// libraries that work on memory and did not send yet.
type strandCalls struct {
	socket *socket
	calls  []recordCall
	many   bool // there were more
	unsent []unsentCall
}

// recordCall is a system call that moved records.
type recordCall struct {
	out  bool
	seq  uint32
	exit uint64
}

type unsentCall struct {
	connection *tlsConnection
	length     int
}

const (
	recordCallsKept = 128
	unsentKept      = 64
)

// note remembers a call of a strand that moved records.
func (t *tlsTable) note(by strand, s *socket, e event) {
	if by.id == 0 {
		return
	}
	of := t.strands[by]
	if of == nil {
		if len(t.strands) >= strandsKept {
			clear(t.strands)
		}
		of = new(strandCalls)
		t.strands[by] = of
	}
	if of.socket != s {
		of.socket, of.calls, of.many = s, of.calls[:0], false
	}
	if len(of.calls) >= recordCallsKept {
		of.calls, of.many = of.calls[:copy(of.calls, of.calls[1:])], true
	}
	of.calls = append(of.calls, recordCall{e.outgoing(), e.Seq, e.ExitNs})
}

// within is the socket on which the strand moved records inside of a call, and where the first in the call's direction lie.
func (of *strandCalls) within(e event) (s *socket, from uint32, known bool) {
	if of == nil || of.socket == nil {
		return nil, 0, false
	}
	for i, call := range of.calls {
		if call.exit < e.EnterNs || call.exit > e.ExitNs {
			continue
		}
		s = of.socket
		if call.out == e.outgoing() && (i > 0 || !of.many) {
			return s, call.seq, true
		}
	}
	return s, 0, false
}

// received is whether the strand has received anything since its last call of a library.
func (of *strandCalls) received() bool {
	for i := range of.calls {
		if !of.calls[i].out {
			return true
		}
	}
	return false
}

// tie takes a call of a library: it finds out whose it is, and delivers or holds it.
func (t *tlsTable) tie(k *tlsConnection, p *process, e event) {
	of := t.strands[t.strandOf(p, e)]
	s, from, known := of.within(e)
	if s != nil && s != k.socket && s.tls != nil {
		t.bind(k, s, false)
	} else if s != nil && s == k.socket && k.memory {
		k.memory = false
		t.deliverHeld(k)
	}
	if k.socket == nil && !e.outgoing() && p.cause.Runtime != causality.Go {
		if s := of.gives(e); s != nil {
			t.bind(k, s, true)
			of.forget(k)
			t.flush(k) // what it wrote before was sent before
		}
	}
	if k.socket != nil && !k.spoke {
		if k.spoke = true; e.outgoing() && (k.socket.tls.asks || k.socket.tls.begun == 0) {
			k.socket.tls.flow.Asks(k.socket.tls.hello.Version != "1.2")
		}
	}
	n := int(e.Length)
	switch {
	case k.socket == nil, k.memory && (e.outgoing() || len(k.held) > 0):
		t.hold(k, e, nil)
		if e.outgoing() && p.cause.Runtime != causality.Go {
			t.unsent(t.strandOf(p, e), k, n)
		}
	case e.outgoing():
		var at []tlsrecord.Place
		if known {
			at = k.socket.tls.flow.Wrote(n, from)
		}
		k.wrote = true
		if k.follow.from(true, k.socket.serves) {
			t.deliver(k, e, at...)
		} else {
			t.count.missed.Add(1)
		}
		t.deliverHeld(k)
	default:
		var received *uint32
		if known {
			received = &from
		}
		at := k.socket.tls.flow.Read(n, int(e.told().Asked), received)
		if !k.follow.from(false, k.socket.serves) {
			t.count.missed.Add(1)
		} else if (k.wrote || k.socket.tls.asks) && !k.memory && k.socket.tls.flow.Out.Waits() {
			t.hold(k, e, &at) // a call that writes has sent, and is not over: this may be the answer
		} else {
			t.deliver(k, e, at)
		}
	}
	if of != nil && of.socket != nil && (s != nil || !e.outgoing()) {
		of.calls, of.many = of.calls[:0], false
	}
}

// gives is the socket whose records a library gave, that works on memory: the strand has received them, and done nothing
// else since.
func (of *strandCalls) gives(e event) *socket {
	if of == nil || of.socket == nil || of.socket.tls == nil || of.socket.tls.connection != nil || !of.received() {
		return nil
	}
	if !of.socket.tls.flow.Gives(int(e.Length), int(e.told().Asked)) {
		return nil
	}
	return of.socket
}

// bind ties a connection to a socket: what is followed there from now on is what is said in clear.
func (t *tlsTable) bind(k *tlsConnection, s *socket, memory bool) {
	if k.socket != nil && k.socket.tls != nil {
		k.spoke = false
		k.socket.tls.connection = nil // its address is another connection's now
		t.count.tiedAnew.Add(1)
	}
	if other := s.tls.connection; other != nil && other != k {
		other.socket = nil
		t.drop(other)
	}
	if !s.tls.tied {
		s.conn.Close()
		s.conn = t.c.converse(s)
		s.tls.tied = true
		t.c.take(s, modeFrames)
	} else if s.tls.connection != k {
		s.conn.Restart()
	}
	s.tls.connection, k.socket, k.memory = k, s, memory
	k.follow = following{whole: memory || s.tls.begun > t.probes.Since(k.library)}
	if !k.follow.whole { // a read between what is held may have begun before the library had probes
		for range k.held {
			t.count.untied.Add(1)
		}
		t.release(k)
	}
	s.process.tls.caught = true
	if memory {
		t.count.tiedByRecords.Add(1)
	} else {
		t.count.tiedByCalls.Add(1)
	}
	if !memory {
		t.deliverHeld(k)
	}
}

// deliverHeld delivers what was held until a connection was tied. Where it lay in the records is known of what was received.
func (t *tlsTable) deliverHeld(k *tlsConnection) {
	for len(k.held) > 0 {
		t.deliverFirst(k)
	}
}

func (t *tlsTable) deliverFirst(k *tlsConnection) {
	h := k.held[0]
	k.held = k.held[1:]
	t.held -= h.size()
	at := tlsrecord.Place{}
	if h.at != nil {
		at = *h.at
	} else if !h.event.outgoing() {
		at = k.socket.tls.flow.Read(int(h.event.Length), int(h.event.told().Asked), nil)
	}
	t.deliver(k, h.event, at)
}

// unsent remembers what a library that works on memory has written.
func (t *tlsTable) unsent(by strand, k *tlsConnection, n int) {
	if by.id == 0 {
		return
	}
	of := t.strands[by]
	if of == nil {
		of = new(strandCalls)
		t.strands[by] = of
	}
	if len(of.unsent) >= unsentKept {
		of.unsent = of.unsent[:copy(of.unsent, of.unsent[1:])]
	}
	of.unsent = append(of.unsent, unsentCall{k, n})
}

// sent takes that a strand has sent records on a socket: they may be what a library has written into memory.
func (t *tlsTable) sent(by strand, s *socket, e event) {
	of := t.strands[by]
	if of == nil || len(of.unsent) == 0 {
		return
	}
	k := s.tls.connection
	if k == nil {
		if k = of.sends(s, e.Seq); k == nil {
			return
		}
		t.bind(k, s, true)
	}
	if !k.memory {
		return
	}
	n := 0
	var written []int
	for _, u := range of.unsent {
		if u.connection == k {
			n += u.length
			written = append(written, u.length)
		}
	}
	if n == 0 {
		return
	}
	of.forget(k)
	exact := s.tls.flow.Sends(e.Seq, written) // else there is more in it than was written, or less
	at := s.tls.flow.Wrote(n, e.Seq)
	if !exact {
		at = nil
	}
	for len(k.held) > 0 {
		if !k.held[0].event.outgoing() {
			t.deliverFirst(k)
			continue
		}
		h := k.held[0]
		k.held = k.held[1:]
		t.held -= h.size()
		t.deliver(k, h.event, tlsrecord.Cut(&at, int(h.event.Length))...)
	}
}

// sends is the one connection that has written what the socket sends, not tied yet; nil: there is none, or several might be.
func (of *strandCalls) sends(s *socket, from uint32) (found *tlsConnection) {
	written := map[*tlsConnection][]int{}
	for _, u := range of.unsent {
		if u.connection.socket == nil {
			written[u.connection] = append(written[u.connection], u.length)
		}
	}
	for k, lengths := range written {
		if !s.tls.flow.Sends(from, lengths) {
			continue
		}
		if found != nil {
			return nil
		}
		found = k
	}
	return found
}

func (of *strandCalls) forget(k *tlsConnection) {
	n := 0
	for _, u := range of.unsent {
		if u.connection != k {
			of.unsent[n] = u
			n++
		}
	}
	of.unsent = of.unsent[:n]
}
