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

const start = int64(1_790_000_000_000_000_000)

// linker is a Linker with a clock of its own, and the edges it found.
type linker struct {
	*Linker
	edges  []span.Edge
	clock  time.Time
	ledger ledger.Ledger
}

func newLinker() *linker {
	l := &linker{clock: time.Unix(1_790_000_000, 0)}
	l.Linker = New(func(e span.Edge) { l.edges = append(l.edges, e) }, &l.ledger)
	l.now = func() time.Time { return l.clock }
	return l
}

// sp is an s-p that reads its request at at and begins to answer after room.
func sp(at, room int64, seq uint32) *span.Span {
	return &span.Span{Source: span.SYS, Point: span.PointServerProcess, Client: client, PodIP: pod, Start: at, Duration: uint64(room) + 1000, ResponseStart: uint64(room), RequestSeq: seq, ResponseSeq: seq + 1}
}

func root(n byte, at int64) Root {
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
		"the s-p first":  func(l *linker) { l.Process(sp(start, 1000, 1)); l.Root(root(1, start+10)) },
		"the root first": func(l *linker) { l.Root(root(1, start+10)); l.Process(sp(start, 1000, 1)) },
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
		l.Root(root(byte(i+1), start+i*1000+450))
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
	l.Root(root(1, start+50)) // ends at start+9000, whatever was read meanwhile
	l.Root(root(2, start+5050))
	l.want(t, edge(1, 1, start), edge(2, 11, start+5000))
}

func TestWhatDoesNotMatchIsNotLinked(t *testing.T) {
	t.Parallel()
	for name, r := range map[string]Root{
		"before the first read": root(1, start-1),
		"after the first write": root(1, start+1001),
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
	l.Root(root(1, start+10))
	l.want(t)
}

func TestAMappedAddressIsTheAddress(t *testing.T) {
	t.Parallel()
	l := newLinker()
	r := root(1, start+10)
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
	l.Root(root(1, start+10))
	l.want(t)
}

func TestNobodyWaitsForEver(t *testing.T) {
	t.Parallel()
	l := newLinker()
	l.Root(root(1, start+10))
	l.Process(sp(start+1e9, 1000, 11))
	l.clock = l.clock.Add(keepTime + time.Second)
	l.Process(sp(start, 1000, 1)) // too late for the root
	l.Root(root(2, start+1e9+5))  // too late for the s-p
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
		l.Root(root(1, at+100))
	}
}
