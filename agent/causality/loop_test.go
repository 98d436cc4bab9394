package causality

import (
	"net/netip"
	"slices"
	"testing"

	"github.com/throughline-io/throughline/pkg/span"
)

// loop is a table whose process is an event loop on thread 1.
func loop(r Runtime) *table {
	t := newTable()
	t.process.Runtime = r
	return t
}

func (t *table) inLoop(now int64) *Moment { return &Moment{Process: &t.process, Thread: 1, Time: now} }

// reads is a request that the loop reads.
func (t *table) reads(now int64) *Passage {
	return t.Begin(t.inLoop(now), new(Connection), span.TraceID{})
}

// writes is a call on a connection that is there, of a kind of its own.
func (t *table) writes(now int64, on *Connection) (*Passage, Claim) {
	m := t.inLoop(now)
	return t.Call(t.Claim(m, on), m, on, uint64(now))
}

type step struct {
	what string // "read", "call", "back", "answer", "connect", "first call"
	n    int    // of which request
	want int    // of a call: the request it is joined with; 0: none
}

// Each runtime's evidence, as its system calls were seen to come.
func TestEventLoops(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		runtime Runtime
		steps   []step
	}{
		{"what is read is worked on at once", Node, []step{
			{"read", 1, 0}, {"call", 1, 1}, {"read", 2, 0}, {"call", 2, 2}, {"back", 1, 0}, {"call", 1, 1}, {"back", 2, 0}, {"answer", 2, 0}, {"back", 1, 0}, {"answer", 1, 0},
		}},
		{"a timer's calls and their answers lead to nothing", Node, []step{
			{"read", 1, 0}, {"call", 1, 1}, {"read", 2, 0}, {"call", 2, 2}, {"call", 9, 0}, {"back", 9, 0}, {"back", 1, 0}, {"call", 1, 1}, {"read", 3, 0}, {"call", 3, 3},
		}},
		{"what an unknown call's answer leads to is not known", Node, []step{
			{"read", 1, 0}, {"read", 2, 0}, {"call", 1, 0}, {"read", 3, 0}, {"answer", 2, 0}, {"answer", 3, 0}, {"back", 1, 0}, {"read", 4, 0}, {"call", 1, 0},
		}},
		{"of two that wait neither is told", Node, []step{
			{"read", 1, 0}, {"read", 2, 0}, {"call", 1, 0}, {"call", 2, 0}, {"answer", 1, 0}, {"answer", 2, 0}, {"read", 3, 0}, {"call", 3, 3},
		}},
		{"one that is answered at once waits no more", Nginx, []step{
			{"read", 1, 0}, {"answer", 1, 0}, {"read", 2, 0}, {"read", 3, 0}, {"answer", 2, 0}, {"call", 3, 3},
		}},
		{"a new connection belongs to what was read when it was opened", Nginx, []step{
			{"read", 1, 0}, {"connect", 1, 0}, {"read", 2, 0}, {"connect", 2, 0}, {"read", 3, 0}, {"first call", 1, 1}, {"first call", 2, 2}, {"call", 3, 3},
		}},
		{"several are read, then worked on in their order", HAProxy, []step{
			{"read", 1, 0}, {"read", 2, 0}, {"read", 3, 0}, {"call", 1, 1}, {"connect", 2, 0}, {"call", 3, 3}, {"first call", 2, 2}, {"back", 1, 0}, {"read", 4, 0}, {"answer", 1, 0}, {"call", 4, 4},
		}},
		{"of what is read in one turn and written in the next only what is alone is told", Envoy, []step{
			{"read", 1, 0}, {"call", 1, 1}, {"read", 2, 0}, {"read", 3, 0}, {"call", 3, 0}, {"call", 2, 0}, {"back", 1, 0}, {"answer", 1, 0}, {"answer", 2, 0}, {"answer", 3, 0}, {"read", 4, 0}, {"call", 4, 4},
		}},
		{"what only ever leads to answers does not keep a request from its call", Nginx, slices.Concat(slices.Repeat([]step{
			{"read", 1, 0}, {"call", 1, 1}, {"back", 1, 0}, {"answer", 1, 0},
		}, answersToKnowLead), []step{{"read", 1, 0}, {"call", 1, 1}, {"back", 1, 0}, {"read", 2, 0}, {"call", 2, 2}, {"answer", 1, 0}})},
		{"unless it was seen to lead to a call", Nginx, slices.Concat([]step{{"read", 1, 0}, {"call", 1, 1}, {"back", 1, 0}, {"call", 1, 1}, {"back", 1, 0}, {"answer", 1, 0}}, slices.Repeat([]step{
			{"read", 1, 0}, {"call", 1, 1}, {"back", 1, 0}, {"answer", 1, 0},
		}, answersToKnowLead), []step{{"read", 1, 0}, {"call", 1, 1}, {"back", 1, 0}, {"read", 2, 0}, {"call", 2, 0}, {"answer", 1, 0}})},
		{"one that HAProxy answers by itself is not called for", HAProxy, []step{
			{"read", 1, 0}, {"read", 2, 0}, {"read", 3, 0}, {"answer", 1, 0}, {"call", 2, 2}, {"call", 3, 3},
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			l := loop(c.runtime)
			request, opened, called := map[int]*Passage{}, map[int]*Connection{}, map[int]*Passage{}
			claimed := map[int]Claim{}
			for i, s := range c.steps {
				now := int64(i + 1)
				on := new(Connection)
				switch s.what {
				case "read":
					request[s.n] = l.reads(now)
				case "connect":
					of := l.Connect(l.inLoop(now))
					opened[s.n] = &of
				case "back":
					m := l.inLoop(now)
					m.Peer = netip.MustParseAddrPort("10.0.0.9:80")
					l.Back(called[s.n], claimed[s.n], m)
				case "answer":
					l.Answering(request[s.n].by, l.inLoop(now), now)
					l.End(request[s.n], 5, now)
				case "first call":
					on = opened[s.n]
					fallthrough
				case "call":
					of, claim := l.writes(now, on)
					if called[s.n], claimed[s.n] = of, claim; of != request[s.want] || claim.Rule() == span.RuleSoleRequest && len(l.process.open) > 1 {
						t.Errorf("step %d: call %d is joined with %v by %q, want request %d", i, s.n, of, claim.Rule(), s.want)
					}
				}
			}
		})
	}
}

// A timer opens a connection, and a request's call goes by it later: that one is not the timer's.
func TestAConnectionThatATimerOpened(t *testing.T) {
	t.Parallel()
	l := loop(Node)
	on := l.Connect(l.inLoop(0))
	if _, claim := l.writes(1, &on); claim != Nobody {
		t.Errorf("the timer's call has claim %x", claim)
	}
	l.reads(2)
	l.reads(3)
	if of, claim := l.writes(4, &on); of != nil || claim == Nobody {
		t.Errorf("a call for one of two that wait is joined with %v, claim %x", of, claim)
	}
}

// What waits for long waits for what is not seen here, and neither has the next call nor keeps others from theirs.
func TestAnInputThatWaitsForLong(t *testing.T) {
	t.Parallel()
	l := loop(Node)
	l.reads(0)
	now := int64(inputPatience) + 1
	second := l.reads(now)
	if of, _ := l.writes(now, new(Connection)); of != second {
		t.Errorf("joined with %v", of)
	}
	if of, _ := l.writes(now+1, new(Connection)); of != nil {
		t.Errorf("a call that nothing led to is joined with %v", of)
	}
}

// The order is lost where a call follows no request. That is seen when a request is answered before its call.
func TestALostOrderIsFoundAgain(t *testing.T) {
	t.Parallel()
	l := loop(HAProxy)
	first, second := l.reads(0), l.reads(1)
	l.writes(2, new(Connection)) // a check of a server
	got, _ := l.writes(3, new(Connection))
	if got != second {
		t.Fatal("the order is not lost, this tests nothing")
	}
	l.Answering(second.by, l.inLoop(4), 400)
	if claim := second.claim(span.RuleInputOrder); l.Holds(claim, second, 500, l.inLoop(5)) {
		t.Error("a call holds whose request was answered before it")
	} else if l.Holds(first.claim(span.RuleInputOrder), first, 500, l.inLoop(5)); len(l.loops.of(1).list) != 0 {
		t.Error("the order is still believed")
	}
}
