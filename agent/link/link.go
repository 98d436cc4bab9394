// Package link joins the two views of a request at its entrance into an instrumented
// process whose caller sent no trace context: the root span of the process's own
// OpenTelemetry SDK, and the s-p span of its system calls.
//
// A SERVER span without a parent belongs to the s-p of its pod whose client address and
// port are the span's peer, and between whose first read and first write it starts:
// HTTP/1 has one request at a time on a connection. "The interval covers the span" would
// be wrong wherever an answer is flushed before the handler ends.
//
// APP spans arrive seconds after the s-p (the SDK exports in batches), or before it (an
// s-p is known when its answer ends), so both sides wait for the other for a while.
package link

import (
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/throughline-io/throughline/agent/ledger"
	"github.com/throughline-io/throughline/pkg/span"
)

// Root is a SERVER span without a parent.
type Root struct {
	TraceID span.TraceID
	Pod     netip.Addr     // whose code it is; invalid: not known
	Client  netip.AddrPort // the peer it names
	Start   int64
}

// How long a side waits for the other, and how many wait. While the store is away, SDKs
// hold their spans and send them minutes later; the s-p's were seen at once.
const (
	keepTime  = 15 * time.Minute
	keepCount = 1 << 18
)

// Linker finds pairs. It is safe for concurrent use.
type Linker struct {
	edge func(span.Edge)
	now  func() time.Time

	mu        sync.Mutex
	processes window[process]
	roots     window[Root]

	linked, alone, crowded *atomic.Uint64
}

// process is what is kept of an s-p.
type process struct {
	pod        netip.Addr
	start, end int64 // exit of the first read, entry of the first write
	group      span.GroupID
}

// New makes a Linker that hands each edge to edge, which must not call the Linker.
func New(edge func(span.Edge), l *ledger.Ledger) *Linker {
	return &Linker{
		edge:      edge,
		now:       time.Now,
		processes: window[process]{limit: keepCount},
		roots:     window[Root]{limit: keepCount},
		linked:    l.Counter("link", "APP", "linked"),
		alone:     l.Counter("link", "APP", "not linked: no s-p seen"),
		crowded:   l.Counter("link", "", "dropped: window full"),
	}
}

// Root takes a root span.
func (l *Linker) Root(r Root) {
	if r.TraceID.IsZero() || !r.Client.IsValid() {
		return
	}
	r.Client = unmap(r.Client)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.expire()
	if p, ok := l.find(r); ok {
		l.join(r, p)
		return
	}
	if l.roots.add(r.Client, r.Start, l.now(), r) {
		l.crowded.Add(1)
	}
}

// Process takes an s-p span; spans of other points are ignored.
func (l *Linker) Process(s *span.Span) {
	group := span.WireGroup(s.RequestSeq, s.ResponseSeq)
	if s.Point != span.PointServerProcess || group == 0 || !s.Client.IsValid() {
		return
	}
	p := process{pod: s.PodIP, start: s.Start, end: s.Start + int64(s.ResponseStart), group: group}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.expire()
	client := unmap(s.Client)
	l.roots.take(client, p.start, p.end, func(r Root) bool {
		if !p.matches(r) {
			return false
		}
		l.join(r, p)
		return true
	})
	if l.processes.add(client, s.Start, l.now(), p) {
		l.crowded.Add(1)
	}
}

// unmap is needed because a dual-stack listener names IPv4 peers ::ffff:a.b.c.d.
func unmap(a netip.AddrPort) netip.AddrPort {
	return netip.AddrPortFrom(a.Addr().Unmap(), a.Port())
}

func (p process) matches(r Root) bool {
	if p.pod.IsValid() && r.Pod.IsValid() && p.pod != r.Pod {
		return false
	}
	return p.start <= r.Start && r.Start <= p.end
}

// depth is how many s-p before a root are looked at. One would do but for pipelined
// requests, and for one client port that is connected to several pods.
const depth = 8

// find is the s-p that the root belongs to: of several that match, none, for no link is
// better than a wrong one.
func (l *Linker) find(r Root) (found process, ok bool) {
	for p := range l.processes.before(r.Client, r.Start, depth) {
		if !p.matches(r) || ok && p.group == found.group {
			continue
		}
		if ok {
			return process{}, false
		}
		found, ok = p, true
	}
	return found, ok
}

func (l *Linker) join(r Root, p process) {
	l.linked.Add(1)
	l.edge(span.Edge{A: span.TraceGroup(r.TraceID), B: p.group, Time: p.start, Kind: span.EdgeRoot})
}

func (l *Linker) expire() {
	before := l.now().Add(-keepTime)
	l.processes.expire(before)
	l.alone.Add(uint64(l.roots.expire(before)))
}
