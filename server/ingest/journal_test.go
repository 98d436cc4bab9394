package ingest

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/store"
	"github.com/throughline-io/throughline/pkg/wire"
)

// shelf is a log in memory. What a service leaves in it another one finds.
type shelf struct {
	mu         sync.Mutex
	open       [][]byte
	sealed     []*shelfSegment
	taken      int    // given to the consumer, each once, and not done
	number     uint64 // of the segment that takes records
	changed    chan struct{}
	full       bool
	block      chan struct{} // when not nil, who appends waits for it, and gives up with its context
	remembered []byte
	aside      []string
}

type shelfSegment struct {
	shelf   *shelf
	number  uint64
	records [][]byte
}

func newShelf() *shelf { return &shelf{number: 1, changed: make(chan struct{})} }

var errFull = errors.New("the log on disk is full")

func (l *shelf) Append(ctx context.Context, _ int, record []byte) (uint64, error) {
	l.mu.Lock()
	if l.full {
		defer l.mu.Unlock()
		return 0, errFull
	}
	l.open = append(l.open, slices.Clone(record))
	number := l.number
	l.mu.Unlock()
	if l.block == nil {
		return number, nil
	}
	select {
	case <-l.block:
		return number, nil
	case <-ctx.Done(): // the record is written all the same
		return 0, ctx.Err()
	}
}

func (l *shelf) Seal(context.Context) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.open) > 0 {
		l.sealed = append(l.sealed, &shelfSegment{l, l.number, l.open})
		l.open = nil
		l.number++
		close(l.changed)
		l.changed = make(chan struct{})
	}
	return nil
}

func (l *shelf) Next(ctx context.Context) (Segment, error) {
	for {
		l.mu.Lock()
		changed := l.changed
		if len(l.sealed) > 0 {
			defer l.mu.Unlock()
			next := l.sealed[0]
			l.sealed = l.sealed[1:]
			l.taken++
			return next, nil
		}
		l.mu.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

func (l *shelf) Waiting() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := len(l.sealed) + l.taken
	if len(l.open) > 0 {
		n++
	}
	return n
}

func (l *shelf) Remember(data []byte) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.remembered = data
	return nil
}

func (s *shelfSegment) Number() uint64 { return s.number }
func (s *shelfSegment) Token() string  { return fmt.Sprint("token", s.number) }

func (s *shelfSegment) Records() iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for _, r := range s.records {
			if !yield(r, nil) {
				return
			}
		}
	}
}

func (s *shelfSegment) Done() error {
	s.shelf.mu.Lock()
	defer s.shelf.mu.Unlock()
	s.shelf.taken--
	return nil
}

func (s *shelfSegment) SetAside(number int, _ []byte, why string) error {
	s.shelf.mu.Lock()
	defer s.shelf.mu.Unlock()
	s.shelf.aside = append(s.shelf.aside, fmt.Sprint(number, ": ", why))
	return nil
}

// logged is a service with a log.
func logged(t *testing.T, m *memory, l *shelf, opt JournalOptions) (*Service, wire.IngestClient) {
	t.Helper()
	opt.Refused = func(err error) bool { return errors.Is(err, errBadData) }
	return serve(t, m, Options{Log: l, Journal: opt}, "")
}

// eventually waits for what another goroutine does.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !is(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain: %s", what)
		}
	}
}

func TestPushesAreAcknowledgedWhileTheStoreIsAway(t *testing.T) {
	t.Parallel()
	m, l := &memory{fail: errors.New("connection refused")}, newShelf()
	s, c := logged(t, m, l, JournalOptions{})
	for i := range uint64(5) {
		if r, err := c.Push(t.Context(), push("a", i+1, 2*i+1, 2*i+2)); err != nil || r.GetAccepted() != 2 {
			t.Fatalf("push %d: %v, %v", i, r, err)
		}
	}
	_ = l.Seal(t.Context())
	eventually(t, "the trouble is said", func() bool { _, why := s.Journal(); return strings.Contains(why, "connection refused") })
	m.set(nil)
	eventually(t, "it is stored", func() bool { return len(m.stored()) == 10 })
	eventually(t, "the trouble is over", func() bool { n, why := s.Journal(); return why == "" && n.Spans == 10 && n.Segments == 1 })
	if m.tokens == nil || m.tokens[0] != "token1" {
		t.Errorf("inserted under %q", m.tokens)
	}
}

func TestAFullLogSaysLater(t *testing.T) {
	t.Parallel()
	m, l := &memory{}, newShelf()
	l.full = true
	_, c := logged(t, m, l, JournalOptions{})
	p := push("a", 1, 1)
	if _, err := c.Push(t.Context(), p); status.Code(err) != codes.Unavailable || !strings.Contains(err.Error(), "full") {
		t.Errorf("full: %v, want Unavailable with the reason", err)
	}
	l.mu.Lock()
	l.full = false
	l.mu.Unlock()
	if r, err := c.Push(t.Context(), p); err != nil || r.GetAccepted() != 1 {
		t.Errorf("with room again: %v, %v", r, err)
	}
}

// Its answer was lost, the server died, and what it had acknowledged lay in the log, or was in
// the store already.
func TestAPushThatComesAgainAfterARestartIsOne(t *testing.T) {
	t.Parallel()
	m, l := &memory{}, newShelf()
	first := New(m, noTags{}, Options{Log: l})
	if _, err := first.Push(t.Context(), push("a", 1, 1)); err != nil {
		t.Fatal(err)
	}
	_ = l.Seal(t.Context())
	first.journal.next(t.Context(), t.Context(), t.Context()) // stored, and noted
	if _, err := first.Push(t.Context(), push("a", 2, 2)); err != nil {
		t.Fatal(err)
	}
	_ = l.Seal(t.Context())

	second := New(m, noTags{}, Options{Log: l})
	if err := second.Recall(l.remembered); err != nil {
		t.Fatal(err)
	}
	for _, s := range l.sealed {
		for _, r := range s.records {
			if err := second.Recognise(s.number, r); err != nil {
				t.Fatal(err)
			}
		}
	}
	for sequence := uint64(1); sequence <= 3; sequence++ {
		if r, err := second.Push(t.Context(), push("a", sequence, sequence)); err != nil || r.GetAccepted() != 1 {
			t.Errorf("push %d again: %v, %v", sequence, r, err)
		}
	}
	_ = l.Seal(t.Context())
	for l.Waiting() > 0 {
		second.journal.next(t.Context(), t.Context(), t.Context())
	}
	if got := m.stored(); !slices.Equal(got, []uint64{1, 2, 3}) {
		t.Errorf("stored %v, want each once", got)
	}
}

func TestReadersWaitForWhatTheyAskFor(t *testing.T) {
	t.Parallel()
	m, l := &memory{}, newShelf()
	s, _ := logged(t, m, l, JournalOptions{FreshEvery: time.Hour, FreshWait: time.Minute})
	trace := func(id byte) span.TraceID { return span.TraceID{15: id} }
	send := func(sequence, id uint64, of byte) {
		b := new(span.Batch)
		b.Append(&span.Span{ID: id, Source: span.APP, TraceID: trace(of), Start: time.Now().UnixNano()})
		if _, err := s.Push(t.Context(), &wire.PushRequest{Agent: "a", Boot: 1, Sequence: sequence, Batch: wire.Encode(b)}); err != nil {
			t.Fatal(err)
		}
	}
	if s.FreshNow(t.Context()) {
		t.Error("waited for nothing")
	}
	send(1, 1, 1)
	if s.FreshNow(t.Context(), span.TraceGroup(trace(2))) || len(m.stored()) != 0 {
		t.Error("a reader of another trace waited")
	}
	if !s.FreshNow(t.Context(), span.TraceGroup(trace(1))) || !slices.Equal(m.stored(), []uint64{1}) {
		t.Errorf("a reader of the trace finds %v", m.stored())
	}
	send(2, 2, 1)
	if s.Fresh(t.Context()); len(m.stored()) != 1 {
		t.Error("a list made an insert though one was made just before")
	}
	if !s.FreshNow(t.Context()) || len(m.stored()) != 2 {
		t.Errorf("a reader of anything, at once, finds %v", m.stored())
	}
	m.set(errors.New("away"))
	send(3, 3, 1)
	short, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if s.FreshNow(short) {
		t.Error("a store that is away was waited for in vain, and that is not said")
	}
	m.set(nil)
}

// The record of a push is read as it was written, and nothing else passes for one.
// While the store is behind, readers do not make it slower by ending small segments; when it has
// caught up, they get what they wait for.
func TestReadersOfAStoreThatIsBehindMakeNoSmallSegments(t *testing.T) {
	t.Parallel()
	m, l := &memory{}, newShelf()
	m.set(errors.New("away"))
	s, _ := logged(t, m, l, JournalOptions{FreshWait: time.Minute})
	send := func(sequence uint64) {
		b := new(span.Batch)
		b.Append(&span.Span{ID: sequence, Source: span.APP, Start: time.Now().UnixNano()})
		if _, err := s.Push(t.Context(), &wire.PushRequest{Agent: "a", Boot: 1, Sequence: sequence, Batch: wire.Encode(b)}); err != nil {
			t.Fatal(err)
		}
	}
	for n := range uint64(3) {
		send(n + 1)
		if n < 2 {
			if err := l.Seal(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
	answered := make(chan bool)
	for range 8 {
		go func() { answered <- s.FreshNow(t.Context()) }()
	}
	short, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if s.FreshNow(short) || l.Waiting() != 3 || len(l.open) != 1 {
		t.Errorf("%d segments, %d pushes in the open one", l.Waiting(), len(l.open))
	}
	m.set(nil)
	for range 8 {
		if !<-answered {
			t.Error("a reader waited in vain")
		}
	}
	if got := m.stored(); len(got) != 3 {
		t.Errorf("stored %v", got)
	}
}

// The disk is slow and the agent gives up: its next try is the same push.
func TestAPushThatWasGivenUpIsOne(t *testing.T) {
	t.Parallel()
	m, l := &memory{}, newShelf()
	l.block = make(chan struct{})
	_, c := logged(t, m, l, JournalOptions{})
	p := push("a", 1, 1)
	short, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := c.Push(short, p); status.Code(err) != codes.DeadlineExceeded {
		t.Fatalf("slow disk: %v", err)
	}
	close(l.block)
	if r, err := c.Push(t.Context(), p); err != nil || r.GetAccepted() != 1 {
		t.Errorf("again: %v, %v", r, err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.open) != 1 {
		t.Errorf("%d records, want one", len(l.open))
	}
}

// obedient is a store whose insert waits, and gives up when it is told to.
type obedient struct {
	memory
	entered, release chan struct{}
}

func (o *obedient) InsertAll(ctx context.Context, token string, batches iter.Seq2[*span.Batch, error]) (store.Inserted, error) {
	o.entered <- struct{}{}
	select {
	case <-o.release:
		return o.memory.InsertAll(ctx, token, batches)
	case <-ctx.Done():
		return store.Inserted{}, ctx.Err()
	}
}

// A server that stops lets the insert end that is under way, and stores what came meanwhile.
func TestAStoppingServerEndsItsInsert(t *testing.T) {
	t.Parallel()
	m, l := &obedient{entered: make(chan struct{}, 4), release: make(chan struct{})}, newShelf()
	s := New(m, noTags{}, Options{Log: l})
	ctx, cancel := context.WithCancel(t.Context())
	ran := make(chan struct{})
	go func() { defer close(ran); s.Run(ctx) }()
	for i := range uint64(2) {
		if _, err := s.Push(t.Context(), push("a", i+1, i+1)); err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			_ = l.Seal(t.Context())
			<-m.entered
		}
	}
	cancel()
	close(m.release)
	<-ran
	if got := m.stored(); !slices.Equal(got, []uint64{1, 2}) || l.Waiting() != 0 {
		t.Errorf("stored %v, %d segments left", got, l.Waiting())
	}
}

// With the store away it leaves at once: the rest is stored at the next start.
func TestAStoppingServerDoesNotWaitForAStoreThatIsAway(t *testing.T) {
	t.Parallel()
	m, l := &memory{fail: errors.New("connection refused")}, newShelf()
	s := New(m, noTags{}, Options{Log: l})
	ctx, cancel := context.WithCancel(t.Context())
	ran := make(chan struct{})
	go func() { defer close(ran); s.Run(ctx) }()
	if _, err := s.Push(t.Context(), push("a", 1, 1)); err != nil {
		t.Fatal(err)
	}
	cancel()
	<-ran
	if l.Waiting() != 1 || len(m.stored()) != 0 {
		t.Errorf("%d segments left, stored %v", l.Waiting(), m.stored())
	}
}
