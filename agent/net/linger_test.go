package net

import (
	"encoding/binary"
	"testing"

	"github.com/throughline-io/throughline/agent/ledger"
	"github.com/throughline-io/throughline/agent/topology"
	"github.com/throughline-io/throughline/pkg/span"
)

// interfaceOf is an interface in front of a loss: what it hands on is collected.
func interfaceOf(got *[]span.Span) *tap {
	c := &Capture{count: newCounters(new(ledger.Ledger)), local: addressesOf(&topology.Node{}), taps: map[int]*tap{}, room: room{limit: defaultMemory}}
	c.cfg = Config{Sink: func(s *span.Span) { *got = append(*got, *s) }}
	c.taps[1] = newTap(c, "cali1", typeVeth, 1)
	return c.taps[1]
}

// sees lets a packet pass at a time in ms.
func (t *tap) sees(ms int64, fromClient bool, seq uint32, text string) {
	segment := tcp(pushAck, text)
	binary.BigEndian.PutUint32(segment[4:], seq)
	src, dst := podA, podB
	if !fromClient {
		src, dst = podB, podA
		segment[0], segment[1], segment[2], segment[3] = segment[2], segment[3], segment[0], segment[1]
	}
	frame := eth(etherIPv4, ip4(protoTCP, src, dst, segment))
	t.packet(&captured{data: frame, wireLen: len(frame), time: ms * 1e6, outgoing: !fromClient})
}

const (
	question = "GET /a HTTP/1.1\r\n\r\n"
	reply    = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
)

// A reply that comes again after its session was complete is counted in its span.
func TestLostReplyIsCounted(t *testing.T) {
	t.Parallel()
	var got []span.Span
	at := interfaceOf(&got)
	at.sees(1000, true, 1, question)
	at.sees(1001, false, 1, reply)
	at.releaseDue(1200e6)
	at.sees(1205, false, 1, reply) // sent again
	at.releaseDue(1300e6)
	at.sees(1620, false, 1, reply) // and again, after twice the time
	at.releaseDue(1700e6)
	if len(got) != 0 {
		t.Fatalf("a span that may be counted for once more was handed on: %+v", got)
	}
	at.releaseDue(4000e6)
	if len(got) != 1 || got[0].Retransmissions != 2 || got[0].Duration != 1e6 {
		t.Fatalf("%+v, want one span of 1 ms with 2 retransmissions", got)
	}
}

// Who asks the next question has its answer: its span waits no longer.
func TestNextQuestionReleasesTheSpan(t *testing.T) {
	t.Parallel()
	var got []span.Span
	at := interfaceOf(&got)
	at.sees(1000, true, 1, question)
	at.sees(1001, false, 1, reply)
	at.sees(1002, true, 1+uint32(len(question)), question)
	if len(got) != 1 || got[0].Retransmissions != 0 {
		t.Fatalf("%+v, want the first span", got)
	}
	for _, k := range at.conns {
		k.end()
	}
	if len(got) != 2 || at.lingering.n != 0 {
		t.Errorf("%d spans, %d still kept; want 2 and none", len(got), at.lingering.n)
	}
}

// A question that is sent again is counted too, and its span ends no later for it.
func TestLostQuestionIsCounted(t *testing.T) {
	t.Parallel()
	var got []span.Span
	at := interfaceOf(&got)
	at.sees(1000, true, 1, question)
	at.sees(1210, true, 1, question)
	at.sees(1211, false, 1, reply)
	at.releaseDue(2000e6)
	if len(got) != 1 || got[0].Retransmissions != 1 || got[0].RequestEnd != 0 || got[0].Duration != 211e6 {
		t.Fatalf("%+v, want one span of 211 ms with 1 retransmission", got)
	}
}

// However many connections linger, memory is bounded and no span is lost.
func TestLingeringIsBounded(t *testing.T) {
	t.Parallel()
	var got []span.Span
	at := interfaceOf(&got)
	k := at.open(connKey{aPort: 1, bPort: 2})
	for i := range maxLinger + 10 {
		at.linger(k, &span.Span{ID: uint64(i)}, 0)
	}
	if at.lingering.n != maxLinger || len(got) != 10 {
		t.Errorf("%d kept, %d handed on; want %d and 10", at.lingering.n, len(got), maxLinger)
	}
	at.releaseDue(lingerFor)
	if at.lingering.n != 0 || len(got) != maxLinger+10 {
		t.Errorf("%d kept, %d handed on; want none and all", at.lingering.n, len(got))
	}
}
