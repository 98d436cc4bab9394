package tracetest

import (
	"encoding/binary"
	"math/rand/v2"
	"net/netip"
	"strings"

	"github.com/throughline-io/throughline/pkg/span"
)

// Epoch is when the made traces begin.
const Epoch = int64(1_767_225_600_000_000_000) // 2026-01-01T00:00:00Z

const (
	µs = int64(1_000)
	ms = int64(1_000_000)
)

// Shop makes traces of the WebShop. Successive traces share the keep-alive connections
// that are free at the time. A Shop is not safe for concurrent use.
type Shop struct {
	// Break makes one thing slow, as the demo's --break: "", code, pool, network, database.
	Break string
	// Flush lets handlers go on after their answer was sent.
	Flush bool

	rand    *rand.Rand
	conns   map[[2]string][]*connection
	counter uint64
}

// NewShop is a shop whose random choices follow from the seed.
func NewShop(seed uint64) *Shop {
	return &Shop{rand: rand.New(rand.NewPCG(seed, 0x7765627368)), conns: map[[2]string][]*connection{}}
}

// WebShop is the reference trace: span i is the reference's span i+1. The same seed gives
// the same spans.
func WebShop(seed uint64) []*span.Span { return NewShop(seed).Trace(Epoch + int64(seed%1000)*ms) }

// connection is one keep-alive connection and when it is taken.
type connection struct {
	client     netip.AddrPort
	flow       uint64
	cseq, sseq uint32
	takenFrom  []int64
	takenTo    []int64
}

func (c *connection) free(from int64) bool {
	for i := len(c.takenFrom) - 1; i >= 0 && i >= len(c.takenFrom)-64; i-- {
		if from < c.takenTo[i] && c.takenFrom[i]-sessionRoom < from {
			return false
		}
	}
	return true
}

// sessionRoom is more time than a session takes, so that one that begins earlier is over.
const sessionRoom = 2_000 * ms

// Trace makes one trace that begins at start.
func (s *Shop) Trace(start int64) []*span.Span {
	return s.repeat(start, 1)
}

// repeat makes one trace in which the shop's handler goes through its work n times.
func (s *Shop) repeat(start int64, n int) []*span.Span {
	r := &run{Shop: s, work: n}
	binary.BigEndian.PutUint64(r.trace[:8], s.rand.Uint64())
	binary.BigEndian.PutUint64(r.trace[8:], s.rand.Uint64()|1)
	r.visit(reference[0], at{start: start})
	return r.list
}

// run is one trace in the making.
type run struct {
	*Shop
	trace span.TraceID
	work  int
	list  []*span.Span
}

// at is where in the trace a span is made.
type at struct {
	start   int64
	app     *span.Span // nearest APP span above
	session *session   // the session the span is a hop of, or whose handler it is
	passage uint64     // of the nearest s-p above
}

// session is what all hops of one session share.
type session struct {
	conn           *connection
	client, server *pod
	reqSeq, resSeq uint32
	context        bool
	parent         *span.Span // APP span whose id the trace context carries
	taken          int
}

// jitter is a time around base.
func (s *Shop) jitter(base int64) int64 { return base*7/10 + s.rand.Int64N(base*6/10+1) }

func (s *Shop) spanID() (id span.SpanID) {
	binary.BigEndian.PutUint64(id[:], s.rand.Uint64()|1)
	return id
}

// visit makes the span of e and all below it, and returns it.
func (r *run) visit(e *expected, w at) *span.Span {
	sp := &span.Span{
		Start: w.start, Node: e.Node, Agent: "agent-" + e.Node, Status: span.StatusOK,
		Transport: 6,
	}
	r.list = append(r.list, sp)
	sp.Point, _ = span.ParsePoint(e.Point)
	sp.Source, _ = span.ParseSource(e.Source)
	if e.Point == "c-p" {
		w.session = r.open(e, w)
	}
	switch sp.Source {
	case span.APP:
		r.app(sp, e, w)
	case span.SYS:
		r.hop(sp, e, w)
		r.process(sp, e, w)
	default:
		r.hop(sp, e, w)
		sp.Interface, sp.InterfaceType, sp.Tunnel = "eth0", e.Interface, e.Tunnel
		if p := pods[e.OfPod]; p != nil {
			sp.Interface = p.veth
		}
		r.below(sp, e, w)
	}
	if sp.ID == 0 {
		r.counter++
		sp.ID = span.NewID(sp.Start, r.counter)
	}
	if e.Point == "c-p" {
		c := w.session.conn
		c.takenTo[w.session.taken] = sp.End()
	}
	return sp
}

// open takes a free connection from the caller's pod to the callee's.
func (r *run) open(e *expected, w at) *session {
	tail := e
	for len(tail.kids) > 0 && tail.Point != "s-p" {
		tail = tail.kids[0]
	}
	s := &session{client: pods[e.Pod], server: pods[tail.Pod], parent: w.app}
	s.context = w.app != nil && e.Protocol == "HTTP"
	key := [2]string{e.Pod, tail.Pod}
	for _, c := range r.conns[key] {
		if c.free(w.start) {
			s.conn = c
			break
		}
	}
	if s.conn == nil {
		port := uint16(32768 + r.rand.IntN(28000))
		s.conn = &connection{client: netip.AddrPortFrom(s.client.ip, port), flow: r.rand.Uint64(), cseq: r.rand.Uint32(), sseq: r.rand.Uint32()}
		r.conns[key] = append(r.conns[key], s.conn)
	}
	c := s.conn
	s.taken = len(c.takenFrom)
	c.takenFrom = append(c.takenFrom, w.start)
	c.takenTo = append(c.takenTo, w.start+sessionRoom)
	s.reqSeq, s.resSeq = c.cseq, c.sseq
	c.cseq += 180 + r.rand.Uint32N(400)
	c.sseq += 90 + r.rand.Uint32N(6000)
	if s.reqSeq == 0 || s.resSeq == 0 { // one in four thousand million
		s.reqSeq, s.resSeq = s.reqSeq|1, s.resSeq|1
	}
	return s
}

// hop fills in what every hop of a session sees.
func (r *run) hop(sp *span.Span, e *expected, w at) {
	s := w.session
	sp.RequestSeq, sp.ResponseSeq, sp.Flow = s.reqSeq, s.resSeq, s.conn.flow
	sp.Client, sp.Server = s.conn.client, netip.AddrPortFrom(s.server.ip, s.server.port)
	sp.ClientEntity, sp.ServerEntity = s.client.entity().ID, s.server.entity().ID
	request(sp, e)
	if s.context {
		sp.TraceID, sp.SpanID = r.trace, s.parent.SpanID
	}
	if r.Break == "network" && e.Request == "POST /orders" && (e.Point == "c" || e.Point == "c-nd") {
		sp.Retransmissions = 1 // lost behind c-nd
	}
}

// request fills in what the request asks for.
func request(sp *span.Span, e *expected) {
	sp.Protocol = e.Protocol
	if e.Protocol == "MySQL" {
		sp.Type, sp.Resource = "COM_QUERY", e.Request
		sp.Endpoint, _, _ = strings.Cut(e.Request, " ")
		return
	}
	sp.Version = "1.1"
	sp.Type, sp.Endpoint, _ = strings.Cut(e.Request, " ")
	sp.Resource = strings.ReplaceAll(sp.Endpoint, "{id}", "42")
	sp.Code = 200
}

// process fills in a SYS span and all below it.
func (r *run) process(sp *span.Span, e *expected, w at) {
	p := pods[e.Pod]
	sp.PodIP, sp.PID, sp.TID, sp.Comm, sp.Service = p.ip, p.pid, p.pid+1+r.rand.Uint32N(8), p.comm, e.Service
	sp.Entity = p.entity().ID
	sp.Goroutine = 1 + uint64(r.rand.IntN(5000))
	if e.Point == "s-p" {
		w.passage = r.rand.Uint64() | 1
		sp.Passage = w.passage
	} else if e.Protocol == "MySQL" {
		sp.Passage = w.passage // written by the handler's goroutine; HTTP's writeLoop tells nothing
	}
	r.below(sp, e, w)
}

// below makes the next hop, the handler or nothing, and ends the span after it.
func (r *run) below(sp *span.Span, e *expected, w at) {
	if len(e.kids) == 0 { // a database
		work := r.jitter(120 * µs)
		if r.Break == "database" && e.Request == "COMMIT" {
			work += 200 * ms
		}
		sp.Duration, sp.ResponseStart = uint64(work), uint64(work)
		return
	}
	kid := e.kids[0]
	there, back := r.way(e, kid)
	w.start = sp.Start + there
	k := r.visit(kid, w)
	if kid.Source == "APP" {
		answer := k.End() + back
		if r.Flush {
			answer = k.End() - min(int64(k.Duration)/4, 2*ms)
		}
		sp.ResponseStart = uint64(answer - sp.Start)
		sp.Duration = sp.ResponseStart
		if r.rand.IntN(3) == 0 { // an answer in two writes
			sp.Duration += uint64(r.jitter(20 * µs))
		}
		return
	}
	sp.ResponseStart = uint64(k.Start + int64(k.ResponseStart) + back - sp.Start)
	sp.Duration = uint64(k.End() + back - sp.Start)
}

// way is how long the request and the answer take from one hop to the next.
func (r *run) way(e, kid *expected) (there, back int64) {
	switch {
	case kid.Source == "APP":
		return r.jitter(25 * µs), r.jitter(12 * µs)
	case e.Point == "c-nd":
		there, back = r.jitter(45*µs), r.jitter(40*µs)
		if r.Break == "network" && e.Request == "POST /orders" {
			there += 203 * ms
		}
		return there, back
	case kid.Point == "s-p":
		return r.jitter(15 * µs), r.jitter(8 * µs)
	case e.Point == "c-p":
		return r.jitter(8 * µs), r.jitter(20 * µs)
	}
	return r.jitter(6 * µs), r.jitter(5 * µs)
}

// app fills in an APP span and all below it.
func (r *run) app(sp *span.Span, e *expected, w at) {
	p := pods[e.Pod]
	sp.TraceID, sp.SpanID = r.trace, r.spanID()
	sp.ID = span.NewID(sp.Start, span.AppEntropy(sp.TraceID, sp.SpanID, sp.Kind))
	sp.PodIP, sp.Entity, sp.Service = p.ip, p.entity().ID, e.Service
	sp.OTelResource = p.entity().ID | 1
	if w.app != nil {
		sp.ParentSpanID = w.app.SpanID
	}
	_, sp.Endpoint, _ = strings.Cut(e.Label, "otel span ")
	sp.ScopeName = "webshop"
	sp.Transport = 0
	sp.Kind = kinds[e.Kind]
	if sp.Kind == span.KindServer {
		s := w.session
		sp.Client, sp.Server = s.conn.client, netip.AddrPortFrom(p.ip, p.port)
		sp.ClientEntity, sp.ServerEntity = s.client.entity().ID, s.server.entity().ID
		sp.Protocol, sp.Code = "HTTP", 200
	}
	if e.DB != "" {
		sp.Protocol, sp.Resource = "SQLite", "SELECT * FROM users WHERE name = ?"
		sp.Duration = uint64(r.jitter(150 * µs))
		return
	}
	w.app = sp
	now := sp.Start + r.jitter(30*µs)
	if len(e.kids) == 0 {
		now += r.jitter(200 * µs)
		if r.Break == "code" && e.Service == "svc-item" {
			now += 60 * ms
		}
	}
	if sp.Kind == span.KindClient {
		sp.Protocol, sp.Code = "HTTP", 200
		sp.Client = netip.AddrPortFrom(p.ip, 0)
		if r.Break == "pool" && e.Service == "web-shop" {
			now += 90 * ms
		}
	}
	rounds := 1
	if e.ID == 7 { // the root's handler
		rounds = r.work
	}
	for range rounds {
		for _, kid := range e.kids {
			w.start = now
			k := r.visit(kid, w)
			now = k.End() + r.jitter(20*µs)
			if r.Flush && kid.Source == "APP" {
				now = max(now, k.End())
			}
		}
	}
	sp.Duration = uint64(now - sp.Start)
}

var kinds = map[string]span.Kind{
	"INTERNAL": span.KindInternal, "SERVER": span.KindServer, "CLIENT": span.KindClient,
	"PRODUCER": span.KindProducer, "CONSUMER": span.KindConsumer,
}
