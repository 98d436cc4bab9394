package export_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/throughline-io/throughline/agent/export"
	"github.com/throughline-io/throughline/pkg/wire"
)

// Who waits no longer can wait again, for the same spans: they are sent and stored once.
func TestWhoWaitsNoLongerCanWaitAgain(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	release := make(chan struct{})
	s.behave(func(*wire.PushRequest) error { <-release; return nil })
	q, l := newQueue(t, s, func(c *export.Config) { c.Patience = time.Millisecond })
	_, err := q.Send(deadline(t), spans(1, 3))
	var later *export.Unanswered
	if !errors.As(err, &later) || !errors.Is(err, export.ErrDown) {
		t.Fatalf("got %v", err)
	}
	if _, err := later.Wait(deadline(t)); !errors.As(err, new(*export.Unanswered)) {
		t.Fatalf("still under way: %v", err)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := q.Send(gone, spans(4, 1)); !errors.As(err, new(*export.Unanswered)) || !errors.Is(err, context.Canceled) {
		t.Fatalf("a sender that has gone: %v", err)
	}
	close(release)
	for err != nil {
		_, err = later.Wait(deadline(t))
		if err != nil && !errors.As(err, new(*export.Unanswered)) {
			t.Fatal(err)
		}
	}
	if _, err := later.Wait(deadline(t)); err != nil { // and once more
		t.Fatal(err)
	}
	if err := q.Flush(deadline(t)); err != nil {
		t.Fatal(err)
	}
	if n := line(l, "APP", "out"); n != 4 || s.count() != 4 {
		t.Errorf("%d spans out, %d stored, want 4", n, s.count())
	}
}

// What was refused for good is told to who waits again, too.
func TestWhoWaitsAgainIsToldOfARefusal(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	release := make(chan struct{})
	s.behave(func(*wire.PushRequest) error { <-release; return status.Error(codes.InvalidArgument, "nonsense") })
	q, _ := newQueue(t, s, func(c *export.Config) { c.Patience = time.Millisecond })
	_, err := q.Send(deadline(t), spans(1, 1))
	close(release)
	var later *export.Unanswered
	for errors.As(err, &later) {
		_, err = later.Wait(deadline(t))
	}
	if !errors.Is(err, export.ErrRefused) {
		t.Errorf("got %v", err)
	}
}

// Spans of several senders travel in one push; each is told of its own that were left out.
func TestEachSenderIsToldWhatTheServerLeftOut(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.reject = []*wire.Rejection{{Reason: "too old", Rows: []uint32{1, 4, 5}}, {Reason: "in the future", Rows: []uint32{6}}}
	first := make(chan struct{})
	s.behave(func(*wire.PushRequest) error { <-first; return nil })
	q, _ := newQueue(t, s, func(c *export.Config) { c.Rows, c.Linger, c.Patience = 8, time.Hour, time.Hour })
	sent := make(chan error)
	go func() { _, err := q.Send(deadline(t), spans(1, 1)); sent <- err }()
	for len(s.received()) == 0 { // who comes while it is under way shares the next push
		time.Sleep(time.Millisecond)
	}
	type told struct {
		left export.LeftOut
		err  error
	}
	answers := make(chan told, 2)
	for range 2 {
		go func() {
			left, err := q.Send(deadline(t), spans(2, 4))
			answers <- told{left, err}
		}()
	}
	for len(s.received()) == 1 {
		time.Sleep(time.Millisecond)
	}
	close(first)
	if err := <-sent; err != nil {
		t.Fatal(err)
	}
	seen := map[int64]string{}
	for range 2 {
		a := <-answers
		if a.err != nil {
			t.Fatal(a.err)
		}
		seen[a.left.Spans] = a.left.Why
	}
	if seen[1] != "1 span was left out: too old" || seen[3] != "2 spans were left out: too old; 1 span was left out: in the future" {
		t.Errorf("told %v, pushes %d", seen, len(s.pushes))
	}
	if strings.Contains(seen[1], "future") {
		t.Error("told of another's span")
	}
}
