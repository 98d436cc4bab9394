package causality

import (
	"testing"

	"github.com/throughline-io/throughline/pkg/span"
)

// A call belongs to the only request that its process serves, on whatever thread it is made.
func TestTheSoleRequest(t *testing.T) {
	t.Parallel()
	p := newTable()
	other := Executor{PID: 7, ID: 2}
	first := p.begins(one, new(Connection), trace, 0)
	if of, rule := p.calls(other, 1); of != first || rule != span.RuleSoleRequest {
		t.Errorf("joined with %v by %q", of, rule)
	}
	second := p.begins(Executor{PID: 7, ID: 3}, new(Connection), trace, 2)
	if of, _ := p.calls(other, 3); of != nil {
		t.Errorf("joined with %v while two are open", of)
	}
	p.End(second, 5, 4)
	p.answers(first, 5)
	if of, _ := p.calls(other, 6); of != nil {
		t.Errorf("joined with %v, which is being answered", of)
	}
	p.End(first, 5, 7)
	third := p.begins(one, new(Connection), trace, 8)
	if of, _ := p.calls(other, 9+int64(requestPatience)); of != nil {
		t.Errorf("joined with %v, which waits for long: a stream, or its end was lost", third)
	}
}

// What a timer asks for is asked for while no request is open, too.
func TestWorkBesideRequests(t *testing.T) {
	t.Parallel()
	p := newTable()
	timer := Executor{PID: 7, ID: 2}
	call := func(kind uint64, now int64) *Passage {
		on, m := new(Connection), p.at(timer, now)
		of, _ := p.Call(p.Claim(m, on), m, on, kind)
		return of
	}
	const job, work = 1, 2
	call(job, 0)
	of := p.begins(one, new(Connection), trace, 1)
	if call(job, 2) != nil {
		t.Error("a timer's call is the request's")
	}
	if call(work, 3) != of {
		t.Error("another call is not")
	}
}

// Where another rule tells the calls of a process, what it leaves is work beside requests.
func TestAProcessThatAnotherRuleKnows(t *testing.T) {
	t.Parallel()
	p := newTable()
	timer := Executor{PID: 7, ID: 2}
	for i := range int64(callsToKnow) {
		of := p.begins(one, new(Connection), trace, i)
		if p.claims(one, i) != of {
			t.Fatal("the thread's call is not its request's")
		}
		p.End(of, 5, i)
	}
	p.begins(one, new(Connection), trace, 100)
	if of, rule := p.calls(timer, 101); of != nil {
		t.Errorf("a timer's call is joined by %q", rule)
	}
}

// What another rule leaves of a kind that it tells else is the sole request's; what it never tells is work beside.
func TestAKindOfCallsThatAnotherRuleKnows(t *testing.T) {
	t.Parallel()
	p := newTable()
	call := func(by Executor, kind uint64, now int64) (*Passage, span.PassageRule) {
		on, m := new(Connection), p.at(by, now)
		of, c := p.Call(p.Claim(m, on), m, on, kind)
		return of, c.Rule()
	}
	const work, job = 1, 2
	for i := range int64(callsToKnow) {
		of := p.begins(one, new(Connection), trace, i)
		if got, _ := call(one, work, i); got != of {
			t.Fatal("the thread's call is not its request's")
		}
		p.End(of, 5, i)
	}
	of := p.begins(one, new(Connection), trace, 100)
	if got, rule := call(Executor{PID: 7, ID: 2}, work, 101); got != of || rule != span.RuleSoleRequest {
		t.Errorf("another thread's call of the kind is joined with %v by %q", got, rule)
	}
	if got, rule := call(Executor{PID: 7, ID: 2}, job, 102); got != nil {
		t.Errorf("a timer's call is joined by %q", rule)
	}
}

// The kinds of calls that are remembered are bounded. What is not remembered is one kind: where such a call is made for no request, too,
// none of them is told.
func TestManyKindsOfCalls(t *testing.T) {
	t.Parallel()
	p := newTable()
	of := p.begins(one, new(Connection), trace, 0)
	for i := range int64(3 * kindsKept) {
		if got, _ := p.calls(Executor{PID: 7, ID: 2}, i+1); got != of {
			t.Fatalf("call %d is not told", i)
		}
	}
	if len(p.process.beside) > kindsKept+1 {
		t.Errorf("%d kinds kept", len(p.process.beside))
	}
	p.End(of, 1, 4*kindsKept)
	for i := range int64(kindsKept) {
		p.calls(Executor{PID: 7, ID: 2}, 5*kindsKept+i)
	}
	p.begins(one, new(Connection), trace, 7*kindsKept)
	if got, _ := p.calls(Executor{PID: 7, ID: 2}, 8*kindsKept); got != nil {
		t.Error("a call of a kind that is made for no request, too, is told")
	}
	if got, _ := p.calls(Executor{PID: 7, ID: 2}, 1); got == nil {
		t.Error("a call of a kind that is remembered is not told")
	}
}

// Who reads a request of a connection with many at once does so for others: what it does next is not known to be that
// request's, nor is what goes out there its answer. The only one that is open is the only one.
func TestRequestsAmongOthers(t *testing.T) {
	t.Parallel()
	for _, by := range []Executor{one, gopher} {
		p, on := newTable(), new(Connection)
		first := p.BeginAmong(p.at(by, 0), on, trace)
		if of, rule := p.calls(by, 1); of != first || rule != span.RuleSoleRequest {
			t.Errorf("joined with %v by %q", of, rule)
		}
		second := p.BeginAmong(p.at(by, 2), on, trace)
		if of, rule := p.calls(by, 3); of != nil {
			t.Errorf("joined with %v by %q while two are open", of, rule)
		}
		p.Answering(on, p.at(by, 4), 4) // the first one's
		p.Answered(first, 4)
		p.End(first, 5, 4)
		if of, rule := p.calls(Executor{PID: 7, ID: 9}, 5); of != second || rule != span.RuleSoleRequest {
			t.Errorf("joined with %v by %q, want the one that is not answered", of, rule)
		}
		// A request on a connection of its own is still told by who reads it, where threads are known to serve one each.
		p.process.proof.whole.all = wholeToKnow
		if own := p.begins(by, new(Connection), trace, 6); own == nil {
			t.Error("no passage")
		} else if of := p.claims(by, 7); of != own {
			t.Errorf("joined with %v, want the executor's own", of)
		}
	}
}
