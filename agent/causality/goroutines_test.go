package causality

import (
	"testing"

	"github.com/throughline-io/throughline/pkg/span"
)

const (
	handler = uint64(10) // goroutines
	other   = uint64(11)
	child   = uint64(12)
	writer  = uint64(20)
	worker  = uint64(30)
	thread  = uint32(1)
)

// scheduler is a table and a thread of a Go program, on which one goroutine runs after the other.
type scheduler struct {
	*table
	now   int64
	slice uint32
}

func newScheduler() *scheduler {
	s := &scheduler{table: newTable()}
	s.process.Runtime = Go
	return s
}

func (s *scheduler) moment(goroutine uint64, out bool) *Moment {
	s.now++
	return &Moment{
		Process: &s.process, Executor: Executor{PID: 7, ID: goroutine, Goroutine: true}, Thread: thread, Time: s.now,
		Slice: Slice{Known: true, P: 3, Count: s.slice}, Out: out,
	}
}

// Claim is what the rules of Go say; that one request only may be open does not count here.
func (s *scheduler) Claim(m *Moment) Claim {
	if c := s.table.Claim(m, new(Connection)); c.Rule() != span.RuleSoleRequest {
		return c
	}
	return 0
}

// request is one that a goroutine reads.
func (s *scheduler) request(goroutine uint64) *Passage {
	m := s.moment(goroutine, false)
	s.Claim(m)
	return s.Begin(m, new(Connection), trace)
}

// asks is what is claimed of a request that the writer writes for another goroutine.
func (s *scheduler) asks(before Before) Claim {
	m := s.moment(writer, true)
	m.Asks, m.Before = true, before
	return s.Claim(m)
}

func (s *scheduler) wants(t *testing.T, got Claim, p *Passage, by span.PassageRule) {
	t.Helper()
	if p == nil && got != 0 {
		t.Errorf("claimed by %q; nothing is known", got.Rule())
	}
	if p != nil && (got.Passage() != p.ID || got.Rule() != by) {
		t.Errorf("passage %x by %q, want %x by %q", got.Passage(), got.Rule(), p.ID, by)
	}
}

// net/http's client: a handler wakes the goroutine that writes, and waits.
func TestWhoWakesTheWriterHasItsRequest(t *testing.T) {
	t.Parallel()
	s := newScheduler()
	p := s.request(handler)
	s.wants(t, s.asks(Before{Goroutine: handler, Selects: true}), p, span.RuleHandOff)
	s.slice++ // it was paused between reading and asking
	s.wants(t, s.asks(Before{Goroutine: handler, Selects: true}), p, span.RuleWoken)
}

// What was before on the thread may be overwritten, and is not known on arm64.
func TestTheSliceTellsWhereNothingElseDoes(t *testing.T) {
	t.Parallel()
	s := newScheduler()
	p := s.request(handler)
	s.wants(t, s.asks(Before{}), p, span.RuleTimeSlice)
	s.slice++
	s.wants(t, s.asks(Before{}), nil, 0)
}

// Another goroutine reads an answer of HTTP, which one is not asked: what it wakes is not of the request that was seen
// before it in the slice.
func TestAnAnswerIsReadInTheSlice(t *testing.T) {
	t.Parallel()
	s := newScheduler()
	s.request(handler)
	m := s.moment(0, false)
	m.Slice = Slice{}
	s.Claim(m)
	s.wants(t, s.asks(Before{}), nil, 0)
}

// A ticker's goroutine is woken in the slice of whoever runs: it is of no request.
func TestAJobBesideIsOfNoRequest(t *testing.T) {
	t.Parallel()
	s := newScheduler()
	s.request(handler)
	s.wants(t, s.asks(Before{Goroutine: worker, Parent: 1, Selects: true}), nil, 0)
}

func TestGoroutineAndSliceThatDiffer(t *testing.T) {
	t.Parallel()
	s := newScheduler()
	s.request(handler)
	s.request(other)
	s.wants(t, s.asks(Before{Goroutine: handler, Selects: true}), nil, 0)
}

// A writer that has written and not waited since was not woken for what it writes next.
func TestAWriterThatDoesNotWait(t *testing.T) {
	t.Parallel()
	s := newScheduler()
	p := s.request(handler)
	s.wants(t, s.asks(Before{Goroutine: handler, Selects: true}), p, span.RuleHandOff)
	s.wants(t, s.asks(Before{Goroutine: handler, Selects: true}), nil, 0)
}

// Who reads, sleeps or waits for a lock has not asked for anything.
func TestWhoDoesNotWaitForAnAnswerHasNotAsked(t *testing.T) {
	t.Parallel()
	s := newScheduler()
	s.request(handler)
	s.wants(t, s.asks(Before{Goroutine: handler}), nil, 0)
}

// What a goroutine of no passage reads is what the next one on the thread is woken for.
func TestAReadBetweenEndsTheEvidence(t *testing.T) {
	t.Parallel()
	s := newScheduler()
	s.request(handler)
	s.Claim(s.moment(worker, false))
	s.wants(t, s.asks(Before{}), nil, 0)
}

// errgroup: the goroutines that a handler begins are its request's, whether they ask or write themselves.
func TestGoroutinesOfAHandler(t *testing.T) {
	t.Parallel()
	s := newScheduler()
	p := s.request(handler)
	s.wants(t, s.asks(Before{Goroutine: child, Parent: handler, Selects: true}), p, span.RuleHandOff)
	s.slice++
	s.wants(t, s.asks(Before{Goroutine: child, Parent: handler, Selects: true}), p, span.RuleParentGoroutine)
	m := s.moment(child, true)
	m.Parent = handler
	s.wants(t, s.Claim(m), p, span.RuleParentGoroutine)
}

// A goroutine that outlives its request is not the next one's on the connection.
func TestAGoroutineThatOutlivesItsRequest(t *testing.T) {
	t.Parallel()
	s := newScheduler()
	first := s.request(handler)
	s.slice++
	s.wants(t, s.asks(Before{Goroutine: child, Parent: handler, Selects: true}), first, span.RuleParentGoroutine)
	first.answered = 1
	s.request(handler)
	s.slice++
	s.wants(t, s.asks(Before{Goroutine: child, Parent: handler, Selects: true}), nil, 0)
}

func TestNothingIsAskedForAnAnsweredRequest(t *testing.T) {
	t.Parallel()
	s := newScheduler()
	s.request(handler).answered = 1
	s.wants(t, s.asks(Before{Goroutine: handler, Selects: true}), nil, 0)
	s.wants(t, s.asks(Before{}), nil, 0)
}

// However many threads and goroutines a program has had, what is remembered of them is bounded.
func TestGoroutinesAreForgotten(t *testing.T) {
	t.Parallel()
	s := newScheduler()
	s.request(handler)
	for i := range uint64(3 * childrenKept) {
		m := s.moment(1000+i, true)
		m.Thread, m.Parent = uint32(i), handler
		s.Claim(m)
	}
	if len(s.process.children) > childrenKept || len(s.process.slices) > slicesKept {
		t.Errorf("%d goroutines, %d threads", len(s.process.children), len(s.process.slices))
	}
}
