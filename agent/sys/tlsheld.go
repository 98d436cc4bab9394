package sys

import (
	"slices"
	"time"
	"unsafe"

	"github.com/throughline-io/throughline/agent/tlsrecord"
	"github.com/throughline-io/throughline/bpf"
)

// heldCall is a call of a library that waits until its socket is known, or what it has written is sent.
type heldCall struct {
	event event
	when  int64
	at    *tlsrecord.Place // nil: not looked for yet
}

// GiveUp no longer waits, of tied connections, for the calls that send what was written.
func (t *tlsTable) GiveUp(now int64) {
	for _, k := range t.connections {
		if k.socket != nil && len(k.held) > 0 && time.Duration(now-k.held[0].when) > heldPatience {
			t.flush(k)
		}
	}
}

// flush delivers what is held of a tied connection, wherever it lies.
func (t *tlsTable) flush(k *tlsConnection) {
	if k.socket == nil {
		return
	}
	held := k.held
	k.held = nil
	for i := range held {
		t.held -= held[i].size()
		if at := held[i].at; at != nil {
			t.deliver(k, held[i].event, *at)
		} else {
			t.deliver(k, held[i].event)
		}
	}
}

func (t *tlsTable) release(k *tlsConnection) {
	for i := range k.held {
		t.held -= k.held[i].size()
	}
	k.held = nil
}

func (h *heldCall) size() int {
	return eventSize + len(h.event.payload) + len(h.event.pieces)*int(unsafe.Sizeof(bpf.TLSTlsSlot{}))
}

// hold keeps a call; what is too much is dropped, the oldest first.
func (t *tlsTable) hold(k *tlsConnection, e event, at *tlsrecord.Place) {
	if len(k.held) >= heldMost || t.held > heldBytes {
		if len(k.held) == 0 {
			t.count.untied.Add(1)
			return
		}
		t.held -= k.held[0].size()
		k.held = k.held[1:]
		t.count.untied.Add(1)
	}
	copied := *e.SockioEvent
	e.SockioEvent, e.payload = &copied, append([]byte(nil), e.payload...)
	e.pieces = slices.Clone(e.pieces)
	k.held = append(k.held, heldCall{e, int64(e.ExitNs), at})
	t.held += k.held[len(k.held)-1].size()
}
