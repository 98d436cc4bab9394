package net

// maxHandshakes is how many connections that are being opened are remembered at one interface. One that
// is forgotten is followed all the same, from its first data on.
const maxHandshakes = 1 << 11

// handshake is what the SYNs of a connection said. It is all that a connection takes before it carries
// data: who floods an interface with SYNs, and forges their senders, only turns a small ring.
type handshake struct {
	key    connKey
	a, b   greeting
	acked  uint32 // by the one who answered
	byA    bool   // end a answered
	agreed bool   // the one who was asked answered: both are known
	tick   int64
}

func (h *handshake) of(endA bool) *greeting {
	if endA {
		return &h.a
	}
	return &h.b
}

// greeting is an end's SYN.
type greeting struct {
	seen     bool
	isn      uint32
	outgoing bool // it left the node's stack by the interface
}

// handshakes are the latest of an interface.
type handshakes struct {
	at   map[connKey]int // in ring
	ring []handshake
	next int // to be used again, once the ring is full
}

// Find is the handshake of a connection, nil if none is remembered.
func (h *handshakes) Find(key connKey) *handshake {
	if i, known := h.at[key]; known {
		return &h.ring[i]
	}
	return nil
}

// Forget drops a handshake.
func (h *handshakes) Forget(key connKey) {
	if i, known := h.at[key]; known {
		delete(h.at, key)
		h.ring[i] = handshake{}
	}
}

// Note takes a SYN. lost says that a young handshake was forgotten for it.
func (h *handshakes) Note(key connKey, fromA bool, p *packet, outgoing bool, tick int64) (of *handshake, lost bool) {
	of = h.Find(key)
	if of == nil {
		of, lost = h.take(key, tick)
	}
	mine, other := of.of(fromA), of.of(!fromA)
	if mine.seen && mine.isn != p.seq { // it tries anew
		*of = handshake{key: key}
	}
	*mine = greeting{seen: true, isn: p.seq, outgoing: outgoing}
	of.tick = tick
	if p.flags&flagACK != 0 {
		of.acked, of.byA = p.ack, fromA
	}
	// Both ways: who sends from one side of an interface cannot have answered himself.
	of.agreed = mine.seen && other.seen && of.acked == of.of(!of.byA).isn+1 && mine.outgoing != other.outgoing
	return of, lost
}

// take is room for a handshake, the oldest one's if there is no other.
func (h *handshakes) take(key connKey, tick int64) (of *handshake, lost bool) {
	if h.at == nil {
		h.at = map[connKey]int{}
	}
	i := h.next
	if len(h.ring) < maxHandshakes {
		i = len(h.ring)
		h.ring = append(h.ring, handshake{})
	} else {
		h.next = (h.next + 1) % maxHandshakes
		if old := &h.ring[i]; old.a.seen || old.b.seen {
			delete(h.at, old.key)
			lost = tick-old.tick < unusedAfter
		}
	}
	h.ring[i], h.at[key] = handshake{key: key}, i
	return &h.ring[i], lost
}
