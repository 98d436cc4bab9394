package net

import (
	"container/list"

	"github.com/throughline-io/throughline/agent/session"
)

// conn is a connection at an interface. Local, for its session, is the key's end a.
type conn struct {
	*session.Conn
	tap    *tap
	key    connKey
	flow   uint64
	seen   int64 // time of the latest packet
	tick   int64 // the sweep before it, by the monotonic clock
	opened bool  // a SYN was seen, so the other side's would be
	used   bool  // carried data

	lingering []*lingering

	// What the ends were when the connection was first seen: a pod's last sessions end after
	// the pod is gone.
	a, b whose

	// aInside says, at a pod's veth, that end a is the pod's; known once a packet was seen.
	aInside bool

	// Who is asked must have answered, from the other side of the interface, before a connection counts
	// as one: anybody can forge what one side sends.
	answered bool
	asked    bool // data was seen, from one side
	askedByA bool
	askedOut bool
	opening  handshake // as far as its SYNs were seen

	next   [2]uint32 // of end a and b: where the next byte is expected
	placed [2]bool   // and whether that is known

	records  *[2]timeline // of end a and b, of a connection of TLS that nobody reads here
	said     bool         // by end a, if saidByA, at last
	saidByA  bool
	dropped  bool          // what is open is not reported
	bytes    int           // it takes
	position *list.Element // among the answered or the unanswered
}

// open begins to follow a connection that carries data.
func (t *tap) open(key connKey) *conn {
	c := t.c
	if t.unanswered.Len() >= maxUnanswered {
		t.dropUnanswered(c.count.unanswered.Add)
	}
	c.flows++
	a, b := addrPort(key.a, key.aPort), addrPort(key.b, key.bPort)
	k := &conn{tap: t, key: key, flow: c.flows, a: c.local[a.Addr()], b: c.local[b.Addr()]}
	look := c.looking.Look()
	k.Conn = session.NewConn(session.Options{
		Local: a, Remote: b,
		OnRequest: func(*session.Session) { k.goesOn() },
		OnSession: k.session,
		OnOpen:    k.lasts,
		OpenAfter: look.OpenAfter, Protocols: look.Protocols,
		OnResent: func(fromA bool, seq uint32) { k.resent(fromA, seq, k.seen) },
		Counters: c.count.session, KeepSecrets: look.KeepSecrets,
	})
	if h := t.handshakes.Find(key); h != nil {
		k.begin(h)
	}
	t.conns[key] = k
	k.position = t.unanswered.PushBack(k)
	c.room.conns++
	k.account()
	return k
}

// begin takes the SYNs of a connection, or of its next life.
func (k *conn) begin(h *handshake) {
	k.opening, k.opened = *h, true
	k.tap.unfollow(k) // its numbers are others now
	for i, g := range [...]greeting{h.a, h.b} {
		if g.seen {
			k.Syn(i == 0, g.isn)
			k.next[i], k.placed[i] = g.isn+1, true
		}
	}
}

// window is how far the bytes of a side may be from where they are expected and still be its own.
const window = 1 << 24

func near(a, b uint32) bool { return a-b < window || b-a < window }

func sides(fromA bool) (mine, other int) {
	if fromA {
		return 0, 1
	}
	return 1, 0
}

// heard notes that data came from a side of an interface, and that the connection was answered where
// that shows it.
func (k *conn) heard(fromA bool, p *packet, outgoing bool) {
	k.used = true
	mine, other := sides(fromA)
	end := p.seq + uint32(p.payloadLen)
	switch {
	case !k.placed[mine], near(end, k.next[mine]) && int32(end-k.next[mine]) > 0,
		!near(end, k.next[mine]) && k.placed[other] && near(p.ack, k.next[other]): // much was not captured
		k.next[mine], k.placed[mine] = end, true
	}
	if k.answered {
		k.tap.answered.MoveToBack(k.position)
		return
	}
	switch {
	case k.opening.agreed && p.ack-(k.opening.of(!fromA).isn+1) < window, // only who got the other's SYN knows its number
		k.asked && fromA != k.askedByA && outgoing != k.askedOut:
		k.tap.unanswered.Remove(k.position)
		k.answered, k.position = true, k.tap.answered.PushBack(k)
		return
	case !k.asked:
		k.asked, k.askedByA, k.askedOut = true, fromA, outgoing
	}
	k.tap.unanswered.MoveToBack(k.position)
}

// ends reports whether a FIN or RST is one that its receiver can believe: who forges one does not know
// where the stream is.
func (k *conn) ends(fromA bool, p *packet) bool {
	mine, _ := sides(fromA)
	return !k.placed[mine] || near(p.seq, k.next[mine])
}

// end forgets the connection and reports what is open.
func (k *conn) end() {
	t := k.tap
	k.Close()
	k.goesOn()
	t.unfollow(k)
	delete(t.conns, k.key)
	list := t.unanswered
	if k.answered {
		list = t.answered
	}
	list.Remove(k.position)
	t.c.room.conns--
	k.takes(0)
}
