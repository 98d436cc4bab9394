package session_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/throughline-io/throughline/agent/session"
)

// lasting is an observer that notes what is reported while it lasts.
func lasting(told *[]string) *observer {
	o := observe()
	o.options.OnOpen = func(s *session.Session) {
		*told = append(*told, fmt.Sprintf("%s %s %s at %d answer %d", s.L7.Type, s.L7.Resource, s.L7.Status, s.Ended/second, s.AnswerSeq))
		s.Told.ID = 7
	}
	o.conn = session.NewConn(o.options)
	return o
}

func (o *observer) sweepUntil(from, to int64) {
	for s := from; s <= to; s++ {
		o.conn.Sweep(s*second, s*second)
	}
}

// A query of ten minutes is seen after ten seconds, a few times while it lasts, and then as a whole.
func TestAQueryIsReportedWhileItLasts(t *testing.T) {
	t.Parallel()
	var told []string
	o := lasting(&told)
	pieces := cut([]turn{{fromClient, packet(0, "\x03SELECT fast")}, {fromServer, packet(1, okPacket)}, {fromClient, packet(0, "\x03SELECT slow")}, {fromServer, packet(1, okPacket)}}, 1, 500, whole)
	o.feed(pieces[:3]...)
	o.sweepUntil(1, 9)
	if len(told) > 0 {
		t.Errorf("after 9 s: %q", told)
	}
	o.sweepUntil(10, 600)
	answer := pieces[3].seg.Seq
	var want []string
	for _, at := range []int{11, 71, 142, 284, 568} { // the first sweep at which it is 10 s old, and then twice as long and a minute more
		want = append(want, fmt.Sprintf("COM_QUERY SELECT slow open at %d answer %d", at, answer))
	}
	if !slices.Equal(told, want) {
		t.Errorf("told\n%s, want\n%s", strings.Join(told, "\n"), strings.Join(want, "\n"))
	}
	pieces[3].seg.Enter, pieces[3].seg.Exit = 600*second, 600*second
	o.feed(pieces[3])
	o.wantEnds(t, "complete ok; complete ok")
	if s := o.full[1]; s.Told.ID != 7 || s.Response.Seq != answer || s.Response.LastExit != 600*second {
		t.Errorf("at its end: %+v", s)
	}
	if s := o.full[0]; s.Told.ID != 0 || s.AnswerSeq != 0 {
		t.Errorf("the one that was answered at once: %+v", s)
	}
}

// An answer that goes on for long lasts, too, and where it began is known.
func TestAStreamIsReportedWhileItLasts(t *testing.T) {
	t.Parallel()
	var told []string
	o := lasting(&told)
	pieces := cut([]turn{{fromClient, get}, {fromServer, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"}, {fromServer, "5\r\nhello\r\n"}, {fromServer, "0\r\n\r\n"}}, 1, 500, whole)
	o.feed(pieces[0], pieces[1])
	for s := int64(1); s < 40; s++ {
		o.conn.Sweep(s*second, s*second)
	}
	o.feed(pieces[2], pieces[3])
	o.conn.Close()
	if len(told) != 1 || !strings.HasSuffix(told[0], "answer 500") {
		t.Errorf("told %q", told)
	}
	if got := o.ends(); !strings.HasPrefix(got, "complete ok") {
		t.Errorf("ends: %s", got)
	}
}

// What ends without an answer keeps the place that was told, so that its rows replace one another.
// Pings, requests that were answered and pipelined ones that wait for their turn are not told.
func TestWhatIsToldEnds(t *testing.T) {
	t.Parallel()
	var told []string
	o := lasting(&told)
	o.conn.Syn(true, 0)
	o.conn.Syn(false, 499)
	o.feed(cut([]turn{{fromClient, get}}, 1, 500, whole)...)
	o.sweepUntil(1, 20)
	o.conn.Reset(30 * second)
	o.conn.Close()
	o.wantEnds(t, "reset reset at 30")
	if len(told) != 1 || o.full[0].AnswerSeq != 500 {
		t.Errorf("told %q, at its end %d", told, o.full[0].AnswerSeq)
	}

	told = nil
	o = lasting(&told)
	o.feed(cut([]turn{{fromClient, packet(0, "\x0e")}}, 1, 500, whole)...) // COM_PING
	o.sweepUntil(1, 100)
	if len(told) > 0 {
		t.Errorf("a ping: %q", told)
	}

	told = nil
	o = lasting(&told)
	o.feed(cut([]turn{{fromClient, get + get}}, 1, 500, whole)...)
	o.sweepUntil(1, 50)
	if len(told) != 1 {
		t.Errorf("two that were pipelined: %q, want the one that is next to be answered", told)
	}
}

// However the wall clock is set, a request is as old as it is.
func TestClockIsSetWhileARequestLasts(t *testing.T) {
	t.Parallel()
	for _, step := range []int64{180, -180} {
		var told []string
		o := lasting(&told)
		o.conn.Sweep(1000*second, 5*second)
		pieces := cut([]turn{{fromClient, get}}, 1, 1, whole)
		pieces[0].seg.Enter, pieces[0].seg.Exit = 1000*second, 1000*second
		o.feed(pieces...)
		for s := range int64(5) {
			o.conn.Sweep((1000+step+s)*second, (6+s)*second)
		}
		if len(told) > 0 {
			t.Errorf("clock set by %d s: %q after 5 s", step, told)
		}
		for s := range int64(20) {
			o.conn.Sweep((1005+step+s)*second, (11+s)*second)
		}
		if len(told) != 1 {
			t.Errorf("clock set by %d s: %q after 25 s", step, told)
		}
	}
}

// How long it takes until a request is reported is the owner's to say.
func TestOpenAfter(t *testing.T) {
	t.Parallel()
	var told []string
	o := lasting(&told)
	o.options.OpenAfter = 3 * time.Second
	o.conn = session.NewConn(o.options)
	o.feed(cut([]turn{{fromClient, get}}, 1, 1, whole)...)
	o.sweepUntil(1, 5)
	if !slices.ContainsFunc(told, func(s string) bool { return strings.Contains(s, "open") }) {
		t.Errorf("told %q after 5 s", told)
	}
}
