package session_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/throughline-io/throughline/agent/l7"
	"github.com/throughline-io/throughline/agent/session"
)

// What one side says may look like a request. It is none where the other side's bytes are no answer.
func TestTheOtherSideConfirmsAProtocol(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		turns    []turn
		mistaken uint64
	}{
		"one, then the end": {[]turn{{fromClient, get}, {fromServer, "+OK\r\n"}}, 1},
		"several":           {[]turn{{fromClient, get}, {fromServer, "+OK\r\n"}, {fromClient, get}, {fromServer, "-ERR unknown command\r\n"}, {fromClient, get}, {fromServer, "+OK\r\n"}}, 3},
		"as of MySQL":       {[]turn{{fromClient, packet(0, "\x03SELECT 1")}, {fromServer, "nothing that MySQL says"}}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := observe().feed(cut(c.turns, 1, 1, whole)...)
			o.conn.Close()
			for _, s := range o.full {
				if s.End != session.Mistaken {
					t.Errorf("%+v", s)
				}
			}
			if len(o.full) != len(o.requests) {
				t.Errorf("%d requests were reported, and %d ended", len(o.requests), len(o.full))
			}
			o.wantLine(t, "dropped: requests of a protocol that the other side does not speak", c.mistaken)
		})
	}
}

// Whom nobody answers is believed, and one bad answer of a connection that was confirmed is no reason
// for doubt.
func TestWhatIsNotRefutedIsBelieved(t *testing.T) {
	t.Parallel()
	o := observe().feed(cut([]turn{{fromClient, get}}, 1, 1, whole)...)
	o.conn.Reset(second)
	o.conn.Close()
	o.wantEnds(t, "reset reset at 1")

	o = observe().feed(cut([]turn{{fromClient, get}, {fromServer, ok5}, {fromClient, get}, {fromServer, "+OK\r\n"}, {fromClient, get}, {fromServer, ok5}}, 1, 1, whole)...)
	o.conn.Close()
	if got := o.ends(); strings.Count(got, "complete ok") != 2 || len(o.full) != 3 {
		t.Errorf("ends %s", got)
	}
}

// counted is a protocol that is never there, and how often it is asked.
func counted() (*l7.Protocol, *int) {
	n := new(int)
	return &l7.Protocol{Name: "NONE", Detect: func([]byte) l7.Match { *n++; return l7.MatchNone }}, n
}

// However much an unknown connection says, only so much is looked at; then it is left until it is
// opened anew.
func TestUnknownConnectionsAreLeft(t *testing.T) {
	t.Parallel()
	o := observe()
	none, looks := counted()
	o.options.Protocols = append(slices.Clone(l7.All), none)
	o.conn = session.NewConn(o.options)
	var turns []turn
	for range 5000 {
		turns = append(turns, turn{fromClient, "\x16\x03\x01 unknown"}, turn{fromServer, "\x16\x03\x03 either"})
	}
	o.feed(cut(turns, 1, 1, whole)...)
	if *looks > 1100 { // a segment may be asked about twice
		t.Errorf("asked %d times", *looks)
	}
	o.wantLine(t, "left out: connections of no known protocol", 1)
	o.wantLine(t, "ignored: segments of no known protocol", 10_000)

	o.conn.Syn(true, 5)
	o.feed(cut([]turn{{fromClient, get}, {fromServer, ok5}}, 6, 1, whole)...)
	o.wantEnds(t, "complete ok")
}

// A beginning that comes in many pieces is one look.
func TestABeginningInPieces(t *testing.T) {
	t.Parallel()
	o := observe().feed(cut([]turn{{fromClient, "PROPFIND /" + strings.Repeat("a", 100) + " HTTP/1.1\r\nHost: a\r\n\r\n"}, {fromServer, ok5}}, 1, 1, func(int) int { return 1 })...)
	o.wantEnds(t, "complete ok")
}

// Behind a body that capture met in its middle the connection is known from the next message on, also
// where the same side goes on. Whether it is that message or the next one that is answered then, nobody knows.
func TestABodyMetInItsMiddle(t *testing.T) {
	t.Parallel()
	o := observe()
	o.feed(cut([]turn{{fromClient, strings.Repeat("body, ", 10_000)}, {fromClient, get}, {fromServer, ok5}, {fromClient, get}, {fromServer, ok5}}, 1, 1, func(int) int { return 60 })...)
	o.wantEnds(t, "unknown unknown; complete ok")
}

// What is switched off is not seen.
func TestProtocolsSwitchedOff(t *testing.T) {
	t.Parallel()
	chosen, err := l7.All.Chosen(map[string]bool{"mysql": false, "http": true})
	if err != nil {
		t.Fatal(err)
	}
	o := observe()
	o.options.Protocols = chosen
	o.conn = session.NewConn(o.options)
	o.feed(cut([]turn{{fromClient, packet(0, "\x03SELECT 1")}, {fromServer, packet(1, okPacket)}}, 1, 1, whole)...)
	if o.conn.Close(); len(o.full) != 0 {
		t.Errorf("%+v", o.full)
	}
	if _, err := l7.All.Chosen(map[string]bool{"htpp": false}); err == nil || !strings.Contains(err.Error(), "http, http2, mysql") {
		t.Errorf("a protocol that is none: %v", err)
	}
	if got := l7.All.Hinted(40000, 3306); got[0].Name != "MySQL" || len(got) != len(l7.All) || l7.All[0].Name != "HTTP" {
		t.Errorf("hinted: %v", got)
	}
}
