package otlp

import (
	"errors"
	"net/netip"
	"testing"
	"time"
)

// clockedRoom is a room of 1 MiB at a time that the test sets.
func clockedRoom() (r *room, now *time.Time) {
	r, now = newRoom(1<<20), new(time.Time)
	r.now = func() time.Time { return *now }
	return r, now
}

var (
	alice = netip.MustParseAddr("10.0.0.1")
	bob   = netip.MustParseAddr("10.0.0.2")
	carol = netip.MustParseAddr("10.0.0.3")
)

func take(t *testing.T, h *hold, n int64, want error) {
	t.Helper()
	if err := h.grow(n); !errors.Is(err, want) {
		t.Errorf("%d bytes: %v, want %v", n, err, want)
	}
}

func TestNoSenderGetsMoreThanHalfOfTheRoom(t *testing.T) {
	t.Parallel()
	r, _ := clockedRoom()
	one, two := r.begin(alice, func() {}), r.begin(alice, func() {})
	take(t, one, 300<<10, nil)
	take(t, two, 300<<10, errShare)
	take(t, r.begin(bob, func() {}), 500<<10, nil)
	one.free()
	take(t, two, 300<<10, nil)
	var f *refusal
	if err := two.grow(300 << 10); !errors.As(err, &f) || f.http != 413 {
		t.Errorf("a request that is larger than a sender's share: %v", err)
	}
}

// Who stalls, or drips, keeps its memory only as long as nobody else needs it.
func TestWhoSendsSlowlyHoldsNoOnesRoom(t *testing.T) {
	t.Parallel()
	r, now := clockedRoom()
	stopped := map[string]bool{}
	begin := func(from netip.Addr, name string) *hold { return r.begin(from, func() { stopped[name] = true }) }
	stalled, drips, reads := begin(alice, "stalled"), begin(bob, "drips"), begin(bob, "reads")
	take(t, stalled, 500<<10, nil)
	take(t, drips, 300<<10, nil)
	take(t, reads, 200<<10, nil)
	if err := reads.whole(); err != nil {
		t.Fatal(err)
	}
	late := begin(carol, "late")
	take(t, late, 100<<10, errBusy) // all of them may still be honest
	*now = now.Add(10 * time.Second)
	take(t, drips, 1, nil)
	take(t, late, 400<<10, nil)
	if !stopped["stalled"] || stopped["drips"] || stopped["reads"] {
		t.Errorf("stopped: %v", stopped)
	}
	take(t, stalled, 1, errSlow)
	if err := stalled.whole(); !errors.Is(err, errSlow) {
		t.Errorf("a body that was ended is whole: %v", err)
	}
	*now = now.Add(time.Second / 2)
	take(t, late, 1, nil) // who moved last keeps its memory longest
	take(t, begin(netip.MustParseAddr("10.0.0.4"), "other"), 400<<10, nil)
	if !stopped["drips"] || stopped["reads"] {
		t.Errorf("stopped: %v", stopped)
	}
	for h := range r.reading {
		h.free()
	}
	stalled.free()
	drips.free()
	reads.free()
	if r.used != 0 || len(r.senders) != 0 || len(r.reading) != 0 {
		t.Errorf("what was given back stays: %d bytes, %v, %d", r.used, r.senders, len(r.reading))
	}
}
