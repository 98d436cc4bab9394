package net

import (
	"container/list"
	"unsafe"

	"github.com/throughline-io/throughline/pkg/span"
)

// Limits of what is kept at all interfaces of the node together, and of an interface's connections that
// nobody answered.
const (
	defaultMemory = 96 << 20
	maxConns      = 1 << 16
	maxUnanswered = 1 << 10
)

// Bytes beside what a connection's session keeps: itself, its places in a map and a list.
const (
	connBytes   = int(unsafe.Sizeof(conn{}) + unsafe.Sizeof(list.Element{}) + 2*unsafe.Sizeof(connKey{}))
	lingerBytes = int(unsafe.Sizeof(lingering{}))
)

// room is what the connections of all interfaces take together.
type room struct {
	limit        int // bytes
	bytes, conns int
}

func (r *room) full() bool { return r.bytes > r.limit || r.conns > maxConns }

// account notes what a connection takes now.
func (k *conn) account() { k.takes(k.Bytes() + connBytes + k.insideBytes()) }

func (k *conn) takes(bytes int) {
	k.tap.take(bytes - k.bytes)
	k.bytes = bytes
}

func (t *tap) take(bytes int) {
	t.bytes += bytes
	t.c.room.bytes += bytes
}

// spanBytes is what a span that is kept takes.
func spanBytes(s *span.Span) int {
	n := lingerBytes + len(s.Resource) + len(s.Endpoint) + len(s.Domain) + len(s.StatusMessage) + len(s.RequestID) + len(s.XRequestID) + len(s.XResponseID) + len(s.TraceState)
	for _, a := range s.Attributes {
		n += int(unsafe.Sizeof(a)) + len(a.Key) + len(a.Value)
	}
	return n
}

// makeRoom makes what is kept fit again. First go spans that wait for a retransmission: they are handed
// on. Then connections that nobody answered, then those idle for longest, each at the interface that has
// most of them: who floods one pays alone.
func (c *Capture) makeRoom() {
	for c.room.full() {
		unanswered, fullest := c.crowded()
		switch {
		case fullest == nil:
			return
		case c.room.bytes > c.room.limit && fullest.lingering.first != nil:
			fullest.release(fullest.lingering.first)
		case unanswered != nil:
			unanswered.dropUnanswered(unanswered.c.count.unansweredForRoom.Add)
		case fullest.answered.Len() > 0:
			c.count.idleForRoom.Add(1)
			fullest.answered.Front().Value.(*conn).end()
		default:
			return
		}
	}
}

// crowded is the interface with most connections that nobody answered, if any, and the one whose
// connections take most.
func (c *Capture) crowded() (unanswered, fullest *tap) {
	look := func(t *tap) {
		if n := t.unanswered.Len(); n > 0 && (unanswered == nil || n > unanswered.unanswered.Len()) {
			unanswered = t
		}
		if t.bytes > 0 && (fullest == nil || t.bytes > fullest.bytes) {
			fullest = t
		}
	}
	for _, t := range c.taps {
		look(t)
	}
	for _, t := range c.leaving {
		look(t)
	}
	return unanswered, fullest
}

// dropUnanswered drops the connection that waits for its answer and was not heard of for longest.
func (t *tap) dropUnanswered(count func(uint64) uint64) {
	if t.bothWays { // else nobody is ever seen to answer here
		count(1)
	}
	k := t.unanswered.Front().Value.(*conn)
	k.dropped = true
	k.end()
}
