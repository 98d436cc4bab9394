package causality

import (
	"testing"

	"github.com/throughline-io/throughline/pkg/span"
)

const streamsReader = uint64(40) // goroutine that reads requests of many at once

// grpcServer is a program in which a goroutine reads requests for others that it begins.
type grpcServer struct {
	*scheduler
	by Connection
}

func newGRPCServer() *grpcServer { return &grpcServer{scheduler: newScheduler()} }

// reads are requests that the reader has read at once.
func (s *grpcServer) reads(n int) (read []*Passage) {
	s.slice++
	m := s.moment(streamsReader, false)
	s.Claim(m)
	for range n {
		read = append(read, s.BeginAmong(m, &s.by, trace))
	}
	return read
}

// writes is what is claimed of a call that a goroutine makes itself, in the slice of what was before or a later one.
func (s *grpcServer) writes(goroutine uint64) Claim {
	m := s.moment(goroutine, true)
	m.Parent = streamsReader
	return s.Claim(m)
}

func (s *grpcServer) writesLater(goroutine uint64) Claim {
	s.slice++
	return s.writes(goroutine)
}

func (s *grpcServer) wantsAll(t *testing.T, read []*Passage, first uint64) {
	t.Helper()
	for i, p := range read {
		s.wants(t, s.writesLater(first+uint64(i)), p, span.RuleParentGoroutine)
	}
}

func TestTheOnlyRequestThatAReaderHasBegunAGoroutineFor(t *testing.T) {
	t.Parallel()
	s := newGRPCServer()
	read := s.reads(1)
	s.wantsAll(t, read, 100)
	next := s.reads(1) // it is known who serves the other
	s.wantsAll(t, next, 101)
	s.wantsAll(t, read, 100)
}

func TestSeveralRequestsOfAReaderTellNothing(t *testing.T) {
	t.Parallel()
	s := newGRPCServer()
	read := s.reads(2)
	s.wants(t, s.writesLater(100), nil, 0)
	s.wants(t, s.writesLater(101), nil, 0)
	s.Answered(read[1], 1) // what is left is the other's
	s.wants(t, s.writesLater(100), read[0], span.RuleParentGoroutine)
}

func TestTheLatestRequestRunsInTheSliceOfItsReader(t *testing.T) {
	t.Parallel()
	s := newGRPCServer()
	s.reads(2)
	read := s.reads(1)
	s.wants(t, s.writes(102), read[0], span.RuleParentGoroutine)
}

// Numbers and slice agree: those between are known as well.
func TestGoroutinesOfRequestsThatWereReadAtOnce(t *testing.T) {
	t.Parallel()
	s := newGRPCServer()
	s.wantsAll(t, s.reads(1), 100)
	read := s.reads(3)
	s.wants(t, s.writes(103), read[2], span.RuleParentGoroutine)
	s.wantsAll(t, read, 101)
}

// A reader that was stopped behind the second of three: the slice takes that one's goroutine for the last's.
func TestAReaderThatWasStopped(t *testing.T) {
	t.Parallel()
	s := newGRPCServer()
	s.wantsAll(t, s.reads(1), 100)
	s.reads(3)
	s.wants(t, s.writes(102), nil, 0)
}

// A P has no numbers left behind 100, and takes a block that another P has not: from 133 on.
func TestNumbersOfAnotherBlock(t *testing.T) {
	t.Parallel()
	s := newGRPCServer()
	s.wantsAll(t, s.reads(1), 100)
	read := s.reads(3)
	s.wants(t, s.writes(135), read[2], span.RuleParentGoroutine)
	s.wants(t, s.writesLater(101), nil, 0) // the block may have ended behind that, or not
	s.wants(t, s.writesLater(134), nil, 0)

	s = newGRPCServer()
	s.wantsAll(t, s.reads(1), 100)
	one := s.reads(1)
	s.wantsAll(t, one, 133) // so blocks end at 100, 116, 132, 148
	s.wants(t, s.writesLater(133), one[0], span.RuleParentGoroutine)
	for goroutine := uint64(134); goroutine <= 147; goroutine++ {
		s.wantsAll(t, s.reads(1), goroutine)
	}
	read = s.reads(4)
	s.wants(t, s.writes(167), read[3], span.RuleParentGoroutine)
	s.wants(t, s.writesLater(148), read[0], span.RuleParentGoroutine)
	s.wants(t, s.writesLater(165), read[1], span.RuleParentGoroutine)
	s.wants(t, s.writesLater(149), nil, 0)
}

// Where handlers begin goroutines, too, a gap in the numbers is not one of blocks.
func TestAGapThatIsNotOfBlocks(t *testing.T) {
	t.Parallel()
	s := newGRPCServer()
	at := uint64(100)
	for range 10 {
		s.wantsAll(t, s.reads(1), at)
		at += 3
	}
	read := s.reads(3)
	last := at - 3 + 3 + goidBlock
	s.wants(t, s.writes(last), read[2], span.RuleParentGoroutine)
	s.wants(t, s.writesLater(last-1), nil, 0)
}

// grpc-go's loopyWriter is a child of the reader, too, in some of its versions: it answers, and serves nobody.
func TestWhoAnswersForManyServesNoneOfThem(t *testing.T) {
	t.Parallel()
	s := newGRPCServer()
	read := s.reads(1)
	m := s.moment(90, true)
	m.Parent = streamsReader
	if c := s.table.Claim(m, &s.by); c.Rule() != span.RuleSoleRequest {
		t.Errorf("claimed by %q", c.Rule())
	}
	s.wantsAll(t, read, 100)
}

// A handler that writes HTTP itself was not woken to do so for the one that ran before.
func TestAHandlerWritesForItselfOnly(t *testing.T) {
	t.Parallel()
	s := newGRPCServer()
	s.wantsAll(t, s.reads(1), 100)
	s.reads(2)
	s.slice++
	m := s.moment(102, true)
	m.Parent, m.Asks, m.Before = streamsReader, true, Before{Goroutine: 100, Parent: streamsReader, Selects: true}
	s.wants(t, s.Claim(m), nil, 0)
}

// net/http's client, of a handler of gRPC: the goroutine that woke the writer is the reader's child.
func TestAWriterOfAHandlerOfMany(t *testing.T) {
	t.Parallel()
	s := newGRPCServer()
	read := s.reads(1)
	s.wants(t, s.asks(Before{Goroutine: 100, Parent: streamsReader, Selects: true}), read[0], span.RuleParentGoroutine)
	m := s.moment(child, true)
	m.Parent = 100 // errgroup
	s.wants(t, s.Claim(m), read[0], span.RuleParentGoroutine)
}

// In a program whose goroutines go on to serve what others have read, being begun by a reader tells nothing.
func TestGoroutinesThatAreUsedAgain(t *testing.T) {
	t.Parallel()
	s := newGRPCServer()
	read := s.reads(1)
	s.wantsAll(t, read, 100)
	s.Answered(read[0], 1)
	s.reads(1)
	s.wants(t, s.writesLater(100), nil, 0)
	s.wants(t, s.writesLater(101), nil, 0)
}

func TestACallThatIsAnsweredBehindItsRequestOfMany(t *testing.T) {
	t.Parallel()
	s := newGRPCServer()
	p := s.reads(1)[0]
	s.Answered(p, 100)
	if m := s.moment(100, false); s.Holds(p.claim(span.RuleParentGoroutine), p, 101, m) || !s.Holds(p.claim(span.RuleParentGoroutine), p, 99, m) {
		t.Error("who waits for a call's answer does not answer before")
	}
}

// However many readers and requests there were, what is kept of them is bounded.
func TestReadersAreForgotten(t *testing.T) {
	t.Parallel()
	s := newGRPCServer()
	s.limit = 1 << 20
	for i := range uint64(3 * readersKept) {
		m := s.moment(1000+i, false)
		m.Slice.P = int32(i)
		s.BeginAmong(m, &s.by, trace)
		m = s.moment(streamsReader, false)
		m.Slice.P = int32(i)
		s.BeginAmong(m, &s.by, trace)
	}
	if n := len(s.process.readers); n > readersKept {
		t.Errorf("%d readers", n)
	}
	s.reads(2 * streamsKept)
	if rd := s.process.readers[streamsReader]; len(rd.streams) > streamsKept || len(rd.begun) > readersKept {
		t.Errorf("%d requests, %d Ps", len(rd.streams), len(rd.begun))
	}
}
