package store

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"github.com/throughline-io/throughline/pkg/span"
)

// seenFrom is the span of a trace's code in a pod on a node, some minutes from the start.
func seenFrom(n int, pod, node string, at int64) *span.Span {
	s := app(uint64(n), traceID(byte(n)), byte(n))
	s.Start, s.Node = start+at*minute, node
	if pod != "" {
		s.PodIP = netip.MustParseAddr(pod)
	}
	return s
}

func watch(t *testing.T, s *Store, node, address string, source span.Source, since, until int64) {
	t.Helper()
	w := Watch{Address: netip.MustParseAddr(address), Source: source, Node: node, Agent: "agent-" + node, Since: start + since*minute, Until: start + until*minute}
	if err := s.PutWatched(t.Context(), []Watch{w}); err != nil {
		t.Fatal(err)
	}
}

func TestATraceSaysWhoLookedAtItsPodsThen(t *testing.T) {
	t.Parallel()
	s := open(t)
	for until := int64(30); until <= 60; until++ { // a report a minute
		watch(t, s, "node1", "10.0.0.1", span.SYS, 30, until)
	}
	watch(t, s, "node1", "10.0.0.1", span.NET, 30, 90)
	watch(t, s, "node1", "fd00::1", span.NET, 0, 100)
	watch(t, s, "node2", "10.0.0.1", span.SYS, 0, 500) // a network of its own
	for i, c := range []struct {
		what, pod, node string
		at              int64 // minutes
		sys, net        bool
	}{
		{"while both captures report", "10.0.0.1", "node1", 40, true, true},
		{"long before the agent came", "10.0.0.1", "node1", 20, false, false},
		{"an agent that died would have seen it", "10.0.0.1", "node1", 70, true, true},
		{"nobody replaced the agent that died", "10.0.0.1", "node1", 80, false, true},
		{"neither is there any more", "10.0.0.1", "node1", 110, false, false},
		{"an address that is used twice", "10.0.0.1", "node3", 40, false, false},
		{"the node is not known", "10.0.0.1", "", 110, true, false},
		{"IPv6", "fd00::1", "node1", 40, false, true},
		{"a pod no agent ever looked at", "10.9.9.9", "node1", 40, false, false},
		{"nobody knows where it ran", "", "node1", 40, false, false},
	} {
		one := seenFrom(i+1, c.pod, c.node, c.at)
		insert(t, s, batch(one))
		d := trace(t, s, one.TraceID.String())
		if sys, net := d.Watched.At(one.PodIP, c.node, one.Start); sys != c.sys || net != c.net {
			t.Errorf("%s: system calls %v, packets %v; want %v, %v", c.what, sys, net, c.sys, c.net)
		}
		several, err := s.Traces(t.Context(), TracesQuery{IDs: []string{one.TraceID.String()}})
		if err != nil {
			t.Fatal(err)
		}
		if sys, net := several.Traces[one.TraceID.String()].Watched.At(one.PodIP, c.node, one.Start); sys != c.sys || net != c.net {
			t.Errorf("%s, among several traces: system calls %v, packets %v; want %v, %v", c.what, sys, net, c.sys, c.net)
		}
	}
	execute(t, s, "OPTIMIZE TABLE watched FINAL")
	if n := text(t, s, "SELECT count() FROM watched"); n != "4" {
		t.Errorf("%s rows of 4 watches: each report is one more", n)
	}
}

// What agents say of the present changes; of the past it does not.
func TestWhoLookedIsAskedAgainOnlyOfThePresent(t *testing.T) {
	t.Parallel()
	ip := netip.MustParseAddr("10.0.0.1")
	hour := watchedRound
	var c watchCache
	c.put([]netip.Addr{ip}, 0, hour, 0, map[netip.Addr][]Watch{ip: {{Address: ip, Source: span.SYS}}})
	known := func(from, to, now int64) bool {
		return len(c.get([]netip.Addr{ip}, from, to, now, map[netip.Addr][]Watch{})) == 0
	}
	for _, r := range []struct {
		what          string
		from, to, now int64
		want          bool
	}{
		{"at once", 0, hour, watchedFresh, true},
		{"later", 0, hour, watchedFresh + 1, false},
		{"another hour", hour, 2 * hour, 1, false},
	} {
		if got := known(r.from, r.to, r.now); got != r.want {
			t.Errorf("%s: known %v, want %v", r.what, got, r.want)
		}
	}
	c.put([]netip.Addr{ip}, 0, hour, hour+watchedAfter+1, nil)
	if !known(0, hour, 100*hour) {
		t.Error("it is asked again of what was over when it was read")
	}
	for i := range maxWatched + 1 {
		c.put([]netip.Addr{netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)})}, 0, hour, 0, nil)
	}
	if len(c.byIP) > maxWatched {
		t.Errorf("%d addresses are kept", len(c.byIP))
	}
}

func TestWhoLookedAtFewAddressesIsReadOnce(t *testing.T) {
	t.Parallel()
	s := open(t)
	watch(t, s, "node1", "10.0.0.1", span.SYS, 0, 60)
	look := func(n int, pod string) (statements int, sys bool) {
		one := seenFrom(n, pod, "node1", 10)
		insert(t, s, batch(one))
		d := trace(t, s, one.TraceID.String())
		sys, _ = d.Watched.At(one.PodIP, "node1", one.Start)
		return d.Statements, sys
	}
	first, sys := look(1, "10.0.0.2")
	second, other := look(2, "10.0.0.1")
	if sys || !other || second != first-1 {
		t.Errorf("%v and %v with %d and %d statements: want that the second knows from the first", sys, other, first, second)
	}
	// Where there are too many, each is asked for.
	var many []Watch
	for i := range allWatched + 1 {
		many = append(many, Watch{Address: netip.AddrFrom4([4]byte{10, 1, byte(i >> 8), byte(i)}), Source: span.NET, Node: "node1", Agent: "a", Since: start, Until: start + 60*minute})
	}
	if err := s.PutWatched(t.Context(), many); err != nil {
		t.Fatal(err)
	}
	reader := openAs(t, "owner", s.config.Database)
	for n, address := range []string{"10.0.0.1", "10.1.0.7", "10.2.0.1"} {
		one := seenFrom(10+n, address, "node1", 10)
		insert(t, s, batch(one))
		d := trace(t, reader, one.TraceID.String())
		if sys, net := d.Watched.At(one.PodIP, "node1", one.Start); sys != (n == 0) || net != (n == 1) {
			t.Errorf("%s: system calls %v, packets %v", address, sys, net)
		}
	}
}

// A data source may read from a store whose server is not of its version yet.
func TestWithoutTheTableNobodyIsKnownToHaveLooked(t *testing.T) {
	t.Parallel()
	s := open(t)
	one := seenFrom(1, "10.0.0.1", "node1", 1)
	insert(t, s, batch(one))
	execute(t, s, "DROP TABLE watched")
	if d := trace(t, s, one.TraceID.String()); d.Watched != nil || len(d.Spans) != 1 {
		t.Errorf("watched %v, %d spans", d.Watched, len(d.Spans))
	}
	if err := s.PutWatched(t.Context(), []Watch{{Address: one.PodIP}}); err == nil {
		t.Error("what cannot be stored is no error")
	} else if fmt.Sprint(err) == "" {
		t.Error("it does not say why")
	}
}

// That nobody looked is kept for a while, also of addresses that no trace had yet; a first report ends that.
func TestAFirstReportIsSeenAtOnce(t *testing.T) {
	t.Parallel()
	s := open(t)
	now := time.Now().UnixNano()
	one, other := seenFrom(1, "10.0.0.1", "node1", 0), seenFrom(2, "10.0.0.2", "node1", 0)
	for _, one := range []*span.Span{one, other} {
		one.Start = now
		insert(t, s, batch(one))
	}
	looked := func(of *span.Span) bool {
		sys, _ := trace(t, s, of.TraceID.String()).Watched.At(of.PodIP, "node1", of.Start)
		return sys
	}
	if looked(one) || looked(other) {
		t.Error("somebody looked before anybody said so")
	}
	if err := s.PutWatched(t.Context(), []Watch{{Address: other.PodIP, Source: span.SYS, Node: "node1", Agent: "a", Since: now - minute, Until: now + minute}}); err != nil {
		t.Fatal(err)
	}
	if looked(one) || !looked(other) {
		t.Error("the report of an agent is not seen")
	}
}
