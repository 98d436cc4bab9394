package causality

import "testing"

// The first calls of a pool wait until its threads were seen to do one thing after the other.
func TestTheFirstCallsOfAPool(t *testing.T) {
	t.Parallel()
	l := newThreadPool()
	const handedOn = "Rr1 Rr2 Ac1 Bc2 Ab1 Bb2 Aa1 Ba2"
	l.rounds(100, answersToKnow+1, handedOn)
	l.rounds(200, 1, handedOn)
	for call := range l.strands {
		if got := l.of(call); got != call && call != "100" && call != "101" { // of the first request nothing told that it was handed on
			t.Errorf("call %s is told to be of %q", call, got)
		}
	}
}

// Those of threads that have read their requests themselves wait, too, when the first is handed on behind them.
func TestTheFirstCallsBeforeOneIsHandedOn(t *testing.T) {
	t.Parallel()
	l := newThreadPool()
	l.runs("Ar1 Br2 Ac1 Bc2 Ab1 Bb2 Aa1 Ba2")
	l.runs("Rr3 Rr4 Ac3 Bc4 Ab3 Bb4 Aa3 Ba4")
	l.rounds(100, answersToKnow+1, "Rr1 Rr2 Ac1 Bc2 Ab1 Bb2 Aa1 Ba2")
	for _, call := range []string{"1", "2"} {
		if got := l.of(call); got != call {
			t.Errorf("call %s is told to be of %q", call, got)
		}
	}
}

// Not if the thread is found to do several things at once.
func TestTheFirstCallsOfALoopThatIsHandedRequests(t *testing.T) {
	t.Parallel()
	l := newThreadPool()
	l.rounds(100, answersToKnow-1, "Rr1 Rr2 Ac1 Ab1 Aa1 Ac2 Ab2 Aa2")
	l.rounds(200, 3, "Rr1 Rr2 Ac1 Ac2 Ab1 Ab2 Aa1 Aa2")
	for call := range l.strands {
		if got := l.told(call); got != "" {
			t.Errorf("call %s is told to be of %q", call, got)
		}
	}
}
