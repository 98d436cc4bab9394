package main

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/throughline-io/throughline/agent/l7"
	"github.com/throughline-io/throughline/agent/ledger"
	"github.com/throughline-io/throughline/agent/session"
	"github.com/throughline-io/throughline/agent/session/sessiontest"
)

// conversations are files of what clients and servers of each protocol say: one of a protocol that is added is
// measured with the others.
const conversations = "agent/session/testdata/wire/*.txt"

const (
	parseRuns  = 40 // short: the least of them was not disturbed
	parseTurns = 500
)

// parsed is what it costs to read a protocol.
type parsed struct {
	file      string
	ns, bytes float64 // of a message: a request, or an answer
}

// parse measures what reading each protocol costs, by the last exchange of its conversations said again and again: of the
// beginning of a connection nothing is in it. Bytes are those that are allocated.
func parse() error {
	runtime.LockOSThread() // whose CPU time is measured
	defer runtime.UnlockOSThread()
	files, err := filepath.Glob(conversations)
	if err != nil || len(files) == 0 {
		return errors.Join(err, fmt.Errorf("there is no %s: run it where the sources are", conversations))
	}
	protocols := map[string][]parsed{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		c, err := sessiontest.Read(string(text))
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		if protocol, p, ok := measureConversation(c); ok {
			p.file = strings.TrimSuffix(filepath.Base(file), ".txt")
			protocols[protocol] = append(protocols[protocol], p)
		}
	}
	fmt.Printf("\nreading of messages: CPU ns and bytes allocated, the cheapest and the dearest of the exchanges that were recorded; %s\n", load1())
	for _, name := range slices.Sorted(maps.Keys(protocols)) {
		list := protocols[name]
		least := slices.MinFunc(list, func(a, b parsed) int { return cmp.Compare(a.ns, b.ns) })
		most := slices.MaxFunc(list, func(a, b parsed) int { return cmp.Compare(a.ns, b.ns) })
		bytes := slices.MaxFunc(list, func(a, b parsed) int { return cmp.Compare(a.bytes, b.bytes) })
		fmt.Printf("  %-12s %6.0f ns a message (%s), %6.0f ns (%s); at most %.0f bytes a message (%s); %d exchanges\n",
			name, least.ns, least.file, most.ns, most.file, bytes.bytes, bytes.file, len(list))
	}
	for _, p := range l7.All {
		if len(protocols[p.Name]) == 0 {
			fmt.Printf("  %-12s no exchange in %s can be said again\n", p.Name, conversations)
		}
	}
	fmt.Printf("  %-12s %6.0f ns a segment\n", "unknown", measureUnknown())
	return nil
}

// Ends of the connections; the ports are nobody's.
var (
	parseLocal  = netip.MustParseAddrPort("10.0.0.1:40000")
	parseRemote = netip.MustParseAddrPort("10.0.0.2:40001")
)

// listener is a connection on which a conversation goes on.
type listener struct {
	conn     *session.Conn
	seqs     [2]uint32
	now      int64
	sessions int
	protocol string
}

func newListener(counters *session.Counters) *listener {
	l := &listener{seqs: [2]uint32{1, 2}}
	l.conn = session.NewConn(session.Options{
		Local: parseLocal, Remote: parseRemote, Counters: counters,
		OnSession: func(s *session.Session) {
			l.sessions++
			if l.protocol = s.L7.Protocol; s.L7.Protocol == l7.HTTP.Name && s.AtOnce {
				l.protocol = l7.HTTP2.Name
			}
		},
	})
	l.conn.Syn(true, 0)
	l.conn.Syn(false, 1)
	return l
}

func (l *listener) hear(said []sessiontest.Said) {
	for i := range said {
		s, side := &said[i].Segment, 0
		if !said[i].Client {
			side = 1
		}
		l.now += 1000
		s.Seq, s.Ack, s.Enter, s.Exit = l.seqs[side], l.seqs[1-side], l.now, l.now+100
		l.seqs[side] += uint32(s.Len)
		l.conn.Feed(said[i].Client, s)
	}
}

// measureConversation says the last exchange of a conversation that can be said again and again; false if there is none.
func measureConversation(c sessiontest.Conversation) (protocol string, p parsed, ok bool) {
	for end := len(c.Said); end > 0 && !ok; end-- {
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
		protocol, p, ok = measureExchange(c.Said[:begin], c.Said[begin:end])
	}
	return protocol, p, ok
}

// measureExchange says an exchange again and again, behind others.
func measureExchange(behind, again []sessiontest.Said) (protocol string, p parsed, ok bool) {
	l := newListener(session.NewCounters(new(ledger.Ledger), "SYS"))
	l.hear(behind)
	l.hear(again)
	before := l.sessions
	l.hear(again)
	each := l.sessions - before
	lasting := each == 0 && lasts(behind, again)
	if each == 0 && !lasting {
		return "", p, false
	}
	p.ns = math.Inf(1)
	for range parseRuns {
		before := l.sessions
		var was, is runtime.MemStats
		runtime.ReadMemStats(&was)
		began := threadCPU()
		for range parseTurns {
			l.hear(again)
		}
		took := threadCPU() - began
		runtime.ReadMemStats(&is)
		if l.sessions-before != parseTurns*each {
			return "", p, false // each must be as the first
		}
		messages := float64(2 * parseTurns * each)
		if lasting {
			messages = float64(parseTurns * len(again))
		}
		if ns := float64(took) / messages; ns < p.ns {
			p.ns, p.bytes = ns, float64(is.TotalAlloc-was.TotalAlloc)/messages
		}
	}
	l.conn.Close()
	return l.protocol, p, true
}

// lasts reports whether an exchange is part of a session that is as long as its connection.
func lasts(behind, again []sessiontest.Said) bool {
	l := newListener(session.NewCounters(new(ledger.Ledger), "SYS"))
	l.hear(behind)
	l.hear(again)
	if l.sessions > 0 {
		return false
	}
	l.conn.Close()
	return l.protocol == l7.WebSocket.Name
}

// measureUnknown is what a segment of no known protocol costs while its connection is looked at.
func measureUnknown() float64 {
	const size, looks = 200, 256 // before it is left
	noise := rand.New(rand.NewPCG(1, 2))
	data := make([]byte, 64<<10)
	for i := range data {
		data[i] = byte(noise.Uint32())
	}
	counters := session.NewCounters(new(ledger.Ledger), "SYS")
	least := math.Inf(1)
	for run := range 40 * parseRuns {
		conn := session.NewConn(session.Options{Local: parseLocal, Remote: parseRemote, Counters: counters})
		s := session.Segment{Seq: 1, Len: size}
		began := threadCPU()
		for i := range looks {
			at := (run*looks + i) * 61 % (len(data) - size)
			s.Data = data[at : at+size]
			conn.Feed(true, &s)
			s.Seq += size
			s.Exit += 200e6 // it takes a turn with each
		}
		least = min(least, float64(threadCPU()-began)/looks)
	}
	return least
}
