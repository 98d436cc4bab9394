package store

import (
	"strings"
	"testing"
)

// Whether what ClickHouse answers is on disk is a matter of its settings. By its own defaults it is
// not, which is said; the embedded store is set to sync.
func TestDurabilityIsAsked(t *testing.T) {
	t.Parallel()
	s := open(t)
	if why, err := s.Durability(t.Context()); err != nil || why != "" {
		t.Errorf("the embedded store: %q, %v", why, err)
	}
	for setting, said := range map[string]bool{"0": true, "1": false} {
		if err := s.conn.Exec(t.Context(), "ALTER TABLE spans MODIFY SETTING fsync_after_insert = "+setting); err != nil {
			t.Fatal(err)
		}
		if why, err := s.Durability(t.Context()); err != nil || strings.Contains(why, "fsync_after_insert") != said {
			t.Errorf("fsync_after_insert = %s: %q, %v", setting, why, err)
		}
	}
}
