package store

import (
	"errors"
	"strings"
	"testing"
)

// A store in which a newer version made a step is not written by this one, which does not know what its rows mean there.
func TestAStoreOfANewerVersionIsLeftAlone(t *testing.T) {
	t.Parallel()
	s := open(t)
	if err := s.Migrate(t.Context()); err != nil { // its own is no newer one
		t.Fatal(err)
	}
	execute(t, s, "INSERT INTO schema_steps (version, name) SELECT 9001, '9001_of_later'")
	err := s.Migrate(t.Context())
	if !errors.Is(err, ErrNewer) || !strings.Contains(err.Error(), "9001_of_later") {
		t.Errorf("%v, want that step named", err)
	}
}
