package link

import (
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/throughline-io/throughline/agent/ledger"
	"github.com/throughline-io/throughline/pkg/span"
)

var (
	client = netip.MustParseAddrPort("10.244.0.5:40000")
	pod    = netip.MustParseAddr("10.244.1.10")
)

// start is of a clock of nanoseconds.
const start = int64(1_790_000_000_000_000_001)

// linker is a Linker with a clock of its own, and the edges it found.
type linker struct {
	*Linker
	edges  []span.Edge
	clock  time.Time
	ledger ledger.Ledger
}

func newLinker() *linker {
	l := &linker{clock: time.Unix(1_790_000_000, 0)}
	l.Linker = New(func(e span.Edge) { l.edges = append(l.edges, e) }, func(a netip.Addr) netip.Addr { return a }, &l.ledger)
	l.now = func() time.Time { return l.clock }
	return l
}

// sp is an s-p that reads its request at at and begins to answer after room.
func sp(at, room int64, seq uint32) *span.Span {
	return &span.Span{Source: span.SYS, Point: span.PointServerProcess, Client: client, PodIP: pod, Start: at, Duration: uint64(room) + 1000, ResponseStart: uint64(room), RequestSeq: seq, ResponseSeq: seq + 1}
}

func rootAt(n byte, at int64) Root {
	return Root{TraceID: span.TraceID{n}, Pod: pod, Client: client, Start: at}
}

func edge(n byte, seq uint32, at int64) span.Edge {
	return span.Edge{A: span.TraceGroup(span.TraceID{n}), B: span.WireGroup(seq, seq+1), Time: at, Kind: span.EdgeRoot}
}

func (l *linker) want(t *testing.T, want ...span.Edge) {
	t.Helper()
	if !slices.Equal(l.edges, want) {
		t.Errorf("edges\n%v, want\n%v", l.edges, want)
	}
}

func TestARootBelongsToTheRequestItStartsIn(t *testing.T) {
	t.Parallel()
	for name, order := range map[string]func(l *linker){
		"the s-p first":  func(l *linker) { l.Process(sp(start, 1000, 1)); l.Root(rootAt(1, start+10)) },
		"the root first": func(l *linker) { l.Root(rootAt(1, start+10)); l.Process(sp(start, 1000, 1)) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLinker()
			order(l)
			l.want(t, edge(1, 1, start))
		})
	}
}

// On one kept-alive connection each root finds its own request, in any order of arrival.
func TestRequestsOfOneConnectionAreToldApart(t *testing.T) {
	t.Parallel()
	l := newLinker()
	for i := range int64(100) {
		l.Process(sp(start+i*1000, 900, uint32(10*i+1)))
	}
	var want []span.Edge
	for i := int64(99); i >= 0; i-- {
		l.Root(rootAt(byte(i+1), start+i*1000+450))
		want = append(want, edge(byte(i+1), uint32(10*i+1), start+i*1000))
	}
	l.want(t, want...)
}

// An answer that is flushed early ends the s-p's part long before the handler ends; the
// next request is read while the old span is still open.
func TestTheStartDecidesNotTheEnd(t *testing.T) {
	t.Parallel()
	l := newLinker()
	l.Process(sp(start, 100, 1))
	l.Process(sp(start+5000, 100, 11))
	l.Root(rootAt(1, start+50)) // ends at start+9000, whatever was read meanwhile
	l.Root(rootAt(2, start+5050))
	l.want(t, edge(1, 1, start), edge(2, 11, start+5000))
}

func TestWhatDoesNotMatchIsNotLinked(t *testing.T) {
	t.Parallel()
	for name, r := range map[string]Root{
		"before the first read": rootAt(1, start-1),
		"after the first write": rootAt(1, start+1001),
		"another client port":   {TraceID: span.TraceID{1}, Pod: pod, Client: netip.AddrPortFrom(client.Addr(), 40001), Start: start + 10},
		"another pod":           {TraceID: span.TraceID{1}, Pod: netip.MustParseAddr("10.244.1.11"), Client: client, Start: start + 10},
		"no trace id":           {Pod: pod, Client: client, Start: start + 10},
		"no peer":               {TraceID: span.TraceID{1}, Pod: pod, Start: start + 10},
	} {
		l := newLinker()
		l.Process(sp(start, 1000, 1))
		l.Root(r)
		l.Process(sp(start+1_000_000, 1000, 11))
		if len(l.edges) != 0 {
			t.Errorf("%s: %v", name, l.edges)
		}
	}
}

func TestTwoThatMatchAreNone(t *testing.T) {
	t.Parallel()
	l := newLinker()
	other := sp(start+1, 1000, 11)
	l.Process(sp(start, 1000, 1))
	l.Process(other)
	l.Root(rootAt(1, start+10))
	l.want(t)
}

func TestAMappedAddressIsTheAddress(t *testing.T) {
	t.Parallel()
	l := newLinker()
	r := rootAt(1, start+10)
	r.Client = netip.AddrPortFrom(netip.AddrFrom16(client.Addr().As16()), client.Port())
	l.Process(sp(start, 1000, 1))
	l.Root(r)
	l.want(t, edge(1, 1, start))
}

func TestOtherPointsAndUnansweredRequestsAreIgnored(t *testing.T) {
	t.Parallel()
	l := newLinker()
	net, unanswered := sp(start, 1000, 1), sp(start, 1000, 1)
	net.Point, unanswered.ResponseSeq = span.PointServer, 0
	l.Process(net)
	l.Process(unanswered)
	l.Root(rootAt(1, start+10))
	l.want(t)
}

func TestNobodyWaitsForEver(t *testing.T) {
	t.Parallel()
	l := newLinker()
	l.Root(rootAt(1, start+10))
	l.Process(sp(start+1e9, 1000, 11))
	l.clock = l.clock.Add(keepTime + time.Second)
	l.Process(sp(start, 1000, 1))  // too late for the root
	l.Root(rootAt(2, start+1e9+5)) // too late for the s-p
	l.want(t)
	if n := l.ledger.Counter("link", "APP", "not linked: no s-p seen").Load(); n != 1 {
		t.Errorf("ledger: %d roots without s-p", n)
	}
}

func TestTheWindowIsBounded(t *testing.T) {
	t.Parallel()
	var w window[int]
	w.limit = 3
	dropped := 0
	for i := range 5000 {
		if w.add(netip.AddrPortFrom(pod, uint16(i%7)), int64(5000-i), time.Time{}, i) {
			dropped++
		}
	}
	kept := 0
	for _, list := range w.byKey {
		kept += len(list)
	}
	if kept != 3 || w.count != 3 || dropped != 4997 {
		t.Errorf("%d kept, %d counted, %d dropped", kept, w.count, dropped)
	}
	if len(w.order) > 4096 {
		t.Errorf("%d places for 3 values", len(w.order))
	}
}

func BenchmarkKeptAlive(b *testing.B) {
	l := newLinker()
	l.edge = func(span.Edge) {}
	at := start
	b.ReportAllocs()
	for b.Loop() {
		at += 1000
		l.Process(sp(at, 900, uint32(at)|1))
		l.Root(rootAt(1, at+100))
	}
}

// OpenTelemetry's JavaScript SDK starts spans at whole milliseconds: before the request was read,
// and before the request before was answered.
func TestARootOfAMillisecondClock(t *testing.T) {
	t.Parallel()
	const ms = int64(1_000_000)
	second := start - start%1_000_000_000
	at := func(i int64) int64 { return second + i*2*ms + 300_000 }
	for name, order := range map[string]func(l *linker, i int64){
		"the s-p first": func(l *linker, i int64) {
			l.Process(sp(at(i), 400_000, uint32(10*i+1)))
			l.Root(rootAt(byte(i+1), second+i*2*ms))
		},
		"the root first": func(l *linker, i int64) {
			l.Root(rootAt(byte(i+1), second+i*2*ms))
			l.Process(sp(at(i), 400_000, uint32(10*i+1)))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLinker()
			l.clock = time.Unix(0, second)
			var want []span.Edge
			for i := range int64(100) {
				order(l, i)
				want = append(want, edge(byte(i+1), uint32(10*i+1), at(i)))
			}
			l.clock = l.clock.Add(settling)
			l.Settle()
			l.want(t, want...)
		})
	}
}

// Two requests in one millisecond are told apart by what was asked for and answered; where that is
// the same nobody knows which is meant.
func TestTwoRequestsInOneMillisecond(t *testing.T) {
	t.Parallel()
	millisecond := start - start%1_000_000
	asks := func(at int64, seq uint32, method, target string, code int32) *span.Span {
		s := sp(at, 100_000, seq)
		s.Type, s.Resource, s.Code = method, target, code
		return s
	}
	for _, c := range []struct {
		name   string
		second *span.Span
		want   int
	}{
		{"another path", asks(millisecond+500_000, 11, "GET", "/other", 200), 1},
		{"another method", asks(millisecond+500_000, 11, "POST", "/items?n=2", 200), 1},
		{"another status", asks(millisecond+500_000, 11, "GET", "/items", 404), 1},
		{"the same", asks(millisecond+500_000, 11, "GET", "/items?n=2", 200), 0},
	} {
		for _, late := range []bool{false, true} {
			l := newLinker()
			l.clock = time.Unix(0, millisecond)
			r := rootAt(1, millisecond)
			r.Method, r.Target, r.Code = "GET", "/items", 200
			l.Process(asks(millisecond+200_000, 1, "GET", "/items?n=1", 200))
			if late {
				l.Root(r)
			}
			l.Process(c.second)
			if !late {
				l.Root(r)
			}
			l.clock = l.clock.Add(settling)
			l.Settle()
			if len(l.edges) != c.want || c.want == 1 && l.edges[0] != edge(1, 1, millisecond+200_000) {
				t.Errorf("%s: %v", c.name, l.edges)
			}
		}
	}
}

// A request with a trace context has a parent in its code's span: it needs no room here.
func TestRequestsWithAContextAreNotKept(t *testing.T) {
	t.Parallel()
	l := newLinker()
	s := sp(start, 1000, 1)
	s.TraceID = span.TraceID{9}
	l.Process(s)
	if l.processes.count != 0 {
		t.Errorf("%d kept", l.processes.count)
	}
}

// Whichever of its addresses a pod is called by, it is the same.
func TestAPodWithSeveralAddresses(t *testing.T) {
	t.Parallel()
	second := netip.MustParseAddr("fd00::10")
	l := newLinker()
	l.pod = func(a netip.Addr) netip.Addr {
		if a == second {
			return pod
		}
		return a
	}
	l.Process(sp(start, 1000, 1))
	r := rootAt(1, start+10)
	r.Pod = second
	l.Root(r)
	l.want(t, edge(1, 1, start))
}
