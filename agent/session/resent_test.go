package session_test

import (
	"slices"
	"testing"

	"github.com/throughline-io/throughline/agent/session"
)

const (
	posted   = "POST /orders HTTP/1.1\r\nHost: shop\r\nContent-Length: 4\r\n\r\n"
	body     = "item"
	answered = "HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\nok"
)

// In front of a loss packets are seen again, and belong to the message they carry; behind
// it the request is complete only when the missing packet has come.
func TestLostRequestPacket(t *testing.T) {
	t.Parallel()
	pieces := cut([]turn{{fromClient, posted}, {fromClient, body}, {fromServer, answered}}, 100, 500, whole)
	head, rest, answer := pieces[0], pieces[1], pieces[2]
	late := func(p piece) piece {
		p.seg.Enter, p.seg.Exit = p.seg.Exit+200e6-100, p.seg.Exit+200e6
		return p
	}
	f := func(name string, seen []piece, resent uint16, begin, end int64) {
		t.Helper()
		o := observe()
		o.conn.Syn(true, head.seg.Seq-1)
		o.feed(seen...)
		if len(o.full) != 1 {
			t.Fatalf("%s: %d sessions, want 1; ledger: %v", name, len(o.full), o.ledger.Rows())
		}
		r := o.full[0].Request
		if r.Resent != resent || r.FirstEnter != begin || r.LastExit != end {
			t.Errorf("%s: sent again %d, from %d to %d; want %d, %d, %d", name, r.Resent, r.FirstEnter, r.LastExit, resent, begin, end)
		}
	}
	whenAnswered := late(late(answer))
	f("nothing is lost", []piece{head, rest, answer}, 0, head.seg.Enter, rest.seg.Exit)
	f("in front of a lost body", []piece{head, rest, late(rest), late(late(rest)), whenAnswered}, 2, head.seg.Enter, rest.seg.Exit)
	f("behind a lost body", []piece{head, late(rest), whenAnswered}, 0, head.seg.Enter, late(rest).seg.Exit)
	f("in front of a lost header", []piece{head, rest, late(head), whenAnswered}, 1, head.seg.Enter, rest.seg.Exit)
	f("behind a lost header", []piece{rest, late(head), whenAnswered}, 0, rest.seg.Enter, late(head).seg.Exit)
	both := late(head)
	both.seg.Len, both.seg.Data = head.seg.Len+rest.seg.Len, slices.Concat(head.seg.Data, rest.seg.Data)
	f("both in one packet", []piece{head, both, whenAnswered}, 1, head.seg.Enter, both.seg.Exit)
	probe := late(rest)
	probe.seg.Seq, probe.seg.Len, probe.seg.Data = rest.seg.Seq+3, 1, rest.seg.Data[3:]
	f("a keep-alive probe", []piece{head, rest, probe, whenAnswered}, 0, head.seg.Enter, rest.seg.Exit)
}

// What is seen again of a session that was reported is told to whoever wants to know.
func TestResponseSeenAgain(t *testing.T) {
	t.Parallel()
	var seqs []uint32
	o := observe()
	o.conn = session.NewConn(session.Options{
		Local: client, Remote: server, Counters: session.NewCounters(&o.ledger, "NET"),
		OnSession: func(*session.Session) {},
		OnResent: func(outgoing bool, seq uint32) {
			if outgoing {
				t.Error("the response came in")
			}
			seqs = append(seqs, seq)
		},
	})
	pieces := cut([]turn{{fromClient, posted + body}, {fromServer, answered}}, 100, 500, whole)
	o.feed(pieces...).feed(pieces[1], pieces[1])
	if !slices.Equal(seqs, []uint32{500, 500}) {
		t.Errorf("seen again at %v, want 500 twice", seqs)
	}
}
