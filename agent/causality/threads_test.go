package causality

import (
	"fmt"
	"strings"
	"testing"

	"github.com/throughline-io/throughline/pkg/span"
)

// rounds runs events of two requests, 1 and 2, several times, with numbers of their own from first on.
func (l *threadPool) rounds(first, n int, events string) {
	for i := range n {
		l.runs(strings.NewReplacer("1", fmt.Sprint(first+2*i), "2", fmt.Sprint(first+2*i+1)).Replace(events))
	}
}

// of is the request that a call was told to be of, at once or later.
func (l *threadPool) of(call string) string {
	for name, p := range l.requests {
		if l.atOnce[call] == p {
			return name
		}
	}
	return l.told(call)
}

const threadEach = "Ar1 Br2 Ac1 Bc2 Ab1 Bb2 Bc2 Bb2 Aa1 Ba2"

// The first calls of a program that serves several at once wait until it is known that each thread serves one request. None is lost.
func TestTheFirstCallsOfThreads(t *testing.T) {
	t.Parallel()
	l := newThreadPool()
	l.rounds(100, wholeToKnow/2-1, threadEach)
	for call, s := range l.strands {
		if l.atOnce[call] != nil || s == nil || s.Over() {
			t.Fatalf("call %s does not wait", call)
		}
	}
	l.rounds(200, 1, threadEach)
	for call, s := range l.strands {
		if got := l.of(call); got != call {
			t.Errorf("call %s is told to be of %q", call, got)
		}
		if _, c := s.Told(); c.Rule() != span.RuleAnswerThread {
			t.Errorf("call %s is told by %v", call, c.Rule())
		}
	}
	l.runs("Ar1 Br2 Ac1 Bc2")
	if l.atOnce["1"] != l.requests["1"] || l.atOnce["2"] != l.requests["2"] {
		t.Error("calls are not told at once by the threads that are known")
	}
}

// Loops and pools look like threads for each request at first. None of their calls is told by the thread that makes it while
// there is another request.
func TestWhatLooksLikeThreads(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, events string }{
		{"loops, each of which calls on the connection of the other", "Ar1 Br2 Ac2 Bc1 Ab2 Bb1 Aa1 Ba2"},
		{"loops that go on while they wait", "Ar1 Br2 Ac1 Ac2 Ab1 Ab2 Aa1 Ba2"},
		{"a loop that reads a request while it has one", "Ar1 Ar2 Ac1 Ac2 Ab2 Ab1 Aa1 Aa2"},
		{"threads that are answered for", "Ar1 Br2 Ac1 Bc2 Ab1 Bb2 Ca1 Ca2"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			l := newThreadPool()
			l.rounds(100, wholeToKnow/2-1, c.events)
			for call := range l.strands {
				if got := l.of(call); got != "" {
					t.Errorf("call %s is told to be of %q", call, got)
				}
			}
		})
	}
}

// Loops that call where they read as a rule, and now and then elsewhere, are found out before they are believed.
func TestLoopsThatMostlyCallWhereTheyRead(t *testing.T) {
	t.Parallel()
	l := newThreadPool()
	for i := range 10 {
		l.rounds(1000*(i+1), 3, threadEach)
		l.rounds(1000*(i+1)+100, 1, "Ar1 Br2 Ac1 Ac2 Ab1 Ab2 Aa1 Ba2")
	}
	for call := range l.strands {
		if got := l.of(call); got != "" {
			t.Errorf("call %s is told to be of %q", call, got)
		}
	}
}

// The only request there is needs no proof, and is none.
func TestAThreadOfTheOnlyRequest(t *testing.T) {
	t.Parallel()
	l := newThreadPool()
	for i := range 2 * wholeToKnow {
		name := fmt.Sprint(i)
		l.runs(fmt.Sprintf("Ar%s Ac%s Ab%s Aa%s", name, name, name, name))
		if l.atOnce[name] != l.requests[name] {
			t.Fatalf("call %s is not told at once", name)
		}
	}
	if l.process.proof.known() {
		t.Error("one request after the other tells nothing of several")
	}
}

// Who reads the answer does not matter: a client may have a thread of its own for that. So what else a thread asks for behind it is told.
func TestAThreadWhoseAnswersAnotherReads(t *testing.T) {
	t.Parallel()
	l := newThreadPool()
	l.rounds(100, wholeToKnow, "Ar1 Br2 Ac1 Bc2 Sb1 Sb2 Ac1' Bc2' Ab1' Bb2' Aa1 Ba2")
	l.runs("Ar1 Br2 Ac1")
	if l.atOnce["1"] != l.requests["1"] {
		t.Error("it is not told at once")
	}
}

// What is not known soon is nobody's, and of many no more than some wait.
func TestCallsOfThreadsThatWait(t *testing.T) {
	t.Parallel()
	l := newThreadPool()
	l.runs("Zr9 Ar1 Ac1 Ab1 Aa1")
	if s := l.strands["1"]; s.Over() {
		t.Fatal("it does not wait")
	}
	l.Sweep(l.now + 3*int64(passageLinger))
	if s := l.strands["1"]; !s.Over() || l.of("1") != "" {
		t.Error("it waits for longer than its request is kept")
	}
	for i := range heldKept + 9 { // requests without calls before them tell nothing
		l.process.proof.whole = tally{}
		l.runs(fmt.Sprintf("Ar%da Ac%da Ab%da Aa%da", i, i, i, i))
	}
	if n := len(l.process.held); n > heldKept {
		t.Errorf("the calls of %d requests wait", n)
	}
}
