package session_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/throughline-io/throughline/agent/ledger"
	"github.com/throughline-io/throughline/agent/session"
)

// ends are the ends of an observer's sessions, with their times in seconds.
func (o *observer) ends() string {
	names := map[session.End]string{session.Complete: "complete", session.Reset: "reset", session.Closed: "closed", session.Unanswered: "unanswered", session.Unknown: "unknown"}
	var list []string
	for _, s := range o.full {
		text := fmt.Sprintf("%s %s", names[s.End], s.L7.Status)
		if s.Ended != 0 {
			text += fmt.Sprintf(" at %g", float64(s.Ended)/float64(second))
		}
		list = append(list, text)
	}
	return strings.Join(list, "; ")
}

func (o *observer) wantEnds(t *testing.T, want string) {
	t.Helper()
	if got := o.ends(); got != want {
		t.Errorf("ends: %s, want %s\nledger %v", got, want, o.ledger.Rows())
	}
}

// How a request without an answer ended is told by what was seen, and when by when it was.
func TestHowARequestEnds(t *testing.T) {
	t.Parallel()
	asked := func() *observer {
		o := observe().feed(cut([]turn{{fromClient, get}}, 1, 1, whole)...)
		o.conn.Sweep(second, second)
		return o
	}
	o := asked()
	o.conn.Reset(5 * second)
	o.conn.Close()
	o.wantEnds(t, "reset reset at 5")

	o = asked()
	o.conn.Fin(false, 3*second) // the server, and later the client
	o.conn.Fin(true, 4*second)
	o.conn.Close()
	o.wantEnds(t, "closed closed at 3")

	o = asked()
	o.conn.Fin(true, 4*second)
	o.conn.Close()
	o.wantEnds(t, "closed closed at 4")

	o = asked()
	o.conn.Close() // capture ends
	o.wantEnds(t, "unknown unknown")

	o = asked()
	o.conn.Sweep(599*second, 599*second)
	o.conn.Sweep(610*second, 610*second)
	o.conn.Reset(700 * second)
	o.conn.Close()
	o.wantEnds(t, "unanswered unanswered at 610")

	o = observe().feed(cut([]turn{{fromClient, get}, {fromServer, ok5}}, 1, 1, whole)...)
	o.conn.Reset(5 * second)
	o.conn.Close()
	o.wantEnds(t, "complete ok")

	head := "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\npart"
	o = observe().feed(cut([]turn{{fromClient, get}, {fromServer, head}}, 1, 1, whole)...)
	o.conn.Reset(5 * second)
	o.conn.Close()
	o.wantEnds(t, "reset ok at 5") // what was answered says how, and that it is not all
}

// One side that sends nothing more is still answered.
func TestHalfClosed(t *testing.T) {
	t.Parallel()
	pieces := cut([]turn{{fromClient, get}, {fromServer, ok5}}, 1, 1, whole)
	o := observe().feed(pieces[0])
	o.conn.Fin(true, second)
	for s := int64(1); s < 30; s++ {
		o.conn.Sweep(s*second, s*second)
	}
	if o.conn.Closing() {
		t.Error("one side's end is taken for both")
	}
	o.feed(pieces[1])
	o.wantEnds(t, "complete ok")
}

// Where only the client is seen, its next request proves an answer: how it was is unknown, and
// it took no longer. Nothing is kept for an answer that will not be seen.
func TestNextRequestProvesAnAnswer(t *testing.T) {
	t.Parallel()
	o := observe()
	for i, p := range cut([]turn{{fromClient, get}, {fromClient, get}, {fromClient, get}}, 1, 1, whole) {
		p.seg.Enter, p.seg.Exit = int64(i+1)*10*second, int64(i+1)*10*second
		o.feed(p)
		for s := range int64(5) {
			at := p.seg.Exit + s*second
			o.conn.Sweep(at, at)
		}
	}
	o.wantEnds(t, "unknown unknown at 20; unknown unknown at 30")
	if !o.conn.OneSided() {
		t.Error("two sides of one")
	}
	o.conn.Fin(true, 40*second)
	o.conn.Close()
	o.wantEnds(t, "unknown unknown at 20; unknown unknown at 30; closed closed at 40")
}

// Pipelined requests prove nothing: their answers come in turn, whenever that is.
func TestPipelinedRequestsWait(t *testing.T) {
	t.Parallel()
	o := observe()
	o.conn.Syn(true, 0)
	o.conn.Syn(false, 0)
	pieces := cut([]turn{{fromClient, get + get}, {fromServer, ok5 + noContent}}, 1, 1, whole)
	o.feed(pieces[0])
	for s := range int64(60) {
		o.conn.Sweep(s*second, s*second)
	}
	o.feed(pieces[1])
	o.wantEnds(t, "complete ok; complete ok")
}

// A wall clock that is set ends nothing, and keeps nothing for longer.
func TestClockIsSet(t *testing.T) {
	t.Parallel()
	for _, step := range []int64{180, -180, 86400, -86400} {
		o := observe()
		wall := int64(1000)
		pieces := cut([]turn{{fromClient, get}, {fromServer, ok5}}, 1, 1, whole)
		begin := pieces[0]
		begin.seg.Enter, begin.seg.Exit = wall*second, wall*second
		o.conn.Sweep(wall*second, 5*second)
		o.feed(begin)
		wall += step
		for s := range int64(590) {
			o.conn.Sweep((wall+s)*second, (6+s)*second)
		}
		o.wantEnds(t, "")
		for s := range int64(20) {
			o.conn.Sweep((wall+590+s)*second, (596+s)*second)
		}
		if got := o.ends(); !strings.HasPrefix(got, "unanswered unanswered") {
			t.Errorf("clock set by %d s: %q after 616 s", step, got)
		}
	}
}

// Server-sent events come in chunks with pauses between them. A chunk whose end was not
// captured does not end the answer: it goes on at the next chunk's beginning.
func TestStreamWithPauses(t *testing.T) {
	t.Parallel()
	event := func(n int) string { return fmt.Sprintf("%x\r\n%s\r\n", n, strings.Repeat("e", n)) }
	f := func(name string, captured int, events ...string) {
		t.Helper()
		turns := []turn{{fromClient, get}, {fromServer, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"}}
		for _, e := range events {
			turns = append(turns, turn{fromServer, e})
		}
		turns = append(turns, turn{fromServer, "0\r\n\r\n"})
		o := observe()
		size := uint64(0)
		for i, p := range cut(turns, 1, 1, whole) {
			at := int64(i) * 4 * second
			p.seg.Enter, p.seg.Exit = at, at+1000
			p.seg.Data = p.seg.Data[:min(len(p.seg.Data), captured)]
			if p.from == fromServer {
				size += uint64(p.seg.Len)
			}
			o.feed(p)
			for s := range int64(4) {
				o.conn.Sweep(at+s*second, at+s*second)
			}
		}
		o.wantEnds(t, "complete ok")
		if r := o.full[0].Response; r.Size != size || r.FirstEnter != 4*second || r.LastExit != int64(len(turns)-1)*4*second+1000 {
			t.Errorf("%s: answer of %d bytes from %d to %d, want %d until the last chunk", name, r.Size, r.FirstEnter, r.LastExit, size)
		}
		if what := "dropped: segments at which no message begins"; slices.ContainsFunc(o.ledger.Rows(), func(r ledger.Row) bool { return r.What == what && r.Count > 0 }) {
			t.Errorf("%s: %s", name, what)
		}
	}
	f("small chunks", 1024, event(50), event(80), event(20))
	f("a long chunk", 1024, event(50), event(3000), event(80))
	f("two chunks in one write, and the second's head not captured", 1024, event(2000)+event(500), event(80), event(90))
	f("nothing but the first bytes", 100, event(200)+event(200), event(200)+event(300), event(30))
}

// An answer that takes minutes is its request's.
func TestSlowAnswer(t *testing.T) {
	t.Parallel()
	pieces := cut([]turn{{fromClient, packet(0, "\x03SELECT slow")}, {fromServer, packet(1, okPacket)}}, 1, 1, whole)
	o := observe().feed(pieces[0])
	for s := int64(1); s < 1200; s++ {
		o.conn.Sweep(s*second, s*second)
	}
	pieces[1].seg.Enter, pieces[1].seg.Exit = 1200*second, 1200*second
	o.feed(pieces[1])
	o.wantEnds(t, "complete ok")
}

// PHP-FPM reads the record that ends a request when it has answered and said that it will say no more: on a connection
// that is over. Nothing is lost with it, and it is no request.
func TestTheEndOfAFastCGIRequestIsReadLate(t *testing.T) {
	t.Parallel()
	for _, padding := range []int{0, 8} {
		o := observe().feed(cut([]turn{{fromClient, fcgi(5, 1, "", padding)}}, 1, 1, whole)...)
		o.conn.Close()
		o.wantEnds(t, "")
		if rows := o.ledger.Rows(); len(rows) != 1 {
			t.Errorf("want no line but of one segment, got %v", rows)
		}
	}
}
