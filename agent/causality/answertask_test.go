package causality

import (
	"fmt"
	"strings"
	"testing"

	"github.com/throughline-io/throughline/pkg/span"
)

// taskLoop is an event loop of Python whose tasks are known.
type taskLoop struct {
	*table
	now      int64
	requests map[string]*Passage
	strands  map[string]*Strand // by call
}

func newTaskLoop() *taskLoop {
	return &taskLoop{table: loop(AsyncIO), requests: map[string]*Passage{}, strands: map[string]*Strand{}}
}

func (l *taskLoop) in(task byte) *Moment {
	l.now++
	m := l.inLoop(l.now)
	m.Peer, m.Task, m.Out = backend, uint64(task), true
	return m
}

// runs takes events in their order: "-r1" request 1 is read, "Xc1" the task at address X makes call 1, "Xa1" answers request 1, "Xp2"
// reads request 2 on the connection of the latest answer; "-e1" request 1 is given up. Behind a colon may stand the request by whose connection it came.
func (l *taskLoop) runs(events string) {
	for e := range strings.FieldsSeq(events) {
		m, what, of := l.in(e[0]), e[1], e[2:]
		if e[0] == '-' {
			m.Task = 0
		}
		switch what {
		case 'r':
			of, by, same := strings.Cut(of, ":")
			on := new(Connection)
			if same {
				on = l.requests[by].by
			}
			l.requests[of] = l.Begin(m, on, trace)
		case 'c':
			on := new(Connection)
			l.Call(l.Claim(m, on), m, on, uint64(l.now))
			l.strands[of] = on.Strand()
		case 'a':
			p := l.requests[of]
			p.by.serving = p
			l.Answering(p.by, m, l.now)
			l.End(p, 5, l.now)
			l.Sweep(l.now + 2*int64(passageLinger))
		case 'e':
			l.Gone(l.requests[of], l.now)
		}
	}
}

// learns serves requests, two at a time, until tasks are known.
func (l *taskLoop) learns() {
	for i := range tasksToKnow {
		a, b := 1000+2*i, 1001+2*i
		l.runs(fmt.Sprintf("-r%d -r%d Lc%d Mc%d Ma%d La%d", a, b, a, b, b, a))
	}
}

// told is the request that a call was told to be of by its task; "": none.
func (l *taskLoop) told(call string) string {
	s := l.strands[call]
	if s == nil {
		return ""
	}
	for name, p := range l.requests {
		if of, c := s.Told(); of == p && c.Rule() == span.RuleAnswerTask {
			return name
		}
	}
	return ""
}

func TestAnswerTask(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, events, want string }{
		{"whatever order a loop works in", "-r1 -r2 -r3 Cc3 Ac1 Bc2 Bc4 Cc5 Ba2 Aa1 Ca3", "1=1 2=2 3=3 4=2 5=3"},
		{"a task that answers no request makes its calls for none", "-r1 -r2 Jc9 Ac1 Jc8 Bc2 Aa1 Ba2", "9= 8= 1=1 2=2"},
		{"a task of its own that a request has begun is not known", "-r1 -r2 Cc3 Ac1 Bc2 Aa1 Ba2", "3= 1=1 2=2"},
		{"an address is another task's later", "-r1 -r2 Ac1 Bc2 Aa1 -r3 -r4 Ac3 Ba2 Dc4 Da4 Aa3", "1=1 2=2 3=3 4=4"},
		{"what a task did before a request was read is not for that", "-r1 -r2 Ac1 Aa1 Ac9 -r3 Bc2 Ac3 Aa3 Ba2", "1=1 9= 2=2 3=3"},
		{"who answers two that were open at once tells nothing of the second", "-r1 -r2 -r3 Ac1 Ac2 Bc3 Ba3 Aa1 Ac4 Aa2", "4="},
		{"but requests that came behind one another on a connection are one task's", "-r1 -r2:1 -r3 Ac1 Aa1 Ac2 Bc3 Aa2 Ba3", "1=1 2=2 3=3"},
		{"what is not in a known task is not told by one", "-r1 -r2 -c1 Bc2 Aa1 Ba2", "1= 2=2"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			l := newTaskLoop()
			l.learns()
			l.runs(c.events)
			for want := range strings.FieldsSeq(c.want) {
				call, of, _ := strings.Cut(want, "=")
				if got := l.told(call); got != of {
					t.Errorf("call %s is told to be of %q, want %q", call, got, of)
				}
			}
		})
	}
}

// A loop that runs everything in one context, as Twisted's, is never believed.
func TestOneContextForAll(t *testing.T) {
	t.Parallel()
	l := newTaskLoop()
	for i := range 10 * tasksToKnow {
		a, b := 2*i, 2*i+1
		l.runs(fmt.Sprintf("-r%d -r%d Lc%d Lc%d La%d La%d", a, b, a, b, b, a))
	}
	for call := range l.strands {
		if of := l.told(call); of != "" {
			t.Errorf("call %s is told to be of %s", call, of)
		}
	}
}

// No call is kept longer than the requests that may have made it, and what is kept is bounded.
func TestCallsOfTasksDoNotWaitForEver(t *testing.T) {
	t.Parallel()
	l := newTaskLoop()
	l.learns()
	l.runs("-r1 -r2 -r9 Jc1 Ac2 -e1 Ba2")
	if l.strands["1"].Over() {
		t.Error("the call is dropped while a request is open that may have made it")
	}
	l.runs("-r3 -r4 -e9")
	l.now += int64(tasksSweep)
	l.runs("Ac5")
	if !l.strands["1"].Over() || !l.strands["2"].Over() {
		t.Error("a call waits for requests that are over")
	}
	l.runs("Jc7")
	if l.runs("-e3"); l.strands["7"].Over() {
		t.Error("the call is dropped while a request is open that may have made it")
	}
	if l.runs("-e4"); !l.strands["7"].Over() {
		t.Error("a call waits although no request is open")
	}
	l.runs("-r9")
	for range 3 * tasksKept {
		l.runs("Kc6")
		l.process.tasks.task(uint64(l.now) + 1e6)
	}
	if n := len(l.process.tasks.calls); n > tasksKept {
		t.Errorf("%d calls wait", n)
	}
	if n := len(l.process.tasks.of); n > tasksKept {
		t.Errorf("%d tasks are known", n)
	}
	l.Drop(&l.process)
}
