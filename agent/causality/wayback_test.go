package causality

import (
	"testing"

	"github.com/throughline-io/throughline/pkg/span"
)

const reader = uint64(21) // goroutine that reads answers for others

// wayBackScheduler is a Go program whose calls no other rule tells.
type wayBackScheduler struct {
	*scheduler
	told []*Strand
}

func newWayBack() *wayBackScheduler {
	s := &wayBackScheduler{scheduler: newScheduler()}
	s.wayBack.strands = strands{func(of *Strand) { s.told = append(s.told, of) }}
	s.process.calls = tally{all: callsToKnow, so: callsToKnow} // no sole request
	return s
}

// calls is a call that the writer makes where nothing tells for whom.
func (s *wayBackScheduler) calls(t *testing.T) *Strand {
	t.Helper()
	s.slice++
	m, on := s.moment(writer, true), new(Connection)
	m.Asks = true
	if p, c := s.Call(s.Claim(m), m, on, 1); p != nil || on.Strand() == nil {
		t.Fatalf("claimed by %q, strand %v", c.Rule(), on.Strand())
	}
	return on.Strand()
}

// answered takes that a goroutine has read the answers to calls, at once and in a slice of its own.
func (s *wayBackScheduler) answered(goroutine uint64, calls ...*Strand) {
	s.slice++
	m := s.moment(goroutine, false)
	s.Claim(m)
	for _, call := range calls {
		s.BackIn(call, m)
	}
}

// runs takes that a goroutine moves bytes next.
func (s *wayBackScheduler) runs(goroutine uint64) { s.Claim(s.moment(goroutine, true)) }

func (s *wayBackScheduler) wantsTold(t *testing.T, call *Strand, p *Passage) {
	t.Helper()
	of, claim := call.Told()
	if !call.Over() || len(s.told) == 0 || of != p || p != nil && claim.Rule() != span.RuleTimeSlice {
		t.Errorf("told %v (over: %v) by %q, want %v", of, call.Over(), claim.Rule(), p)
	}
}

func TestWhoRunsBehindTheReaderHasAsked(t *testing.T) {
	t.Parallel()
	s := newWayBack()
	p := s.request(handler)
	s.request(other)
	call := s.calls(t)
	s.answered(reader, call)
	s.runs(handler)
	s.wantsTold(t, call, p)
}

// Of a long answer who asked reads the rest.
func TestWhoReadsTheRestHasAsked(t *testing.T) {
	t.Parallel()
	s := newWayBack()
	p := s.request(handler)
	s.request(other)
	call := s.calls(t)
	s.answered(handler, call)
	s.wantsTold(t, call, p)
}

func TestWhatTellsNothingOfTheWayBack(t *testing.T) {
	t.Parallel()
	for name, then := range map[string]func(s *wayBackScheduler, call, second *Strand){
		"who comes from a queue":         func(s *wayBackScheduler, call, _ *Strand) { s.answered(reader, call); s.slice++; s.runs(handler) },
		"a job that moves bytes between": func(s *wayBackScheduler, call, _ *Strand) { s.answered(reader, call); s.runs(worker); s.runs(handler) },
		"two answers in one read":        func(s *wayBackScheduler, call, second *Strand) { s.answered(reader, call, second); s.runs(handler) },
		"three": func(s *wayBackScheduler, call, second *Strand) {
			s.answered(reader, call, second, call)
			s.runs(handler)
		},
		"a worker, whom its next job wakes": func(s *wayBackScheduler, call, _ *Strand) { s.answered(writer, call); s.runs(handler) },
		"a goroutine that serves nobody":    func(s *wayBackScheduler, call, _ *Strand) { s.answered(reader, call); s.runs(worker) },
		"an answer that does not come":      func(s *wayBackScheduler, call, _ *Strand) { s.Lost(call) },
		"where it ran is not known": func(s *wayBackScheduler, call, _ *Strand) {
			m := s.moment(reader, false)
			m.Slice = Slice{}
			s.BackIn(call, m)
		},
		"another's answer in the same read, known": func(s *wayBackScheduler, call, _ *Strand) {
			s.slice++
			m := s.moment(reader, false)
			s.Claim(m)
			s.Back(s.process.open[1], Claim(1), m)
			s.BackIn(call, m)
			s.runs(handler)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newWayBack()
			s.request(handler)
			s.request(other)
			call, second := s.calls(t), s.calls(t)
			then(s, call, second)
			s.wantsTold(t, call, nil)
		})
	}
}

// A request that came behind the call, or was answered before that, did not ask.
func TestTheWayBackToAnotherRequest(t *testing.T) {
	t.Parallel()
	s := newWayBack()
	s.request(other)
	call, late := s.calls(t), s.calls(t)
	p := s.request(handler)
	s.answered(reader, call)
	s.runs(handler)
	s.wantsTold(t, call, nil)
	p.answered = 1
	s.answered(reader, late)
	s.runs(handler)
	s.wantsTold(t, late, nil)
}

// HTTP/2's reader wakes others, too: who waits for room to send, or for a frame that ends nothing.
func TestACallAmongManyHasNoWayBack(t *testing.T) {
	t.Parallel()
	s := newWayBack()
	s.request(handler)
	m, on := s.moment(writer, true), new(Connection)
	m.Among = true
	if s.Call(0, m, on, 1); on.Strand() != nil {
		t.Error("it has a strand")
	}
}

// Where no request is open any more nothing waits, and however many threads there were, what is kept of them is bounded.
func TestTheWayBackIsForgotten(t *testing.T) {
	t.Parallel()
	s := newWayBack()
	p := s.request(handler)
	call := s.calls(t)
	s.answered(reader, call)
	s.End(p, 1, s.now)
	s.wantsTold(t, call, nil)
	s.request(handler)
	for i := range uint32(3 * slicesKept) {
		call := s.calls(t)
		m := s.moment(reader, false)
		m.Thread = 100 + i
		s.BackIn(call, m)
	}
	if len(s.process.heard) > slicesKept {
		t.Errorf("%d threads are kept", len(s.process.heard))
	}
}
