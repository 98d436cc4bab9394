package session_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/throughline-io/throughline/agent/session"
)

// dialogue is a conversation of which each turn is one message or a part of one.
type dialogue struct {
	name      string
	turns     []turn
	pipelined bool
	window    bool // one request is always open
}

// dialogues are what is lost from. Each request and each answer is another one's.
func dialogues() []dialogue {
	list := []dialogue{{"http in turn", nil, false, false}, {"http, three at once", nil, true, false}, {"mysql in turn", nil, false, false}, {"mysql, three at once", nil, true, false}, {"http, the next before the last is answered", nil, true, true}}
	for i := range 12 {
		path, status := fmt.Sprintf("GET /item/%c HTTP/1.1\r\nHost: a\r\n\r\n", 'a'+i), fmt.Sprintf("HTTP/1.1 2%02d OK\r\nContent-Length: %d\r\n\r\n%0*d", i, i+1, i+1, 0)
		query, ok := packet(0, fmt.Sprintf("\x03SELECT %c", 'a'+i)), packet(1, fmt.Sprintf("\x00%c\x00\x02\x00\x00\x00", 1+i))
		list[0].turns = append(list[0].turns, turn{fromClient, path}, turn{fromServer, status})
		list[2].turns = append(list[2].turns, turn{fromClient, query}, turn{fromServer, ok})
		for at, text := range map[int][2]string{1: {path, status}, 3: {query, ok}} {
			turns := slices.Insert(list[at].turns, len(list[at].turns)-i%3, turn{fromClient, text[0]})
			list[at].turns = append(turns, turn{fromServer, text[1]})
		}
		if i == 0 {
			list[4].turns = []turn{{fromClient, path}, {fromServer, status}}
			continue
		}
		last := len(list[4].turns) - 1
		list[4].turns = append(slices.Insert(list[4].turns, last, turn{fromClient, path}), turn{fromServer, status})
	}
	return list
}

// each feeds every dialogue without each stretch of its turns, as either end sees it.
func (d dialogue) each(t *testing.T, f func(t *testing.T, lost []piece, want []summary, got *observer)) {
	t.Parallel()
	pieces := cut(d.turns, clientISN, serverISN, whole)
	for i := range pieces { // time passes, but nobody pauses for a second
		s := &pieces[i].seg
		s.Enter, s.Exit = int64(i+1)*second/3-100, int64(i+1)*second/3
	}
	for _, local := range []speaker{fromClient, fromServer} {
		for _, synced := range []bool{true, false} {
			want := d.observe(local, synced, pieces).sessions
			for from := range pieces {
				if from < 2 && d.pipelined && (!synced || d.window) {
					continue // nothing tells that there was a request before, or that two were open at once
				}
				for to := from + 1; to <= min(from+5, len(pieces)); to++ {
					name := fmt.Sprintf("without %d to %d, %d is the client %t, begin seen %t", from, to-1, len(pieces), local, synced)
					got := d.observe(local, synced, slices.Concat(pieces[:from], pieces[to:]))
					ok := t.Run(name, func(t *testing.T) { f(t, pieces[from:to], want, got) })
					if !ok {
						return
					}
				}
			}
		}
	}
}

func (d dialogue) observe(local speaker, synced bool, pieces []piece) *observer {
	o := observe()
	if local == fromServer {
		o.options.Local, o.options.Remote = server, client
		o.conn = session.NewConn(o.options)
	}
	if synced {
		o.conn.Syn(local == fromClient, clientISN-1)
		o.conn.Syn(local != fromClient, serverISN-1)
	}
	for _, p := range pieces {
		p.from = p.from == local
		o.feed(p)
	}
	o.conn.Close()
	return o
}

func (s summary) touches(lost []piece) bool {
	return slices.ContainsFunc(lost, func(p piece) bool {
		return p.from == fromClient && p.seg.Seq == s.RequestSeq || p.from == fromServer && p.seg.Seq == s.ResponseSeq
	})
}

// Whatever is lost, no answer is taken for that to another request.
func TestALossShiftsNoPair(t *testing.T) {
	t.Parallel()
	for _, d := range dialogues() {
		t.Run(d.name, func(t *testing.T) {
			d.each(t, func(t *testing.T, lost []piece, want []summary, o *observer) {
				for _, g := range o.sessions {
					if g.HasResponse && !slices.Contains(want, g) {
						t.Errorf("nobody answered so: %+v\n%v", g, o.ledger.Rows())
					}
				}
				missing := 0
				for _, s := range want {
					if !slices.Contains(o.sessions, s) && !s.touches(lost) {
						missing++
					}
				}
				if missing > 1 && !d.pipelined && lost[0].seg.Seq != clientISN { // till the protocol is known

					t.Errorf("%d sessions are missing of which all was seen: %+v\n%v", missing, o.sessions, o.ledger.Rows())
				}
			})
		})
	}
}
