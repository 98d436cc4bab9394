package net

import (
	"encoding/binary"
	"fmt"
	"testing"

	"github.com/throughline-io/throughline/pkg/span"
)

// caller is a client as an interface sees it: what comes in is the client's, what goes out the server's.
type caller struct {
	at     *tap
	ip     [4]byte
	port   uint16
	isn    uint32
	server uint32 // its isn
	ms     int64
}

func (t *tap) caller(n int) *caller {
	return &caller{at: t, ip: [4]byte{10, byte(n >> 16), byte(n >> 8), byte(n)}, port: uint16(1024 + n%50000), isn: uint32(n) * 77777, server: uint32(n) * 33333, ms: 1000 + int64(n)}
}

func (c *caller) packet(ofClient bool, flags byte, seq, ack uint32, text string) {
	b := tcp(flags, text)
	binary.BigEndian.PutUint16(b, c.port)
	src, dst := c.ip, podB
	if !ofClient {
		src, dst = dst, src
		b[0], b[1], b[2], b[3] = b[2], b[3], b[0], b[1]
	}
	binary.BigEndian.PutUint32(b[4:], seq)
	binary.BigEndian.PutUint32(b[8:], ack)
	frame := eth(etherIPv4, ip4(protoTCP, src, dst, b))
	c.at.packet(&captured{data: frame, wireLen: len(frame), time: c.ms * 1e6, outgoing: !ofClient})
}

func (c *caller) connects() {
	c.packet(true, flagSYN, c.isn, 0, "")
	c.packet(false, flagSYN|ack, c.server, c.isn+1, "")
}
func (c *caller) asks() { c.packet(true, pushAck, c.isn+1, c.server+1, question) }
func (c *caller) answered() {
	c.packet(false, pushAck, c.server+1, c.isn+1+uint32(len(question)), reply)
}

// An attacker makes up more connections than any table of a node has room for; between them come honest
// ones.
const (
	honest = 100
	every  = 2000
	forged = honest * every
)

// settled hands on what waits at an interface.
func settled(t *tap) {
	for _, k := range t.conns {
		k.goesOn()
	}
}

// Who forges the senders of SYNs takes no room from those who really connect, and little memory, whether
// the SYNs are answered or not.
func TestForgedSYNsTakeNoRoom(t *testing.T) {
	t.Parallel()
	var got []span.Span
	at := interfaceOf(&got)
	for n := range forged {
		f := at.caller(honest + n)
		f.packet(true, flagSYN, f.isn, 0, "")
		if n%2 == 0 {
			f.packet(false, flagSYN|ack, f.server, f.isn+1, "")
		}
		if n%every == 0 {
			c := at.caller(n / every)
			c.connects()
			c.asks()
			c.answered()
		}
	}
	settled(at)
	if len(got) != honest {
		t.Errorf("%d of %d requests seen", len(got), honest)
	}
	if n := len(at.conns); n != honest || at.answered.Len() != n {
		t.Errorf("%d connections are followed, %d of them answered; want %d", n, at.answered.Len(), honest)
	}
	if n, in := len(at.handshakes.ring), len(at.handshakes.at); n > maxHandshakes || in > maxHandshakes {
		t.Errorf("%d handshakes, %d in the index", n, in)
	}
	if n := at.c.count.handshakes.Load(); n < forged-2*maxHandshakes {
		t.Errorf("%d handshakes counted that were forgotten, of %d", n, forged)
	}
}

// Nor does who forges requests of connections that there are not, be they seen from their beginning,
// as if with a guess at the server's number, or from their middle. Each is counted, and none is a span.
func TestForgedRequestsTakeNoRoom(t *testing.T) {
	t.Parallel()
	var got []span.Span
	at := interfaceOf(&got)
	const waiting = 50
	var late []*caller // joined in their middle: each waits for its answer while others come
	for n := range forged {
		f := at.caller(honest + n)
		if n%2 == 0 {
			f.connects()
		}
		f.packet(true, pushAck, f.isn+1, 0x12345678+f.server, question)
		if n%every == 0 {
			c := at.caller(n / every)
			c.asks()
			late = append(late, c)
			h := at.caller(1<<23 + n/every)
			h.connects()
			h.asks()
			h.answered()
		}
		if n%every == waiting {
			late[len(late)-1].answered()
		}
	}
	settled(at)
	if len(got) != 2*honest {
		t.Errorf("%d of %d requests seen", len(got), 2*honest)
	}
	for i := range got {
		if got[i].Status != span.StatusOK {
			t.Fatalf("a span of what nobody answered: %+v", got[i])
		}
	}
	kept := at.unanswered.Len()
	if kept > maxUnanswered || at.answered.Len() != 2*honest || at.c.room.conns != kept+2*honest {
		t.Errorf("%d unanswered, %d answered, %d counted", kept, at.answered.Len(), at.c.room.conns)
	}
	if n := at.c.count.unanswered.Load(); n != uint64(forged-kept) {
		t.Errorf("%d connections counted as dropped; want %d", n, forged-kept)
	}
	if n := at.c.count.droppedRequests.Load(); n != uint64(forged-kept) {
		t.Errorf("%d requests counted as dropped; want %d", n, forged-kept)
	}
}

// However much two attackers say to each other, what is kept is bounded, and other interfaces lose nothing.
func TestRoomIsTheNodes(t *testing.T) {
	t.Parallel()
	var got []span.Span
	quiet := interfaceOf(&got)
	c := quiet.c
	c.room.limit = 8 << 20
	noisy := newTap(c, "cali2", typeVeth, 2)
	c.taps[2] = noisy
	var waiting []*caller
	for n := range 200 {
		w := quiet.caller(n)
		w.connects()
		w.asks()
		waiting = append(waiting, w)
	}
	most := 0
	for n := range 20_000 {
		w := noisy.caller(1000 + n)
		w.connects()
		w.asks()
		most = max(most, c.room.bytes)
	}
	if most > c.room.limit {
		t.Errorf("%d bytes were kept; the limit is %d", most, c.room.limit)
	}
	for _, w := range waiting {
		w.answered()
	}
	got = nil
	settled(quiet)
	if len(got) != len(waiting) {
		t.Errorf("%d of %d answers seen at the quiet interface", len(got), len(waiting))
	}
	if n := c.count.idleForRoom.Load(); int(n)+noisy.answered.Len() != 20_000 || n == 0 {
		t.Errorf("%d counted as dropped, %d kept, of 20,000", n, noisy.answered.Len())
	}
	for _, k := range quiet.conns {
		k.end()
	}
	for _, k := range noisy.conns {
		k.end()
	}
	if c.room.bytes != 0 || c.room.conns != 0 {
		t.Errorf("%d bytes and %d connections are left of nothing", c.room.bytes, c.room.conns)
	}
}

// Who does not see a connection's packets cannot end it, nor begin it anew.
func TestForgedEndsAreIgnored(t *testing.T) {
	t.Parallel()
	for name, flags := range map[string]byte{"RST": flagRST, "FIN": flagFIN | ack, "SYN": flagSYN, "SYN-ACK": flagSYN | ack} {
		for _, ofClient := range []bool{true, false} {
			var got []span.Span
			at := interfaceOf(&got)
			c := at.caller(1)
			c.connects()
			c.asks()
			c.packet(ofClient, flags, 0x90000000, 0x1234567, "")
			at.passes(2, 4)
			c.answered()
			settled(at)
			if len(got) != 1 || got[0].Status != span.StatusOK {
				t.Errorf("%s, of the client %v: %+v", name, ofClient, got)
			}
		}
	}
}

// A port that is used again is a new connection as soon as the other side says so.
func TestPortIsUsedAgain(t *testing.T) {
	t.Parallel()
	var got []span.Span
	at := interfaceOf(&got)
	for n := range uint32(3) {
		c := at.caller(1)
		c.isn, c.server, c.ms = 0x40000000*n, 7+0x40000000*n, int64(1000+n)
		c.connects()
		c.packet(true, flagSYN, c.isn, 0, "") // comes late
		c.asks()
		c.answered()
	}
	settled(at)
	if len(got) != 3 || len(at.conns) != 1 {
		t.Fatalf("%d spans, %d connections", len(got), len(at.conns))
	}
	for i := range got {
		if want := uint32(0x40000000*i) + 1; got[i].RequestSeq != want || got[i].Status != span.StatusOK {
			t.Errorf("span %d: %s", i, fmt.Sprint(got[i]))
		}
	}
}

// Where an interface never shows who answers, what has to go is left out as all of it is, and is no loss.
func TestManyConnectionsWhereOneDirectionIsShown(t *testing.T) {
	t.Parallel()
	var got []span.Span
	at := interfaceOf(&got)
	const n = maxUnanswered + 500
	for i := range n {
		at.caller(i).asks()
	}
	for _, k := range at.conns {
		k.end()
	}
	c := &at.c.count
	if len(got) != 0 || c.oneSided.Load() != n || c.unanswered.Load() != 0 || c.droppedRequests.Load() != 0 {
		t.Errorf("%d spans, %d left out, %d connections and %d requests dropped; want %d left out", len(got), c.oneSided.Load(), c.unanswered.Load(), c.droppedRequests.Load(), n)
	}
}
