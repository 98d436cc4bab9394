package session_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/throughline-io/throughline/agent/session"
)

const second = int64(1e9)

func (o *observer) wantLine(t *testing.T, what string, count uint64) {
	t.Helper()
	if !slices.ContainsFunc(o.ledger.Rows(), is(what, count)) {
		t.Errorf("no line %q with %d in %v", what, count, o.ledger.Rows())
	}
}

// A tail loss probe repeats the body of a POST some milliseconds later; a keep-alive probe
// repeats a byte that is long known.
func TestSegmentsSentAgainAreNoMessages(t *testing.T) {
	t.Parallel()
	pieces := cut([]turn{{fromClient, postHead}, {fromClient, postBody}, {fromServer, noContent}}, 1000, 1, whole)
	probe := pieces[1]
	probe.seg.Exit += 5e6
	alive := piece{fromClient, session.Segment{Seq: 1000 + uint32(len(postHead+postBody)) - 1, Len: 1, Data: []byte{0}, Exit: 9e9}}
	o := observe().feed(pieces[0], pieces[1], probe, pieces[2], probe, alive)
	if len(o.full) != 1 || o.full[0].Request.Size != uint64(len(postHead+postBody)) || o.full[0].Request.LastExit != pieces[1].seg.Exit {
		t.Errorf("%+v", o.full)
	}
	o.wantLine(t, "ignored: segments seen before", 3)
}

func TestUnansweredRequestsAreGivenUp(t *testing.T) {
	t.Parallel()
	o := observe().feed(cut([]turn{{fromClient, get}}, 1, 1, whole)...)
	o.conn.Sweep(second, second)
	o.conn.Sweep(599*second, 599*second)
	if len(o.sessions) != 0 {
		t.Fatalf("given up too early: %+v", o.sessions)
	}
	o.conn.Sweep(610*second, 610*second)
	o.want(t, []summary{{"HTTP GET /items/42?full=1", "0 unanswered", 1, 0, uint64(len(get)), 0, false}})
	if s := o.full[0]; s.End != session.Unanswered || s.Ended != 610*second {
		t.Errorf("end %d at %d: it waited until it was given up", s.End, s.Ended)
	}
}

func TestCloseReportsWhatIsOpen(t *testing.T) {
	t.Parallel()
	head := "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\npart"
	o := observe().feed(cut([]turn{{fromClient, get}, {fromServer, head}}, 1, 1, whole)...)
	o.conn.Close()
	o.want(t, []summary{{"HTTP GET /items/42?full=1", "200 ok", 1, 1, uint64(len(get)), uint64(len(head)), true}})

	o = observe().feed(cut([]turn{{fromClient, get}}, 1, 1, whole)...)
	o.conn.Close()
	o.want(t, []summary{{"HTTP GET /items/42?full=1", "0 unknown", 1, 0, uint64(len(get)), 0, false}})
}

// Without a length the body ends with the connection.
func TestBodyUntilClose(t *testing.T) {
	t.Parallel()
	response := "HTTP/1.0 200 OK\r\n\r\nall that comes"
	o := observe().feed(cut([]turn{{fromClient, "GET / HTTP/1.0\r\n\r\n"}, {fromServer, response}}, 1, 1, func(int) int { return 10 })...)
	o.conn.Sweep(3*second, 3*second)
	if len(o.sessions) != 0 {
		t.Fatalf("ended by silence: %+v", o.sessions)
	}
	o.conn.Close()
	o.want(t, []summary{{"HTTP GET /", "200 ok", 1, 1, 18, uint64(len(response)), true}})
}

// Where a header's end was not captured, the length is not known: the response ends with
// the next request, or with silence.
func TestHeaderCutOff(t *testing.T) {
	t.Parallel()
	long := "HTTP/1.1 200 OK\r\nSet-Cookie: " + strings.Repeat("c", 2000) + "\r\nContent-Length: 4\r\n\r\nbody"
	pieces := cut([]turn{{fromClient, get}, {fromServer, long}, {fromClient, get}, {fromServer, long}}, 1, 1, whole)
	for i := range pieces {
		pieces[i].seg.Data = pieces[i].seg.Data[:min(1024, len(pieces[i].seg.Data))]
	}
	o := observe().feed(pieces...)
	if len(o.sessions) != 1 {
		t.Fatalf("%d sessions before the silence, want 1", len(o.sessions))
	}
	o.conn.Sweep(12*second, 12*second)
	n := uint32(len(get))
	o.want(t, []summary{
		{"HTTP GET /items/42?full=1", "200 ok", 1, 1, uint64(n), uint64(len(long)), true},
		{"HTTP GET /items/42?full=1", "200 ok", 1 + n, 1 + uint32(len(long)), uint64(n), uint64(len(long)), true},
	})
}

func TestRestartForgetsTheOldConnection(t *testing.T) {
	t.Parallel()
	o := observe().feed(cut([]turn{{fromClient, get}}, 1, 1, whole)...)
	o.conn.Restart()
	o.feed(cut([]turn{{fromClient, packet(0, "\x03COMMIT")}, {fromServer, packet(1, okPacket)}}, 900, 800, whole)...)
	o.want(t, []summary{
		{"HTTP GET /items/42?full=1", "0 unknown", 1, 0, uint64(len(get)), 0, false},
		{"MySQL COM_QUERY COMMIT", "0 ok", 900, 800, 11, 11, true},
	})
}

// A connection that becomes another protocol, or TLS after MySQL's login, is not read further.
func TestUpgradeEndsReading(t *testing.T) {
	t.Parallel()
	upgrade := "HTTP/1.1 101 Switching Protocols\r\nUpgrade: IRC/6.9\r\n\r\n"
	o := observe().feed(cut([]turn{{fromClient, get}, {fromServer, upgrade}, {fromClient, get}, {fromServer, ok5}}, 1, 1, whole)...)
	o.want(t, []summary{{"HTTP GET /items/42?full=1", "101 ok", 1, 1, uint64(len(get)), uint64(len(upgrade)), true}})
	o.wantLine(t, "ignored: segments after upgrade or encryption", 2)
}

func TestUnknownProtocolIsCounted(t *testing.T) {
	t.Parallel()
	o := observe().feed(cut([]turn{{fromClient, "\x16\x03\x01\x02\x00\x01\x00\x01\xfc"}, {fromServer, "\x16\x03\x03\x00\x7a"}}, 1, 1, whole)...)
	o.want(t, nil)
	o.wantLine(t, "ignored: segments of no known protocol", 2)
}

// However much is never answered or never arrives, a connection keeps only so much.
func TestMemoryIsBounded(t *testing.T) {
	t.Parallel()
	o := observe()
	seq := uint32(1)
	for range 1000 { // requests without responses
		s := session.Segment{Seq: seq, Len: len(get), Data: []byte(get), Enter: 1, Exit: 1}
		o.conn.Feed(true, &s)
		seq += uint32(len(get))
	}
	if open := len(o.requests) - len(o.sessions); open != 256 {
		t.Errorf("%d requests wait", open)
	}
	o.wantLine(t, "dropped: too many requests wait on a connection", 744)

	o = observe()
	o.conn.Syn(true, 0)
	for i := range uint32(1000) { // every second segment is missing
		s := session.Segment{Seq: 1 + uint32(len(get))*(2*i+1), Len: len(get), Data: []byte(get), Enter: 1, Exit: 1}
		o.conn.Feed(true, &s)
	}
	if len(o.requests) < 1000-65 {
		t.Errorf("%d of 1000 requests were looked at", len(o.requests))
	}

	o = observe()
	s := session.Segment{Len: 1000, Data: []byte("GET / HTTP/1.1\r\n" + strings.Repeat("X: y\r\n", 164)), Enter: 1, Exit: 1}
	for i := range uint32(1000) { // a header that never ends
		s.Seq = 1 + i*1000
		o.conn.Feed(true, &s)
		s.Data = []byte(strings.Repeat("X: yyyy\r\n", 112))[:1000]
	}
	if got := fmt.Sprint(o.requests); got != "[GET /]" {
		t.Errorf("%s of an endless header", got)
	}
}
