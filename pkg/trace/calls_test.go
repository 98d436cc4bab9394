package trace_test

// Calls: which request or span one hangs under, with and without a trace context.

import (
	"strings"
	"testing"

	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/trace"
)

// serving is order's passage 5 with two spans open, to which calls are added.
func serving(t *testing.T) *scene {
	sc := newScene(t)
	in := sc.hop("s-p", 0, 100, sp, "b", 100, web+":4000", order+":80")
	carries(9, in)
	in.Passage = 5
	sc.app("handler", 1, 90, span.KindServer, 1, 9, order)
	sc.app("step", 10, 50, span.KindInternal, 2, 1, order)
	return sc
}

func (sc *scene) sql(name string, from, to float64, passage uint64) *span.Span {
	s := sc.hop(name, from, to, cp, "b", uint32(from*1000)+1, order+":6000", db+":3306")
	s.Passage = passage
	return s
}

func TestCallsWithoutContext(t *testing.T) {
	t.Parallel()
	sc := serving(t)
	sc.sql("before", 0.5, 0.8, 5)
	sc.sql("in handler", 5, 8, 5)
	sc.sql("in step", 20, 30, 5)
	sc.sql("written in step, answered later", 49, 70, 5)
	sc.sql("after step", 60, 61, 5)
	sc.sql("of another passage", 20, 30, 6)
	sc.sql("of no passage", 20, 30, 0)
	sc.want(`
		s-p
		  before (causal)
		  handler
		    in handler (inferred)
		    step
		      in step (inferred)
		      written in step, answered later (inferred)
		    after step (inferred)
		of another passage
		of no passage
	`)
}

// What an agent's rule is worth goes with the link.
func TestTheRuleOfAPassageSaysHowSureItIs(t *testing.T) {
	t.Parallel()
	sc := newScene(t)
	in := sc.hop("s-p", 0, 100, sp, "b", 100, web+":4000", order+":80")
	in.Passage, in.SyscallResp = 5, 5
	other := sc.hop("s-p that another thread answered", 0, 100, sp, "b", 200, web+":4001", order+":80")
	other.Passage = 6
	named := sc.hop("s-p with an id", 0, 100, sp, "b", 300, web+":4002", order+":80")
	named.Passage, named.XRequestID = 7, "r1"
	by := func(name string, from float64, passage uint64, rule span.PassageRule) {
		sc.sql(name, from, from+1, passage).PassageRule = rule
	}
	by("goroutine", 1, 5, span.RuleGoroutine)
	by("thread", 3, 5, span.RuleThread)
	by("sole request", 5, 5, span.RuleSoleRequest)
	by("sole input", 7, 5, span.RuleSoleInput)
	by("input order", 9, 5, span.RuleInputOrder)
	by("time slice", 11, 5, span.RuleTimeSlice)
	by("kind order", 12.2, 5, span.RuleKindOrder)
	by("answer thread", 12.4, 5, span.RuleAnswerThread)
	by("turn", 12.6, 5, span.RuleTurn)
	by("of a newer agent", 13, 5, 200)
	by("its thread", 15, 6, span.RuleThread)
	passed := sc.sql("sole input, and the id passed on", 17, 18, 7)
	passed.PassageRule, passed.XRequestID = span.RuleSoleInput, "r1"
	sc.want(`
		s-p
		  goroutine (causal)
		  thread (causal)
		  sole request (inferred)
		  sole input (inferred)
		  input order (inferred)
		  time slice (inferred)
		  kind order (inferred)
		  answer thread (inferred)
		  turn (inferred)
		  of a newer agent (inferred)
		s-p that another thread answered
		  its thread (inferred)
		s-p with an id
		  sole input, and the id passed on (causal)
	`)
}

func TestParallelSpansHoldTheCallTogether(t *testing.T) {
	t.Parallel()
	sc := serving(t)
	sc.app("one", 15, 40, span.KindClient, 3, 2, order)
	sc.app("two", 15, 40, span.KindClient, 4, 2, order)
	sc.sql("call", 20, 30, 5)
	sc.want(`
		s-p
		  handler
		    step
		      one
		      two
		      call (inferred)
	`)
}

func TestCallByRequestID(t *testing.T) {
	t.Parallel()
	sc := newScene(t)
	sc.hop("s-p", 0, 100, sp, "b", 100, web+":4000", proxy+":80").XRequestID = "r1"
	sc.hop("another s-p", 0, 100, sp, "b", 200, web+":4001", proxy+":80").XRequestID = "r2"
	sc.hop("c-p", 5, 50, cp, "b", 300, proxy+":5000", order+":80").XRequestID = "r1"
	sc.want(`
		s-p
		  c-p (causal)
		another s-p
	`)
}

// Where only clients are instrumented, their traces begin in the middle of requests.
func TestCodeThatBeginsATraceWithinARequest(t *testing.T) {
	t.Parallel()
	sc := newScene(t)
	sc.hop("s-p", 0, 100, sp, "b", 100, web+":4000", order+":80").Passage = 5
	sc.hop("another s-p", 0, 100, sp, "b", 200, web+":4001", order+":80").Passage = 6
	sc.app("GET", 9, 51, span.KindClient, 2, 0, order)
	call := sc.hop("c-p", 10, 50, cp, "b", 300, order+":5000", db+":80")
	call.Passage = 5
	carries(2, call)
	sc.want(`
		s-p
		  GET (causal)
		    c-p
		another s-p
	`)
}

// A server's code that does not say who asked, as Ruby's Rack, is that of the request whose passage its call has. What else the
// passage calls then hangs under what was open.
func TestCodeOfAServerThatDoesNotSayWhoAsked(t *testing.T) {
	t.Parallel()
	served := func() (sc *scene, request, server *span.Span) {
		sc = newScene(t)
		request = sc.hop("s-p", 0, 100, sp, "b", 100, web+":4000", order+":80")
		request.Passage = 5
		sc.hop("another s-p", 0, 101, sp, "b", 200, web+":4001", order+":80").Passage = 6
		server = sc.app("handler", 5, 95, span.KindServer, 1, 0, order)
		server.Protocol, server.Type, server.Resource = "HTTP", "GET", "/x"
		sc.app("GET", 9, 51, span.KindClient, 2, 1, order)
		call := sc.hop("c-p", 10, 50, cp, "b", 300, order+":5000", db+":80")
		call.Passage = 5
		carries(2, call)
		statement := sc.hop("statement", 60, 70, cp, "b", 400, order+":5001", db+":3306")
		statement.Passage = 5
		return sc, request, server
	}
	sc, _, _ := served()
	sc.want(`
		another s-p
		s-p
		  handler (causal)
		    GET
		      c-p
		    statement (inferred)
	`)
	for name, change := range map[string]func(sc *scene, request, server *span.Span){
		"it names another caller":      func(_ *scene, _, h *span.Span) { h.Client = addrPort(web + ":4009") },
		"it is another path's":         func(_ *scene, _, h *span.Span) { h.Resource = "/y" },
		"it starts before the request": func(_ *scene, r, _ *span.Span) { r.Start += 6e6 },
		"it starts behind the answer":  func(_ *scene, r, _ *span.Span) { r.ResponseStart = 4e6 },
		"the request names its caller": func(_ *scene, r, _ *span.Span) { carries(9, r) },
		"the request has its code": func(sc *scene, r, _ *span.Span) {
			h := sc.app("other handler", 4, 96, span.KindServer, 3, 0, order)
			h.Client, h.TraceID = r.Client, traceID(2)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sc, request, server := served()
			change(sc, request, server)
			tree := trace.Assemble(sc.spans, trace.Options{})
			for i, s := range tree.Spans {
				if s == server && tree.Parent[i] >= 0 {
					t.Errorf("it hangs under %s: %s", sc.names[tree.Spans[tree.Parent[i]]], tree.Reason[i])
				}
			}
		})
	}
}

// A trace that is not sampled has no spans of code, but its context is on the wire.
func TestCallOfATraceThatIsNotSampled(t *testing.T) {
	t.Parallel()
	sc := newScene(t)
	sc.hop("s-p", 0, 100, sp, "b", 100, web+":4000", order+":80").Passage = 5
	call := sc.hop("c-p", 10, 50, cp, "b", 300, order+":5000", db+":80")
	call.Passage = 5
	carries(2, call)
	sc.want(`
		s-p
		  c-p (causal)
	`)
}

func TestCallWhoseSpanIsMissing(t *testing.T) {
	t.Parallel()
	sc := serving(t)
	carries(77, sc.sql("in step", 20, 30, 0))
	carries(78, sc.sql("outlives the request", 95, 130, 0))
	sc.want(`
		s-p
		  handler
		    step
		      in step (inferred)
		outlives the request
	`)
	// A second request of the trace is being served: no telling which made the call.
	carries(10, sc.hop("second s-p", 1, 99, sp, "b", 900, web+":4005", order+":80"))
	tree := sc.want(`
		s-p
		  handler
		    step
		second s-p
		in step
		outlives the request
	`)
	if len(tree.Weak) == 0 || !strings.Contains(tree.Weak[0].Reason, "only time speaks for it") {
		t.Errorf("weak links: %v", tree.Weak)
	}
}

// In Zipkin's model the two ends of a call have one id, which their children name.
func TestCallWhoseEndsShareAnID(t *testing.T) {
	t.Parallel()
	sc := newScene(t)
	sc.app("handler", 0, 100, span.KindServer, 1, 0, web)
	sc.app("call", 10, 90, span.KindClient, 2, 1, web).Service = "web"
	sc.app("served", 20, 80, span.KindServer, 2, 1, order).Service = "order"
	sc.app("query", 30, 40, span.KindClient, 3, 2, order).Service = "order"
	sc.app("hook of the client", 85, 88, span.KindInternal, 4, 2, web).Service = "web"
	sc.want(`
		handler
		  call
		    served
		      query
		    hook of the client
	`)
}

// Cycles.
