package sessiontest

import (
	"net/netip"

	"github.com/throughline-io/throughline/agent/l7"
	"github.com/throughline-io/throughline/agent/ledger"
	"github.com/throughline-io/throughline/agent/session"
)

// Ends of the connections; the ports are nobody's.
var (
	local  = netip.MustParseAddrPort("10.0.0.1:40000")
	remote = netip.MustParseAddrPort("10.0.0.2:40001")
)

// Again is the last exchange of a conversation that can be said again and again on one connection: of the beginning of a
// connection nothing is in it.
type Again struct {
	Protocol string
	Sessions int // that were heard so far
	Each     int // sessions of an exchange; 0: it is part of one that lasts as long as its connection
	Said     int // calls or packets of an exchange

	conn  *session.Conn
	seqs  [2]uint32
	now   int64
	again []Said
}

// LastExchange finds the last exchange of a conversation that can be said again, and says what is before it; false if there is none.
func LastExchange(c Conversation) (*Again, bool) {
	for end := len(c.Said); end > 0; end-- {
		if c.Said[end-1].Client || end < len(c.Said) && !c.Said[end].Client {
			continue // it does not end with an answer
		}
		begin := end
		for begin > 0 && !c.Said[begin-1].Client {
			begin--
		}
		for begin > 0 && c.Said[begin-1].Client {
			begin--
		}
		if a, ok := sayAgain(c.Said[:begin], c.Said[begin:end]); ok {
			return a, true
		}
	}
	return nil, false
}

// turns are how often an exchange has to be the same before it is taken for one that can be said again.
const turns = 300

func sayAgain(behind, again []Said) (*Again, bool) {
	a := listen(again)
	a.hear(behind)
	a.Say()
	before := a.Sessions
	a.Say()
	a.Each = a.Sessions - before
	if a.Each == 0 && !lasts(behind, again) {
		return nil, false
	}
	if a.Each == 0 {
		a.Protocol = l7.WebSocket.Name
	}
	before = a.Sessions
	for range turns {
		a.Say()
	}
	return a, a.Sessions-before == turns*a.Each // each is as the first
}

// lasts reports whether an exchange is part of a session that is as long as its connection.
func lasts(behind, again []Said) bool {
	a := listen(again)
	a.hear(behind)
	a.Say()
	if a.Sessions > 0 {
		return false
	}
	a.conn.Close()
	return a.Protocol == l7.WebSocket.Name
}

func listen(again []Said) *Again {
	a := &Again{seqs: [2]uint32{1, 2}, again: again, Said: len(again)}
	a.conn = session.NewConn(session.Options{
		Local: local, Remote: remote, Counters: session.NewCounters(new(ledger.Ledger), "SYS"),
		OnSession: func(s *session.Session) {
			a.Sessions++
			if a.Protocol = s.L7.Protocol; s.L7.Protocol == l7.HTTP.Name && s.AtOnce {
				a.Protocol = l7.HTTP2.Name
			}
		},
	})
	a.conn.Syn(true, 0)
	a.conn.Syn(false, 1)
	return a
}

// Say says the exchange once more.
func (a *Again) Say() { a.hear(a.again) }

func (a *Again) hear(said []Said) {
	for i := range said {
		s, side := &said[i].Segment, 0
		if !said[i].Client {
			side = 1
		}
		a.now += 1000
		s.Seq, s.Ack, s.Enter, s.Exit = a.seqs[side], a.seqs[1-side], a.now, a.now+100
		a.seqs[side] += uint32(s.Len)
		a.conn.Feed(said[i].Client, s)
	}
}
