package export_test

import (
	"sync"
	"testing"
	"time"

	"github.com/throughline-io/throughline/agent/export"
	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/wire"
)

func TestSmallBatchesGoTogether(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	release := make(chan struct{})
	s.behave(func(*wire.PushRequest) error { <-release; return nil })
	q, _ := newQueue(t, s, func(c *export.Config) { c.Linger = time.Second })
	var senders sync.WaitGroup
	for i := range 50 {
		senders.Go(func() {
			if _, err := q.Send(deadline(t), spans(10*i+1, 10)); err != nil {
				t.Error(err)
			}
		})
	}
	close(release)
	senders.Wait()
	if n := s.count(); n != 500 {
		t.Errorf("%d spans stored", n)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.pushes) > 10 {
		t.Errorf("50 batches became %d pushes", len(s.pushes))
	}
}

// A push costs the same however few spans it has, but nobody waits where nobody is to be waited for.
func TestWhoSendsAloneDoesNotWaitForOthers(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	q, _ := newQueue(t, s, func(c *export.Config) { c.Linger = time.Hour })
	for i := range 5 {
		if _, err := q.Send(deadline(t), spans(10*i+1, 10)); err != nil {
			t.Fatal(err)
		}
	}
}

// Exporters send one request at a time and wait for its answer: who was answered together goes
// together again.
func TestThoseWhoComeBackGoTogether(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	const all, rounds = 8, 20
	whole, done := 0, make(chan struct{})
	s.behave(func(r *wire.PushRequest) error {
		s.mu.Lock()
		defer s.mu.Unlock()
		if r.Batch.Rows == all {
			if whole++; whole == rounds {
				close(done)
			}
		}
		return nil
	})
	q, _ := newQueue(t, s, func(c *export.Config) { c.Linger = time.Hour })
	ctx := deadline(t)
	var senders sync.WaitGroup
	for i := range all {
		senders.Go(func() {
			for n := 1; ; n++ {
				select {
				case <-done:
					return
				default:
				}
				if _, err := q.Send(ctx, spans(1000*i+n, 1)); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	select {
	case <-done:
	case <-ctx.Done():
		t.Error("not once all came together")
	}
	if err := q.Flush(ctx); err != nil {
		t.Fatal(err)
	}
	senders.Wait()
}

// A full batch of an SDK has more behind it: it waits for the push before, and for nobody else.
func TestAFullBatchDoesNotWaitForOthers(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	q, _ := newQueue(t, s, func(c *export.Config) { c.Linger = time.Hour })
	var small sync.WaitGroup
	for i := range 3 { // these are answered together, and may come back together
		small.Go(func() {
			if _, err := q.Send(deadline(t), spans(i+1, 1)); err != nil {
				t.Error(err)
			}
		})
	}
	for stored := 0; stored < 3; stored = s.count() {
		if err := q.Flush(deadline(t)); err != nil {
			t.Fatal(err)
		}
	}
	small.Wait()
	for i := range 3 {
		if _, err := q.Send(deadline(t), spans(1000*i, 512)); err != nil {
			t.Fatal(err)
		}
	}
}

// While the server is busy, what comes goes into one batch and not into many behind it.
func TestBatchesGrowWhileTheServerIsBusy(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	arrived, free := make(chan struct{}), make(chan struct{})
	var first sync.Once
	s.behave(func(*wire.PushRequest) error {
		first.Do(func() { close(arrived); <-free })
		return nil
	})
	q, _ := newQueue(t, s, func(c *export.Config) { c.Workers, c.Linger = 1, time.Millisecond })
	q.Add(&span.Span{ID: 1, Source: span.SYS})
	<-arrived
	ticks := time.NewTicker(2 * time.Millisecond) // each time the open batch has long been ripe
	defer ticks.Stop()
	for id := range uint64(20) {
		q.Add(&span.Span{ID: 2 + id, Source: span.SYS})
		<-ticks.C
	}
	close(free)
	if err := q.Flush(deadline(t)); err != nil {
		t.Fatal(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.pushes) != 2 || len(s.stored) != 21 {
		t.Errorf("%d spans in %d pushes, want 21 in 2", len(s.stored), len(s.pushes))
	}
}
