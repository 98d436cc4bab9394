package causality

import (
	"testing"

	"github.com/throughline-io/throughline/pkg/span"
)

func TestAGoroutinesPassageLastsUntilTheNextRequest(t *testing.T) {
	t.Parallel()
	p := newTable()
	if p.claims(gopher, 0) != nil {
		t.Error("a tag before any request")
	}
	s := new(Connection)
	first := p.begins(gopher, s, trace, 0)
	if p.claims(gopher, 1) != first || first.ID == 0 {
		t.Error("what is sent after a request was read is not of its passage")
	}
	first.answered = 2
	p.End(first, 5, 2)
	if p.claims(gopher, 3) != first {
		t.Error("what is sent after the answer is not of the passage")
	}
	second := p.begins(gopher, s, trace, 4)
	if p.claims(gopher, 5) != second || second.ID == first.ID {
		t.Error("the next request did not begin another passage")
	}
	if _, rule := p.calls(one, 5); rule == span.RuleGoroutine {
		t.Error("a thread has the passage of the goroutine with its number")
	}
}

// What a thread does after the answer may be anything: a timer's work, another pool's task.
func TestAThreadsPassageEndsWithItsAnswer(t *testing.T) {
	t.Parallel()
	p := newTable()
	of := p.begins(one, new(Connection), trace, 0)
	if p.claims(one, 1) != of {
		t.Error("what is sent before the answer is not of the passage")
	}
	p.End(of, 5, 2)
	if p.claims(one, 3) != nil {
		t.Error("what is sent after the answer is of the passage")
	}
}

// A pool's thread reads, another's answers: what a thread sends may be for anybody.
func TestAProcessThatHandsRequestsOnClaimsNothing(t *testing.T) {
	t.Parallel()
	p := newTable()
	of := p.begins(one, new(Connection), span.TraceID{}, 0)
	p.Join(of, byThread, 6, 1)
	p.AnsweredBy(of, 2)
	p.End(of, 5, 2)
	if len(p.edges) != 0 || p.edgesDropped.Load() != 1 {
		t.Errorf("edges %v, %d dropped", p.edges, p.edgesDropped.Load())
	}
	if p.Holds(byThread, of, 3, p.at(one, 3)) {
		t.Error("a call by its thread, reported later, still holds")
	}
	p.begins(one, new(Connection), trace, 4)
	if _, rule := p.calls(one, 5); rule != span.RuleSoleRequest {
		t.Errorf("the next request's call by rule %q, want only that it is the sole one", rule)
	}
}

// One thread that reads a request while another is not answered serves several at once,
// and which of them a call is for cannot be told by the thread, then and later. When one is open only,
// that tells it.
func TestAThreadOfSeveralRequestsAtOnce(t *testing.T) {
	t.Parallel()
	p := newTable()
	first, second := p.begins(one, new(Connection), trace, 0), p.begins(one, new(Connection), trace, 1)
	if p.claims(one, 2) != nil {
		t.Error("a call while two are open has a passage")
	}
	p.End(first, 5, 3)
	if of, rule := p.calls(one, 4); of != second || rule != span.RuleSoleRequest {
		t.Errorf("a call while one is open belongs to %v by rule %q", of, rule)
	}
	p.End(second, 6, 5)
	third := p.begins(one, new(Connection), trace, 7)
	if of, rule := p.calls(one, 8); of != third || rule != span.RuleSoleRequest {
		t.Errorf("after a burst a call belongs to %v by rule %q", of, rule)
	}
}

// Pipelined requests come in one read, but are served one after the other.
func TestPipelinedRequestsServedInTurn(t *testing.T) {
	t.Parallel()
	p := newTable()
	s := new(Connection)
	var begun [3]*Passage
	for i := range begun {
		begun[i] = p.begins(one, s, trace, int64(i))
	}
	for i, want := range begun {
		if p.claims(one, 10) != want {
			t.Errorf("request %d is not the one being served", i)
		}
		p.End(want, 5, 11)
	}
}
