package session_test

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/throughline-io/throughline/agent/l7"
	"github.com/throughline-io/throughline/agent/ledger"
	"github.com/throughline-io/throughline/agent/session"
)

var (
	client = netip.MustParseAddrPort("10.244.1.10:40000")
	server = netip.MustParseAddrPort("10.244.3.10:8080")
)

// speaker is one side of a conversation.
type speaker bool

const (
	fromClient speaker = true
	fromServer speaker = false
)

// turn is what one side says without being answered in between.
type turn struct {
	from speaker
	text string
}

// piece is a turn's part as one segment carries it.
type piece struct {
	from speaker
	seg  session.Segment
}

// cut makes segments of turns: size(i) is the length of the i-th, the rest of the turn if
// it is 0 or more than that. Segment i has time 1000*(i+1), entry 100 before its exit.
func cut(turns []turn, clientSeq, serverSeq uint32, size func(i int) int) []piece {
	var out []piece
	seqs := map[speaker]uint32{fromClient: clientSeq, fromServer: serverSeq}
	for _, t := range turns {
		for rest := []byte(t.text); len(rest) > 0; {
			i := len(out)
			n := size(i)
			if n <= 0 || n > len(rest) {
				n = len(rest)
			}
			at := int64(1000 * (i + 1))
			out = append(out, piece{t.from, session.Segment{
				Seq: seqs[t.from], Ack: seqs[!t.from], Len: n, Data: rest[:n], Enter: at - 100, Exit: at, Goroutine: uint64(i + 1),
			}})
			seqs[t.from] += uint32(n)
			rest = rest[n:]
		}
	}
	return out
}

func whole(int) int { return 0 }

// summary is what must not depend on how the bytes came in pieces.
type summary struct {
	Request, Response         string // what was asked, and the code
	RequestSeq, ResponseSeq   uint32
	RequestSize, ResponseSize uint64
	HasResponse               bool
}

func summarize(s *session.Session) summary {
	return summary{
		Request: s.L7.Protocol + " " + s.L7.Type + " " + s.L7.Resource, Response: fmt.Sprint(s.L7.Code, " ", s.L7.Status),
		RequestSeq: s.Request.Seq, ResponseSeq: s.Response.Seq, RequestSize: s.Request.Size, ResponseSize: s.Response.Size,
		HasResponse: s.HasResponse,
	}
}

// observer collects a connection's sessions as its client's or server's process sees them.
type observer struct {
	conn     *session.Conn
	options  session.Options
	ledger   ledger.Ledger
	requests []string
	sessions []summary
	full     []session.Session
}

func observe() *observer {
	o := &observer{}
	o.options = session.Options{
		Protocols: append(slices.Clone(l7.All), &multiplexed),
		Local:     client, Remote: server, Counters: faultless(&o.ledger),
		OnRequest: func(s *session.Session) { o.requests = append(o.requests, s.L7.Type+" "+s.L7.Resource) },
		OnSession: func(s *session.Session) {
			o.sessions = append(o.sessions, summarize(s))
			o.full = append(o.full, *s)
		},
	}
	o.conn = session.NewConn(o.options)
	return o
}

// talk feeds what each side says, from sequence number 1 on.
func (o *observer) talk() func(from speaker, text string) {
	next := map[speaker]uint32{fromClient: 1, fromServer: 1}
	return func(from speaker, text string) {
		o.conn.Feed(bool(from), &session.Segment{Seq: next[from], Len: len(text), Data: []byte(text), Enter: 1, Exit: 1})
		next[from] += uint32(len(text))
	}
}

func (o *observer) feed(pieces ...piece) *observer {
	for _, p := range pieces {
		o.conn.Feed(bool(p.from), &p.seg)
	}
	return o
}

// wantBounded wants the connection to keep little, prints how much, and nothing of it when it is closed.
func (o *observer) wantBounded(t *testing.T) {
	t.Helper()
	const most = 2 << 20
	if n := o.conn.Bytes(); n > most {
		t.Errorf("%d bytes", n)
	} else {
		t.Logf("%d bytes", n)
	}
	o.conn.Close()
	if o.conn.Kept() != 0 {
		t.Errorf("%d bytes are kept for nothing", o.conn.Kept())
	}
}

func (o *observer) want(t *testing.T, want []summary) {
	t.Helper()
	if diff := cmp.Diff(want, o.sessions); diff != "" {
		t.Errorf("sessions (-want +got):\n%s\nledger: %v", diff, o.ledger.Rows())
	}
}

func packet(id byte, payload string) string {
	n := len(payload)
	return string([]byte{byte(n), byte(n >> 8), byte(n >> 16), id}) + payload
}

const okPacket = "\x00\x00\x00\x02\x00\x00\x00"

// is finds a line of the ledger.
func is(what string, count uint64) func(ledger.Row) bool {
	return func(r ledger.Row) bool { return r.What == what && r.Count == count }
}
