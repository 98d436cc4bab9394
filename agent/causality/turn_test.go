package causality

import (
	"fmt"
	"strings"
	"testing"
)

// learnsTurns serves requests of thread R on thread A, which goes on where it has read an answer.
func (l *threadPool) learnsTurns(each string) {
	for i := range turnsToKnow + 2 {
		l.runs(strings.NewReplacer("1", fmt.Sprint(100+2*i), "2", fmt.Sprint(101+2*i)).Replace(each))
	}
}

func TestTurns(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, events, want string }{
		{"an answer follows that to its call", "Rr1 Rr2 Ac1 Ac2 Ab2 Aa2 Ab1 Aa1", "1=1 2=2"},
		{"on whatever thread that is read", "Rr1 Rr2 Ac1 Bc2 Bb1 Ba1 Ab2 Aa2", "1=1 2=2"},
		{"and not with something between", "Rr1 Rr2 Rr3 Ac1 Ac2 Ab1 Ac3 Aa1", "1="},
		{"of calls in a row the last is told", "Rr1 Rr2 Ac1 Ac2 Ab2 Ac2' Ab1 Aa1 Ab2' Aa2", "1=1 2= 2'=2"},
		{"and all of them where the request tells the same", "Rr9 Ar1 Ac1 Ar2 Ac2 Bb1 Bc1' Ab2 Aa2 Bb1' Ba1", "1=1 1'=1 2=2"},
		{"but none where it tells another", "Rr9 Ar1 Ac2 Rr2 Ab2 Aa2", "2="},
		{"a call is of no request that was read behind it", "Rr8 Rr9 Ac1 Rr1 Ab1 Aa1", "1="},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			l := newThreadPool()
			l.learnsTurns("Rr1 Rr2 Ac1 Ac2 Ab2 Aa2 Ab1 Aa1")
			l.runs(c.events)
			for want := range strings.FieldsSeq(c.want) {
				call, of, _ := strings.Cut(want, "=")
				if got := l.told(call); got != of {
					t.Errorf("%s is told to be of %q, want %q", call, got, of)
				}
			}
		})
	}
}

// A loop that reads all that is there, and acts then, answers what it has read first behind what it has read last.
func TestALoopThatPutsOffWhatItHasRead(t *testing.T) {
	t.Parallel()
	l := newThreadPool()
	l.learnsTurns("Rr1 Rr2 Ac1 Ac2 Ab1 Ab2 Aa1 Aa2")
	for call := range l.strands {
		if of := l.told(call); of != "" {
			t.Errorf("%s is told to be of %q", call, of)
		}
	}
}
