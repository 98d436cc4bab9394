// Package link joins the two views of a request at its entrance into an instrumented
// process whose caller sent no trace context: the root span of the process's own
// OpenTelemetry SDK, and the s-p span of its system calls.
//
// A SERVER span without a parent belongs to the s-p of its pod whose client address and
// port are the span's peer, and between whose first read and first write it starts:
// HTTP/1 has one request at a time on a connection. "The interval covers the span" would
// be wrong wherever an answer is flushed before the handler ends.
//
// A clock of milliseconds says an interval in which the span starts. Method, path and status tell
// requests apart that are in it; where two are left there is no link.
//
// A SERVER span that names no port, or nobody at all (a proxy's, Rack's), belongs to the only s-p of its pod in which it
// starts that asked for the same and was answered alike (see unnamed.go).
//
// APP spans arrive seconds after the s-p (the SDK exports in batches), or before it (an
// s-p is known when its answer ends), so both sides wait for the other for a while.
package link

import (
	"net/netip"
	"slices"
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
	Client  netip.AddrPort // the peer it names, as far as it does
	Start   int64

	// Method, Target (path and query) and Code are HTTP's, as far as they are known.
	Method, Target string
	Code           int32
}

// root is what is kept of a Root.
type root struct {
	traceID span.TraceID
	pod     netip.Addr
	client  netip.AddrPort
	start   int64
	end     int64 // the last moment at which it can have started
	request request
}

// waits reports whether other requests may also be meant that are known a moment later: of a coarse clock,
// or of somebody who is not named.
func (r *root) waits() bool { return r.end > r.start || r.unnamed() }

// settling is how long such a root waits for the requests that may also be meant: an s-p is known when its
// answer has ended.
const settling = 2 * time.Second

// How long a side waits for the other, and how many wait. While the store is away, SDKs
// hold their spans and send them minutes later; the s-p's were seen at once.
const (
	keepTime  = 15 * time.Minute
	keepCount = 1 << 18
)

// Linker finds pairs. It is safe for concurrent use.
type Linker struct {
	edge func(span.Edge)
	pod  func(netip.Addr) netip.Addr
	now  func() time.Time

	mu        sync.Mutex
	processes window[process]
	roots     window[root]
	young     []youngRoot // that wait, by arrival
	byPod     bool        // s-p's are kept by their pods, too

	linked, alone, several, crowded *atomic.Uint64
}

type youngRoot struct {
	root root
	came time.Time
}

// process is what is kept of an s-p.
type process struct {
	pod        netip.Addr
	start, end int64 // exit of the first read, entry of the first write
	group      span.GroupID
	client     netip.Addr
	request    request
}

// New makes a Linker that hands each edge to edge, which must not call the Linker. pod is the one of
// a pod's addresses that stands for all of them.
func New(edge func(span.Edge), pod func(netip.Addr) netip.Addr, l *ledger.Ledger) *Linker {
	return &Linker{
		edge:      edge,
		pod:       pod,
		now:       time.Now,
		processes: window[process]{limit: keepCount},
		roots:     window[root]{limit: keepCount},
		linked:    l.Counter("link", "APP", "linked"),
		alone:     l.Counter("link", "APP", "not linked: no s-p seen"),
		several:   l.Counter("link", "APP", "not linked: several s-p match"),
		crowded:   l.Counter("link", "", "dropped: window full"),
	}
}

// Root takes a root span.
func (l *Linker) Root(r Root) {
	kept := root{traceID: r.TraceID, pod: l.pod(r.Pod), client: unmap(r.Client), start: r.Start,
		end: r.Start + int64(span.ClockStep(r.Start)) - 1, request: requestOf(r.Method, r.Target, r.Code)}
	if r.TraceID.IsZero() || kept.unnamed() && !(kept.pod.IsValid() && kept.request.known()) {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	l.settle(now)
	if kept.unnamed() {
		l.keepByPod(now)
	}
	if kept.waits() && now.Sub(time.Unix(0, r.Start)) < settling {
		if len(l.young) < keepCount {
			l.young = append(l.young, youngRoot{kept, now})
			return
		}
		l.crowded.Add(1)
	}
	l.decide(kept, now)
}

// Settle decides about what has waited long enough. It is called every second or so: there may be
// no further span.
func (l *Linker) Settle() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.settle(l.now())
}

func (l *Linker) settle(now time.Time) {
	n := 0
	for n < len(l.young) && now.Sub(l.young[n].came) >= settling {
		l.decide(l.young[n].root, now)
		n++
	}
	l.young = slices.Delete(l.young, 0, n)
	l.expire(now)
}

// decide joins a root with its s-p, or lets it wait for that.
func (l *Linker) decide(r root, now time.Time) {
	switch p, n := l.find(&r); {
	case n == 1:
		l.join(&r, p)
	case n > 1:
		l.several.Add(1)
	case l.roots.add(r.key(), r.start, now, r):
		l.crowded.Add(1)
	}
}

// Process takes an s-p span; spans of other points are ignored, those without an answer, and those whose request had a trace
// context: the span of its code has a parent then.
func (l *Linker) Process(s *span.Span) {
	group := span.WireGroup(s.RequestSeq, s.ResponseSeq)
	if s.Point != span.PointServerProcess || group == 0 || s.ResponseStart == 0 || !s.Client.IsValid() || !s.TraceID.IsZero() {
		return
	}
	p := process{pod: l.pod(s.PodIP), start: s.Start, end: s.Start + int64(s.ResponseStart), group: group, client: s.Client.Addr().Unmap(), request: requestOf(s.Type, s.Resource, s.Code)}
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	l.settle(now)
	l.add(unmap(s.Client), p, now)
	if l.byPod && p.pod.IsValid() {
		l.add(podKey(p.pod), p, now)
	}
}

// add keeps an s-p by a key, and joins the roots that waited for it.
func (l *Linker) add(key netip.AddrPort, p process, now time.Time) {
	if l.processes.add(key, p.start, now, p) {
		l.crowded.Add(1)
	}
	l.roots.take(key, p.start-int64(time.Millisecond), p.end, func(r root) bool {
		if !p.matches(&r) {
			return false
		}
		switch found, n := l.find(&r); n {
		case 0:
			return false // it lies too far back by now
		case 1:
			l.join(&r, found)
		default:
			l.several.Add(1)
		}
		return true
	})
}

// unmap is needed because a dual-stack listener names IPv4 peers ::ffff:a.b.c.d.
func unmap(a netip.AddrPort) netip.AddrPort {
	return netip.AddrPortFrom(a.Addr().Unmap(), a.Port())
}

func (p *process) matches(r *root) bool {
	if p.pod.IsValid() && r.pod.IsValid() && p.pod != r.pod || p.request.differs(r.request) || r.unnamed() && !p.isOf(r) {
		return false
	}
	return p.start <= r.end && r.start <= p.end
}

// depth is how many s-p before a root are looked at. One would do but for pipelined
// requests, and for one client port that is connected to several pods.
const depth = 8

// find counts the s-p's that the root can belong to, up to two: no link is better than a wrong one.
func (l *Linker) find(r *root) (found process, n int) {
	before := depth
	if r.unnamed() {
		before = depthByPod
	}
	for p := range l.processes.before(r.key(), r.end, before) {
		if !p.matches(r) || n > 0 && p.group == found.group {
			continue
		}
		if n++; n > 1 {
			break
		}
		found = p
	}
	return found, n
}

func (l *Linker) join(r *root, p process) {
	l.linked.Add(1)
	l.edge(span.Edge{A: span.TraceGroup(r.traceID), B: p.group, Time: p.start, Kind: span.EdgeRoot})
}

func (l *Linker) expire(now time.Time) {
	before := now.Add(-keepTime)
	l.processes.expire(before)
	l.alone.Add(uint64(l.roots.expire(before)))
}
