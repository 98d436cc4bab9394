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

// measureConversation says the last exchange of a conversation that can be said again and again; false if there is none.
func measureConversation(c sessiontest.Conversation) (protocol string, p parsed, ok bool) {
	again, ok := sessiontest.LastExchange(c)
	if !ok {
		return "", p, false
	}
	messages := float64(2 * parseTurns * again.Each)
	if again.Each == 0 { // it is part of a session that lasts
		messages = float64(parseTurns * again.Said)
	}
	p.ns = math.Inf(1)
	for range parseRuns {
		var was, is runtime.MemStats
		runtime.ReadMemStats(&was)
		began := threadCPU()
		for range parseTurns {
			again.Say()
		}
		took := threadCPU() - began
		runtime.ReadMemStats(&is)
		if ns := float64(took) / messages; ns < p.ns {
			p.ns, p.bytes = ns, float64(is.TotalAlloc-was.TotalAlloc)/messages
		}
	}
	return again.Protocol, p, true
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
