package sys

import (
	"errors"
	"time"
	"unsafe"

	"github.com/throughline-io/throughline/agent/tlsrecord"
	"github.com/throughline-io/throughline/agent/uprobe"
	"github.com/throughline-io/throughline/bpf"
)

// tlsTable ties the connections of TLS libraries to sockets. A library's calls say what is said, and nothing of a socket; the
// system calls on a socket say where and when, and no word. Which belong together is told by what one thread or
// goroutine does: see tlstie.go.
type tlsTable struct {
	c        *Capture
	programs *tlsPrograms // nil: refused says why
	refused  error
	probes   *tlsProbes
	count    *tlsCounts

	connections map[tlsKey]*tlsConnection
	strands     map[strand]*strandCalls
	unread      unreadTLS
	event       bpf.SockioEvent
	held        int     // bytes
	limited     limited // connections of which the kernel does not take all
}

// tlsKey names a library's connection: a process and the address of an object in it.
type tlsKey struct {
	pid     uint32
	address uint64
}

// tlsConnection is a connection as a TLS library has it.
type tlsConnection struct {
	key     tlsKey
	library bpf.TLSTlsLibrary // whose calls were seen
	socket  *socket           // nil: not known yet
	spoke   bool              // it has said something since it is tied
	wrote   bool              // what it wrote was found in records
	memory  bool              // the library reads and writes memory, and the program moves that on the socket
	follow  following
	held    []heldCall
	used    int64 // by the kernel's monotonic clock
	unread  int   // calls in a row that could not be read
	mode    bpf.SockioMode
}

// tlsSocket is a socket that speaks TLS.
type tlsSocket struct {
	flow       tlsrecord.Flow
	hello      tlsrecord.Hello
	head       [tlsrecord.HeaderSize]byte // of a record of a handshake, that was read apart; zero: there is none
	connection *tlsConnection             // nil: not tied, or not any more
	tied       bool                       // the socket's conversation is what was said inside of TLS
	waits      int                        // calls, until it was tied
	begun      int64                      // when its handshake was seen, by the kernel's monotonic clock; 0: it was not,
	asks       bool                       // and this side began it
}

// greeted reports whether a side's hello was seen: it is TLS, wherever the next record lies. What else a handshake says may be
// longer than what is captured of its first calls.
func (s *tlsSocket) greeted() bool { return s.begun != 0 || s.hello.Version != "" }

// opens takes what a call moved while the handshake is not known, and reports whether it is what a client says first. OpenSSL
// reads a record's header apart, but for programs that have it read ahead, as nginx and curl.
func (s *tlsSocket) opens(data []byte) bool {
	if len(data) == len(s.head) && tlsrecord.Begins(data) {
		copy(s.head[:], data)
		return false
	}
	if s.head[0] != 0 {
		data = append(s.head[:], data...)
		s.head = [len(s.head)]byte{}
	}
	s.hello.Take(data)
	return tlsrecord.IsClient(data)
}

// tied reports whether what is followed on a socket was said inside of TLS.
func (s *socket) tied() bool { return s.tls != nil && s.tls.tied }

const (
	// tlsConnectionsKept bounds the connections that are remembered.
	tlsConnectionsKept = 1 << 16
	// strandsKept bounds the threads and goroutines; beyond it all begin anew, and connections are tied a call later.
	strandsKept = 1 << 14
	// heldMost bounds what is held of one connection, in calls, and heldBytes of all.
	heldMost  = 64
	heldBytes = 8 << 20
	// heldPatience is how long a call waits for the one that sends what it has written.
	heldPatience = time.Second
	// tlsWaits is how many calls of a socket are looked at until it is left alone, of a process whose TLS is seen otherwise.
	tlsWaits = 512
	// tlsIdle is how long a connection is remembered that is not used, and not tied.
	tlsIdle = time.Minute
	// placesBegin is the place of the first byte in clear: 0 would say that it is not known.
	placesBegin = 1 << 16
)

// startTLS prepares to see what is said inside of TLS. Where that does not work all else goes on.
func (c *Capture) startTLS() *tlsTable {
	t := &tlsTable{c: c, count: newTLSCounts(c.config.Ledger), connections: map[tlsKey]*tlsConnection{}, strands: map[strand]*strandCalls{}}
	t.probes = newTLSProbes(nil, t.count.dear, c.config.Log.Warn)
	t.programs, t.refused = prepareTLS(&c.config, c.programs)
	if t.refused != nil {
		c.config.Log.Info("what is said inside of TLS is not seen", "err", t.refused)
		return t
	}
	t.probes.programs, t.limited.kernel = t.programs, t.programs.coll.Variables["limited"]
	t.probes.work.Go(t.probes.Run)
	return t
}

var (
	errTLSOff     = errors.New("it is not switched on (--sys-tls)")
	errTLSOwnPIDs = errors.New("this is a PID namespace of its own: which files processes use is not seen")
)

func prepareTLS(c *Config, beside *programs) (*tlsPrograms, error) {
	switch {
	case !c.TLS.On:
		return nil, errTLSOff
	case c.OwnPIDs:
		return nil, errTLSOwnPIDs
	}
	if err := uprobe.Works(); err != nil {
		return nil, err
	}
	return loadTLS(beside, options{payload: c.Payload, ring: c.Ring})
}

// TLS says why what programs say inside of TLS is not seen; nil: it is.
func (c *Capture) TLS() error { return c.tls.refused }

// TLSOf names the libraries whose calls are seen, and the programs that speak TLS which is not, and why.
func (c *Capture) TLSOf() (read, unread []string) {
	return c.tls.probes.Attached(), c.tls.unread.List()
}

// works reports whether TLS is looked at.
func (t *tlsTable) works() bool { return t.programs != nil }

// Look has the libraries of a process found, if that was not done a moment ago.
func (t *tlsTable) Look(p *process) {
	const first, last = 10 * time.Millisecond, 10 * time.Second
	if !t.works() || p.leftOut || p.tls.off || time.Since(p.tls.asked) < min(first<<min(p.tls.times, 16), last) {
		return
	}
	if !t.probes.Look(p.pid) {
		t.count.busy.Add(1)
		return
	}
	p.tls.asked, p.tls.looks = time.Now(), true
	p.tls.times++
}

// Found takes what was found out about a process.
func (t *tlsTable) Found(f tlsFound) {
	p := t.c.processes.known[f.pid]
	if p == nil {
		t.probes.Gone(f.pid)
		return
	}
	p.tls.looks = false
	if p.tls.caught {
		return
	}
	if len(f.probed) == 0 {
		if p.tls.moves && !p.tls.told {
			p.tls.told = true
			t.unread.Put(p.pid, p.comm+": "+f.refused.Error())
			t.count.unreadable.Add(1)
		}
		return
	}
	if p.tls.told {
		t.unread.Delete(p.pid)
	}
	p.tls.caught = true
	t.count.processes.Add(1)
	for _, s := range t.c.sockets.known {
		if s.process == p && (s.mode == modeHead || s.mode == modeOff) && !s.conn.Readable() {
			t.c.take(s, modeFull) // its records tell where what is read lies
		}
	}
}

// expected is how many calls are looked at on a connection that was of another protocol, and may have turned to TLS, as those of
// PostgreSQL and MySQL do.
const expected = 64

// Expects reports whether what nobody reads on a socket any more may become TLS that is read.
func (t *tlsTable) Expects(s *socket) bool {
	if !t.works() || s.process.tls.off || s.process.leftOut || s.tls != nil || s.turns >= expected {
		return false
	}
	s.turns++
	return true
}

// Records takes a call on a socket that moves records of TLS; false: it moves something else.
func (t *tlsTable) Records(s *socket, p *process, e event) bool {
	if !t.works() || s.ends != nil {
		return false
	}
	if s.tls == nil {
		if !tlsrecord.Begins(e.payload) || s.conn.Readable() {
			return false
		}
		s.tls = new(tlsSocket)
		t.c.take(s, modeFrames) // records may begin anywhere, too
	}
	stream := &s.tls.flow.In
	if e.outgoing() {
		stream = &s.tls.flow.Out
	}
	if !stream.Feed(e.Seq, int(e.Length), e.payload) && !s.tls.tied && !s.tls.greeted() {
		s.tls = nil // it only looked like that
		return false
	}
	if len(s.tls.hello.Version) == 0 && s.tls.opens(e.payload) {
		s.tls.begun, s.tls.asks = int64(e.ExitNs), e.outgoing()
	}
	t.count.records.Add(1)
	by := t.strandOf(p, e)
	t.note(by, s, e)
	if e.outgoing() {
		t.sent(by, s, e)
	}
	switch {
	case s.tls.tied:
	case !p.tls.caught:
		p.tls.moves = true
		if t.Look(p); !p.tls.looks {
			return false // until it is known better: nobody reads it
		}
		// A process that began a moment ago, as that which a server forks for each connection: its handshake is not to be missed.
	default:
		if s.tls.waits++; s.tls.waits == tlsWaits {
			t.count.alone.Add(1)
			t.c.take(s, modeOff)
		}
	}
	s.used, s.closing = int64(e.ExitNs), 0
	return true
}

// Call takes a call of a TLS library.
func (t *tlsTable) Call(e event) {
	p := t.c.processes.Get(e.Pid, e.comm())
	t.count.calls.Add(1)
	key := tlsKey{e.Pid, e.Socket}
	k := t.connections[key]
	if k == nil {
		if len(t.connections) >= tlsConnectionsKept {
			t.count.refused.Add(1)
			return
		}
		k = &tlsConnection{key: key, library: bpf.TLSTlsLibrary(e.told().Library)}
		t.connections[key] = k
	}
	k.used = int64(e.ExitNs)
	if !p.tls.caught {
		t.Look(p) // it uses a library that another process had probed
	}
	t.tie(k, p, e)
}

// deliver takes what a library moved as what its socket did. It lies in the TCP stream at those places, one behind the other, as
// far as is known.
func (t *tlsTable) deliver(k *tlsConnection, e event, at ...tlsrecord.Place) {
	c, s := t.c, k.socket
	if len(at) == 0 || at[0].Len == 0 {
		t.count.unplaced.Add(1)
	}
	t.count.delivered.Add(1)
	t.event = *e.SockioEvent // the ring is not to be written to
	t.event.Seq += placesBegin
	t.event.Other += placesBegin
	e.SockioEvent = &t.event
	c.moved(s, s.process, e, at)
	t.fed(k)
}

// fed looks after a call how much is to be taken of the connection's next ones, as Capture.fed does.
func (t *tlsTable) fed(k *tlsConnection) {
	s := k.socket
	if s.serves && !s.conn.Readable() {
		t.c.causes.Unreadable(&t.c.moment)
	}
	switch {
	case s.conn.GivenUp():
		t.take(k, modeOff)
		t.c.take(s, modeOff)
	case s.conn.Readable():
		k.unread = 0
		t.take(k, s.readable())
	default:
		if k.unread++; k.unread == headsAfter {
			t.take(k, modeHead)
		}
	}
}

// take tells the kernel how much to take of a connection.
func (t *tlsTable) take(k *tlsConnection, m bpf.SockioMode) {
	if k.mode == m || !t.works() {
		return
	}
	modes, number := t.programs.coll.Maps["modes"], uint64(k.key.pid)<<48^k.key.address // tls_mode of bpf/tls.h
	switch {
	case m == modeFull:
		_ = modes.Delete(number)
		t.limited.Remove(number)
	case modes.Put(number, uint8(m)) != nil:
		return
	case k.mode == modeFull:
		t.limited.Add(number)
	}
	k.mode = m
}

// Forget drops a connection that its library has freed.
func (t *tlsTable) Forget(key tlsKey) {
	if k := t.connections[key]; k != nil {
		t.drop(k)
	}
}

// Untie drops the connection of a socket that is not followed any more.
func (t *tlsTable) Untie(s *socket) {
	if s.tls != nil && s.tls.connection != nil {
		t.drop(s.tls.connection)
	}
}

func (t *tlsTable) drop(k *tlsConnection) {
	t.flush(k)
	for range k.held {
		t.count.untied.Add(1)
	}
	t.release(k)
	t.take(k, modeFull)
	if k.socket != nil {
		k.socket.tls.connection = nil
	}
	delete(t.connections, k.key)
}

// Sweep drops what is not used, and gives up what was waited for.
func (t *tlsTable) Sweep(now int64) {
	t.GiveUp(now)
	for _, k := range t.connections {
		if k.unread = 0; k.mode == modeHead {
			t.take(k, modeFull)
		}
		if k.socket == nil && time.Duration(now-k.used) > tlsIdle {
			t.drop(k)
		}
	}
	if len(t.strands) >= strandsKept {
		clear(t.strands)
	}
}

// told is what an event of TLS has in place of addresses.
func (e event) told() *bpf.TLSTlsTold { return (*bpf.TLSTlsTold)(unsafe.Pointer(&e.Local)) }

// cutTLS reads a record of TLS, which has room for more than was captured.
func cutTLS(e event) (event, bool) {
	n := int(e.told().Captured)
	if n > len(e.payload) {
		return event{}, false
	}
	behind := e.payload[n:]
	if pieces := int(e.told().Pieces); pieces > 0 {
		const from, each = 4096 + 64, int(unsafe.Sizeof(bpf.TLSTlsSlot{})) // PIECES_FROM of bpf/tlsframes.h
		if len(e.payload) < from+pieces*each {
			return event{}, false
		}
		e.pieces = unsafe.Slice((*bpf.TLSTlsSlot)(unsafe.Pointer(&e.payload[from])), pieces)
	}
	e.payload = e.payload[:n:n]
	if e.Flags&flagAsks != 0 {
		if len(behind) < beforeSize {
			return event{}, false
		}
		copy((*[beforeSize]byte)(unsafe.Pointer(&e.before))[:], behind)
	}
	return e, true
}
