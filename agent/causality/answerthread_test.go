package causality

import (
	"fmt"
	"strings"
	"testing"
)

// threadPool is a process one of whose threads reads requests, which others answer.
type threadPool struct {
	*table
	now      int64
	requests map[string]*Passage
	strands  map[string]*Strand // by call
	goes     map[string]*Connection
	atOnce   map[string]*Passage // by call: of which it was told to be when it began
}

func newThreadPool() *threadPool {
	l := &threadPool{table: newTable(), requests: map[string]*Passage{}, strands: map[string]*Strand{}, goes: map[string]*Connection{}, atOnce: map[string]*Passage{}}
	l.limit = 1 << 20
	return l
}

func (l *threadPool) on(thread byte) *Moment {
	l.now++
	m := l.at(Executor{PID: 7, ID: uint64(thread)}, l.now)
	m.Out = true
	return m
}

// runs takes events in their order, each with the thread that it is of: "Rr1" thread R reads request 1, "Aa1" answers
// it, "Ac1" calls for it, "Ab1" reads the answer to that call.
func (l *threadPool) runs(events string) {
	for e := range strings.FieldsSeq(events) {
		m, what, of := l.on(e[0]), e[1], e[2:]
		on := new(Connection)
		if what == 'b' {
			on, m.Out = l.goes[of], false
		}
		claim := l.Claim(m, on)
		switch what {
		case 'r':
			l.requests[of] = l.Begin(m, on, trace)
		case 'c':
			l.atOnce[of], _ = l.Call(claim, m, on, uint64(l.now))
			l.strands[of], l.goes[of] = on.Strand(), on
		case 'b':
			if s := l.strands[of]; s != nil {
				l.BackIn(s, m)
			}
		case 'a':
			p := l.requests[of]
			l.Answering(p.by, m, l.now)
			l.AnsweredBy(p, m.Thread)
			l.End(p, 5, l.now)
		}
	}
}

func (l *threadPool) told(call string) string {
	if s := l.strands[call]; s != nil {
		for name, p := range l.requests {
			if of, _ := s.Told(); of == p {
				return name
			}
		}
	}
	return ""
}

func TestAnswerThread(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, events, want string }{
		{"who answers has called", "Rr1 Rr2 Ac1 Bc2 Ab1 Bb2 Ac1' Ab1' Ba2 Aa1", "1=1 1'=1 2=2"},
		{"and may have read the request itself", "Rr1 Br2 Ac1 Bc2 Ab1 Bb2 Ba2 Aa1", "1=1 2=2"},
		{"who asks for two at once serves several", "Rr1 Rr2 Ac1 Ac2 Ab1 Ab2 Aa1 Aa2 Rr3 Rr4 Ac3 Ab3 Aa3", "1= 2= 3="},
		{"so does one for whom another reads, as virtual threads' do", "Rr1 Rr2 Ac1 Bb1 Aa1 Rr3 Rr4 Ac3 Ab3 Aa3", "1= 3="},
		{"and one that has two requests of its own", "Ar1 Ar2 Ac1 Ab1 Aa1 Ac2 Ab2 Aa2", "1= 2="},
		{"a call is of no request that was read behind it", "Rr1 Rr2 Ac0 Ab0 Rr3 Aa3", "0="},
		{"nor of one that is answered without waiting for it", "Rr1 Rr2 Ac1 Aa1", "1="},
		{"a thread that answers nothing calls for nobody", "Rr1 Rr2 Cc1 Cb1 Ca1", "1="},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			l := newThreadPool()
			for i := range 2 * answersToKnow {
				a, b := 100+2*i, 101+2*i
				l.runs(fmt.Sprintf("Rr%d Rr%d Ac%d Bc%d Ab%d Bb%d Aa%d Ba%d", a, b, a, b, a, b, a, b))
			}
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

// Where all threads were seen to do one thing after the other, a new one's first answers are believed, too.
func TestAThreadOfAPoolThatIsTrusted(t *testing.T) {
	t.Parallel()
	l := newThreadPool()
	for i := range answersToTrust + 4 {
		l.runs(fmt.Sprintf("Rr%d Rr%dx Ac%d Ab%d Aa%d Aa%dx", i, i, i, i, i, i))
	}
	l.runs("Rr1000 Rr1001 Ba1000 Rr1002 Bc1001 Bb1001 Ba1001")
	if got := l.told("1001"); got != "1001" {
		t.Errorf("a call of a new thread is told to be of %q", got)
	}
}

// Not even the first calls of a thread are missed then. One that works beside requests is not waited for.
func TestANewThreadOfAPoolThatIsTrusted(t *testing.T) {
	t.Parallel()
	l := newThreadPool()
	for i := range answersToTrust + 4 {
		l.runs(fmt.Sprintf("Rr%d Rr%dx Ac%d Ab%d Aa%d Aa%dx", i, i, i, i, i, i))
	}
	l.runs("Rr1000 Rr1001 Bc1001 Bb1001 Ba1001")
	if got := l.told("1001"); got != "1001" {
		t.Errorf("a call of a new thread is told to be of %q", got)
	}
	for range callsOfNobody + 2 {
		l.runs("Cc9 Cb9")
	}
	if s := l.strands["9"]; s != nil && !s.Over() {
		t.Error("the calls of a thread that answers nothing wait")
	}
}

// A program of whose threads each serves its requests alone is known when its first request is handed on.
func TestThreadsAreKnownBeforeTheyHandOn(t *testing.T) {
	t.Parallel()
	l := newThreadPool()
	for i := range 2 * answersToKnow {
		l.runs(fmt.Sprintf("Ar%d Ac%d Ab%d Aa%d", i, i, i, i))
	}
	l.runs("Rr100 Ba100 Rr101 Rr102 Ac101 Ab101 Aa101")
	if got := l.told("101"); got != "101" {
		t.Errorf("a call is told to be of %q", got)
	}
}

// Then not even the call for the first such request is missed, of a thread that has answered before. The calls of others do not wait.
func TestTheFirstRequestThatIsHandedOn(t *testing.T) {
	t.Parallel()
	l := newThreadPool()
	for i := range answersToTrust + 4 {
		l.runs(fmt.Sprintf("Ar%d Ac%d Ab%d Aa%d", i, i, i, i))
	}
	l.runs("Rr100 Br101 Cc9 Cb9 Ac100 Ab100")
	if s := l.strands["9"]; s != nil {
		t.Error("the call of a thread that has answered nothing waits")
	}
	l.runs("Aa100")
	if got := l.told("100"); got != "100" {
		t.Errorf("the call is told to be of %q", got)
	}
}
