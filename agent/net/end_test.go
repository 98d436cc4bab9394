package net

import (
	"encoding/binary"
	"testing"

	"github.com/throughline-io/throughline/pkg/span"
)

// says lets a packet without payload pass.
func (t *tap) says(ms int64, fromClient bool, flags byte, seq uint32) {
	segment := tcp(flags, "")
	binary.BigEndian.PutUint32(segment[4:], seq)
	src, dst := podA, podB
	if !fromClient {
		src, dst = podB, podA
		segment[0], segment[1], segment[2], segment[3] = segment[2], segment[3], segment[0], segment[1]
	}
	frame := eth(etherIPv4, ip4(protoTCP, src, dst, segment))
	t.packet(&captured{data: frame, wireLen: len(frame), time: ms * 1e6, outgoing: !fromClient})
}

// passes lets time pass, in seconds by both clocks.
func (t *tap) passes(from, to int64) {
	for s := from; s <= to; s++ {
		t.sweepConns(s*1e9, s*1e9)
		t.c.tick = s * 1e9
		t.releaseDue(s * 1e9)
	}
}

// A client that has sent all it has to say is still answered.
func TestHalfClosedConnectionIsAnswered(t *testing.T) {
	t.Parallel()
	var got []span.Span
	at := interfaceOf(&got)
	at.sees(1000, true, 1, question)
	at.says(1001, true, flagFIN|ack, 1+uint32(len(question)))
	at.passes(2, 5)
	at.sees(5000, false, 1, reply)
	at.says(5001, false, flagFIN|ack, 1+uint32(len(reply)))
	at.passes(6, 9)
	if len(got) != 1 || got[0].Status != span.StatusOK || got[0].Duration != 4000e6 || len(at.conns) != 0 {
		t.Errorf("%+v, %d connections; want one answer after 4 s", got, len(at.conns))
	}
}

// A request without an answer says how it ended, and lasts until then.
func TestEndOfARequestWithoutAnswer(t *testing.T) {
	t.Parallel()
	f := func(name string, status span.Status, duration uint64, end func(*tap)) {
		t.Helper()
		var got []span.Span
		at := interfaceOf(&got)
		at.says(990, true, flagSYN, 0)
		at.says(991, false, flagSYN|ack, 0)
		at.sees(1000, true, 1, question)
		at.passes(1, 2)
		end(at)
		for len(got) > 1 && got[0].Status == span.StatusOpen { // told while it lasted, at the same place
			if got[0].Group() != got[len(got)-1].Group() {
				t.Errorf("%s: told as %+v", name, got[0])
			}
			got = got[1:]
		}
		if len(got) != 1 || got[0].Status != status || got[0].Duration != duration {
			t.Errorf("%s: %+v; want %v after %d ns", name, got, status, duration)
		}
	}
	next := 1 + uint32(len(question))
	f("reset", span.StatusReset, 3000e6, func(at *tap) {
		at.says(4000, false, flagRST, 1)
		at.passes(4, 7)
	})
	f("closed", span.StatusClosed, 3000e6, func(at *tap) {
		at.says(4000, false, flagFIN|ack, 1)
		at.says(4500, true, flagFIN|ack, next)
		at.passes(5, 8)
	})
	f("unanswered", span.StatusUnanswered, 601e9, func(at *tap) { at.passes(3, 603) })
}

// Where a node redirects packets past a veth, it shows one direction: what it says of answers
// is nothing, and is left out.
func TestInterfaceThatShowsOneDirection(t *testing.T) {
	t.Parallel()
	var got []span.Span
	at := interfaceOf(&got)
	for i := range uint32(5) {
		at.sees(int64(1000+10*i), true, 1+i*uint32(len(question)), question)
	}
	at.passes(2, 4)
	at.says(5000, true, flagFIN|ack, 1+5*uint32(len(question)))
	at.passes(5, 200)
	if len(got) != 0 || at.c.count.oneSided.Load() != 5 {
		t.Errorf("%d spans, %d left out; want none and 5", len(got), at.c.count.oneSided.Load())
	}
}
