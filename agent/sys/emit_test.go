package sys

import (
	"net/netip"
	"testing"

	"github.com/throughline-io/throughline/agent/ledger"
	"github.com/throughline-io/throughline/agent/session"
	"github.com/throughline-io/throughline/pkg/span"
)

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
	n := newCounts(new(ledger.Ledger))
	c.Capture = &Capture{counts: n, passages: newPassageTable(1, 100, n), podIPs: map[uint32]netip.Addr{}, config: Config{
		Sink: func(s *span.Span) { c.spans = append(c.spans, *s) },
		Edge: func(e span.Edge) { e.Time = 0; c.edges[e]++ },
	}}
	c.socket = &socket{process: &process{pid: 7}, local: netip.MustParseAddrPort("10.0.0.1:80")}
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
	r.Request.First.Tag = c.passages.Tag(executor{pid: 7, id: uint64(thread)}, 0)
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
	if len(c.passages.named) != 0 {
		t.Errorf("%d ids are kept", len(c.passages.named))
	}
}

// Two open requests with one id tell nothing.
func TestARequestIDThatIsNotOnesOwn(t *testing.T) {
	t.Parallel()
	c := newCalls()
	one, two := c.begins(false, 1, span.TraceID{}, "id"), c.begins(false, 1, span.TraceID{}, "id")
	c.ends(c.begins(true, 1, span.TraceID{}, "id"))
	c.ends(one)
	call := c.ends(c.begins(true, 1, span.TraceID{}, "id"))
	of := c.ends(two)
	if want := (span.Edge{A: call, B: of, Kind: span.EdgePassage}); len(c.edges) != 1 || c.edges[want] != 1 {
		t.Errorf("edges %v, want %v of the call that began when one was open", c.edges, want)
	}
}
