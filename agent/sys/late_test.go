package sys

import (
	"net/netip"
	"testing"

	"github.com/throughline-io/throughline/agent/causality"
	"github.com/throughline-io/throughline/agent/session"
	"github.com/throughline-io/throughline/pkg/span"
)

// asyncCalls is a capture of an event loop of Python, which asks a backend once for each request.
type asyncCalls struct {
	*calls
	backend *socket
	came    span.TraceID // by which requests come
}

func newAsyncCalls() *asyncCalls {
	c := &asyncCalls{calls: newCalls()}
	c.socket.process.cause.Runtime = causality.AsyncIO
	c.backend = &socket{process: c.socket.process, local: netip.MustParseAddrPort("10.0.0.1:3000"), remote: netip.MustParseAddrPort("10.0.0.2:80")}
	return c
}

// now is the moment of what comes next, on a socket.
func (c *asyncCalls) now(s *socket) *causality.Moment {
	c.moment = causality.Moment{Process: &s.process.cause, Thread: 1, Peer: s.remote, Time: c.moment.Time + 1}
	return &c.moment
}

// numbers gives a session sequence numbers of its own.
func (c *asyncCalls) numbers(r *session.Session) {
	c.seq += 10
	r.Request.Seq, r.Response.Seq = c.seq, c.seq+1
}

type asyncRequest struct {
	on      *socket
	request *session.Session
	call    *session.Session
	calls   *socket
}

func (c *asyncCalls) reads() *asyncRequest {
	r := &asyncRequest{on: &socket{process: c.socket.process, local: c.socket.local}, request: new(session.Session)}
	r.request.Request.Head.TID, r.request.L7.TraceID = 1, c.came
	c.numbers(r.request)
	c.now(r.on)
	c.requested(r.on, r.request)
	return r
}

func (c *asyncCalls) asks(r *asyncRequest, trace span.TraceID) {
	backend := *c.backend
	r.calls, r.call = &backend, &session.Session{LocalIsClient: true}
	r.call.Request.First.TID, r.call.L7.TraceID = 1, trace
	c.numbers(r.call)
	c.now(r.calls)
	c.requested(r.calls, r.call)
}

func (c *asyncCalls) hears(r *asyncRequest) {
	c.now(r.calls)
	c.segment.Exit = c.moment.Time
	r.call.HasResponse, r.call.Response.LastExit, r.call.Response.First.Exit = true, c.segment.Exit, c.segment.Exit
	c.finished(r.calls, r.call)
}

func (c *asyncCalls) answers(r *asyncRequest) {
	c.causes.Answering(&r.on.cause, c.now(r.on), c.moment.Time)
	r.request.HasResponse, r.request.Response.First.TID = true, 1
	c.finished(r.on, r.request)
}

// serves serves requests two at a time.
func (c *asyncCalls) serves(times int, trace span.TraceID) {
	for range times {
		a, b := c.reads(), c.reads()
		c.asks(a, trace)
		c.asks(b, trace)
		c.hears(a)
		c.hears(b)
		c.answers(a)
		c.answers(b)
	}
	c.causes.Sweep(c.moment.Time + 1e10)
}

// told is how many calls were told to be of a passage, of how many.
func (c *asyncCalls) told() (told, of int) {
	for _, s := range c.spans {
		if s.Point == span.PointClientProcess {
			if of++; s.Passage != 0 && s.PassageRule == span.RuleKindOrder && s.SyscallReq == s.Passage {
				told++
			}
		}
	}
	c.spans = nil
	return told, of
}

// A call's span waits until its request is answered; then it says whose it is, and is joined.
func TestACallThatIsToldLate(t *testing.T) {
	t.Parallel()
	c := newAsyncCalls()
	c.serves(30, span.TraceID{})
	c.told()
	clear(c.edges)
	a, b := c.reads(), c.reads()
	c.asks(a, span.TraceID{})
	c.asks(b, span.TraceID{})
	c.hears(b)
	c.hears(a)
	if len(c.spans) != 0 {
		t.Fatalf("%d spans are told before it is known whose they are", len(c.spans))
	}
	c.answers(b)
	if told, of := c.told(); told != 1 || of != 1 {
		t.Errorf("with the first answer %d calls are told, %d of them as its request's", of, told)
	}
	c.answers(a)
	if told, of := c.told(); told != 1 || of != 1 {
		t.Errorf("with the second answer %d calls are told, %d of them as its request's", of, told)
	}
	if len(c.edges) != 2 || c.late.n != 0 {
		t.Errorf("%d edges, want 2; %d calls wait", len(c.edges), c.late.n)
	}
}

// Every span is told at last: of a request that is not answered, when too many wait, at the end.
func TestNoCallWaitsForEver(t *testing.T) {
	t.Parallel()
	c := newAsyncCalls()
	c.serves(30, span.TraceID{})
	c.told()
	begin := func() {
		a := c.reads()
		c.reads()
		c.asks(a, span.TraceID{})
		c.hears(a)
	}
	begin()
	c.sweepLate(c.moment.Time + int64(lateFor))
	if _, of := c.told(); of != 0 {
		t.Error("a call is told too early")
	}
	c.sweepLate(c.moment.Time + int64(lateFor) + 1)
	if told, of := c.told(); told != 0 || of != 1 || c.counts.lateExpired.Load() != 1 {
		t.Errorf("%d calls are told when time is up, %d as a request's", of, told)
	}
	begin()
	c.late.n += lateKept
	begin()
	if _, of := c.told(); of != 1 || c.counts.lateRefused.Load() != 1 {
		t.Errorf("%d calls are told where there is no room", of)
	}
	c.late.n -= lateKept
	c.sendAllLate()
	if _, of := c.told(); of != 1 || c.late.n != 0 {
		t.Errorf("%d calls are told at the end, %d wait", of, c.late.n)
	}
}

// A call that says which trace it is of does not say which request that is of, unless that came in another one.
func TestACallWithTraceContextIsToldLate(t *testing.T) {
	t.Parallel()
	c := newAsyncCalls()
	c.serves(30, span.TraceID{})
	c.serves(30, span.TraceID{})
	c.told()
	c.serves(30, trace)
	if told, of := c.told(); told != 60 || of != 60 {
		t.Errorf("%d of %d calls are told by order", told, of)
	}
	c.came = span.TraceID{2}
	c.serves(30, trace)
	if told, of := c.told(); told != 0 || of != 60 {
		t.Errorf("%d of %d calls are told to be of requests of another trace", told, of)
	}
	c.came = trace
	c.serves(30, trace)
	if told, of := c.told(); told != 60 || of != 60 {
		t.Errorf("%d of %d calls are told to be of requests of their trace", told, of)
	}
}
