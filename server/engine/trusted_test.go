package engine

import (
	"errors"
	"log/slog"
	"testing"
)

// Writes stop below the least room and begin again at what is kept, and one that succeeded while the disk was full for a
// moment is not believed.
func TestWritesAreTrustedOnlyWithRoom(t *testing.T) {
	t.Parallel()
	free := uint64(100)
	e := &Engine{options: Options{Logger: slog.New(slog.DiscardHandler)}, room: &room{free: func() uint64 { return free }, keep: 40, least: 10}}
	full := func(during ...uint64) func() error {
		return func() error {
			for _, now := range during {
				free = now
				_, _ = e.look() // as once a second
			}
			return nil
		}
	}
	for _, step := range []struct {
		what    string
		before  uint64
		write   func() error
		trusted bool
	}{
		{"there is room", 100, full(), true},
		{"less than is kept", 20, full(), true},
		{"full when it ends", 20, full(9), false},
		{"not yet as much as is kept", 39, full(), false},
		{"room again", 40, full(), true},
		{"full for a moment", 100, full(9, 100), false},
		{"room again", 100, full(), true},
	} {
		free = step.before
		if err := e.Trusted(step.write); errors.Is(err, ErrNoRoom) == step.trusted || step.trusted && err != nil {
			t.Errorf("%s: %v, want trusted %v", step.what, err, step.trusted)
		}
	}
	refused := errors.New("refused")
	if err := e.Trusted(func() error { return refused }); !errors.Is(err, refused) {
		t.Errorf("a write that failed: %v", err)
	}
}
