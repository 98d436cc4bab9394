package sys

import (
	"maps"
	"net/netip"
	"testing"

	"github.com/throughline-io/throughline/agent/causality"
	"github.com/throughline-io/throughline/agent/ledger"
	"github.com/throughline-io/throughline/agent/session"
	"github.com/throughline-io/throughline/pkg/span"
)

var trace = span.TraceID{1}

// calls is a capture without a kernel: what it makes of sessions.
type calls struct {
	*Capture
	socket *socket
	seq    uint32
	spans  []span.Span
	edges  map[span.Edge]int
}

func newCalls() *calls {
	c := &calls{edges: map[span.Edge]int{}}
	l := new(ledger.Ledger)
	c.Capture = &Capture{counts: newCounts(l), podIPs: map[uint32]netip.Addr{}, config: Config{
		Sink: func(s *span.Span) { c.spans = append(c.spans, *s) },
		Edge: func(e span.Edge) { e.Time = 0; c.edges[e]++ },
	}}
	c.causes = causality.New(causality.Config{Seed: 1, Limit: 100, Ledger: l, Edge: c.edge, Told: c.told})
	c.socket = &socket{process: &process{pid: 7}, local: netip.MustParseAddrPort("10.0.0.1:80")}
	c.moment.Process = &c.socket.process.cause
	return c
}

// begins is a request of a thread with a trace context and an X-Request-ID, tagged as the kernel's
// records are.
func (c *calls) begins(client bool, thread uint32, trace span.TraceID, id string) *session.Session {
	c.seq += 10
	r := &session.Session{LocalIsClient: client}
	r.Request.Seq, r.Response.Seq = c.seq, c.seq+1
	r.Request.Head.PID, r.Request.Head.TID = 7, thread
	r.Response.First.TID = thread
	r.Request.First.Tag = uint64(c.causes.Claim(&causality.Moment{Process: &c.socket.process.cause, Executor: causality.Executor{PID: c.socket.process.pid, ID: uint64(thread)}, Thread: thread}, new(causality.Connection)))
	r.L7.TraceID, r.L7.XRequestID = trace, id
	s := c.socket
	if !client {
		s = &socket{process: c.socket.process, local: c.socket.local}
	}
	c.requested(s, r)
	return r
}

func (c *calls) ends(r *session.Session) span.GroupID {
	r.HasResponse = true
	c.finished(c.socket, r)
	return c.spans[len(c.spans)-1].Group()
}

// Client-only instrumentation, or a trace that is not sampled, gives a call a context that its request
// does not have. The passage is the same.
func TestACallWithAContextOfItsOwnKeepsItsPassage(t *testing.T) {
	t.Parallel()
	c := newCalls()
	request := c.begins(false, 1, span.TraceID{}, "")
	var calls []span.GroupID
	for range 3 { // of one trace
		calls = append(calls, c.ends(c.begins(true, 1, trace, "")))
	}
	of := c.ends(request)
	if want := (span.Edge{A: calls[0], B: of, Kind: span.EdgePassage}); len(c.edges) != 1 || c.edges[want] != 1 {
		t.Errorf("edges %v, want once %v", c.edges, want)
	}
	if last := c.spans[len(c.spans)-1]; c.spans[0].Passage == 0 || c.spans[0].Passage != last.Passage {
		t.Errorf("passages %x and %x", c.spans[0].Passage, last.Passage)
	}

	c = newCalls()
	request = c.begins(false, 1, trace, "")
	c.ends(c.begins(true, 1, trace, ""))
	if c.ends(request); len(c.edges) != 0 {
		t.Errorf("edges %v within one trace", c.edges)
	}
}

// So is one that only the sole open request tells, unless that came in another trace.
func TestACallWithAContextOfItsOwnIsTheSoleRequests(t *testing.T) {
	t.Parallel()
	for of, want := range map[span.TraceID]int{{}: 1, {2}: 0} {
		c := newCalls()
		request := c.begins(false, 1, of, "")
		call := c.begins(true, 2, trace, "") // by another thread
		c.ends(call)
		c.ends(request)
		if len(c.edges) != want || (c.spans[0].PassageRule == span.RuleSoleRequest) != (want == 1) {
			t.Errorf("of a request that came in trace %v: edges %v, rule %v", of, c.edges, c.spans[0].PassageRule)
		}
	}
}

// An event loop's calls are told by the X-Request-ID that they pass on.
func TestCallsOfAnEventLoopByTheirRequestID(t *testing.T) {
	t.Parallel()
	c := newCalls()
	const many = 40
	var requests, calls []*session.Session
	for i := range many {
		requests = append(requests, c.begins(false, 1, span.TraceID{}, string(rune('a'+i))))
	}
	for i := range many {
		calls = append(calls, c.begins(true, 1, span.TraceID{}, string(rune('a'+i))))
	}
	stranger := c.begins(true, 1, span.TraceID{}, "none's")
	want := map[span.Edge]bool{}
	for i := range many {
		call := c.ends(calls[i])
		want[span.Edge{A: call, B: c.ends(requests[i]), Kind: span.EdgePassage}] = true
	}
	c.ends(stranger)
	if len(c.edges) != many {
		t.Errorf("%d edges, want %d", len(c.edges), many)
	}
	for e := range c.edges {
		if !want[e] {
			t.Errorf("edge %v", e)
		}
	}
	if c.causes.Names() != 0 {
		t.Errorf("%d ids are kept", c.causes.Names())
	}
}

// What a loop's order suggests gives way to the X-Request-ID that the call passes on.
func TestARequestIDGoesBeforeWhatIsInferred(t *testing.T) {
	t.Parallel()
	c := newCalls()
	c.socket.process.cause.Runtime = causality.HAProxy
	one, two := c.begins(false, 1, span.TraceID{}, "one"), c.begins(false, 1, span.TraceID{}, "two")
	second := c.ends(c.begins(true, 1, span.TraceID{}, "two"))
	first := c.ends(c.begins(true, 1, span.TraceID{}, "one"))
	want := map[span.Edge]int{{A: first, B: c.ends(one), Kind: span.EdgePassage}: 1, {A: second, B: c.ends(two), Kind: span.EdgePassage}: 1}
	if !maps.Equal(c.edges, want) {
		t.Errorf("edges %v, want %v", c.edges, want)
	}
}

// Two open requests with one id tell nothing.
func TestARequestIDThatIsNotOnesOwn(t *testing.T) {
	t.Parallel()
	c := newCalls()
	one, two := c.begins(false, 1, span.TraceID{}, "id"), c.begins(false, 1, span.TraceID{}, "id")
	either := c.begins(true, 1, span.TraceID{}, "id")
	either.HasResponse = true
	c.finished(c.socket, either) // whose it is may be told later
	c.ends(one)
	call := c.ends(c.begins(true, 1, span.TraceID{}, "id"))
	of := c.ends(two)
	if want := (span.Edge{A: call, B: of, Kind: span.EdgePassage}); len(c.edges) != 1 || c.edges[want] != 1 {
		t.Errorf("edges %v, want %v of the call that began when one was open", c.edges, want)
	}
}

// A request and its call that both last are joined while they do, and keep their ids when they end.
func TestWhatLastsIsJoined(t *testing.T) {
	t.Parallel()
	c := newCalls()
	request := c.begins(false, 1, span.TraceID{}, "")
	call := c.begins(true, 1, span.TraceID{}, "")
	told := func(r *session.Session) span.Span {
		r.End, r.Ended, r.L7.Status = session.Open, 10e9, span.StatusOpen
		c.lasts(c.socket, r)
		return c.spans[len(c.spans)-1]
	}
	c.config.Sink = func(s *span.Span) {
		if s.ID == 0 {
			s.ID = uint64(len(c.spans) + 1) // as the agent signs them
		}
		c.spans = append(c.spans, *s)
	}
	call.AnswerSeq = call.Response.Seq // it is known where it will begin; not of the request
	first, of := told(call), told(request)
	want := span.Edge{A: first.Group(), B: of.Group(), Kind: span.EdgePassage}
	if c.edges[want] != 1 || len(c.edges) != 1 || first.Status != span.StatusOpen || first.Duration != 10e9 {
		t.Errorf("edges %v, want %v; told as %+v", c.edges, want, first)
	}
	told(call)
	for _, r := range []*session.Session{call, request} {
		r.End, r.L7.Status = session.Complete, span.StatusOK
		c.ends(r)
	}
	ended, over := c.spans[len(c.spans)-2], c.spans[len(c.spans)-1]
	if ended.ID != first.ID || over.ID != of.ID || ended.Group() != first.Group() {
		t.Errorf("ids %d and %d, told as %d and %d", ended.ID, over.ID, first.ID, of.ID)
	}
	if e := (span.Edge{A: of.Group(), B: over.Group(), Kind: span.EdgeWire}); c.edges[e] != 1 {
		t.Errorf("edges %v, want %v from where the request was told to where it is", c.edges, e)
	}
}
