package engine_test

import (
	"os"
	"path/filepath"
	"testing"
)

// ClickHouse notes the token of an insert before the insert's part is there. A store that was
// killed between the two must take the insert when it is made again.
func TestAnInsertThatTheStoreNotedAndLostIsTakenAgain(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	e := start(t, dir)
	batch := traceBatch(1, 30)
	if err := open(t, e).Insert(t.Context(), batch); err != nil {
		t.Fatal(err)
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	parts, err := filepath.Glob(filepath.Join(dir, "db", "store", "*", "*", "20[0-9]*_[0-9]*_[0-9]*_[0-9]*"))
	if err != nil || len(parts) < 3 {
		t.Fatalf("parts of spans, edges and counts: %v, %v", parts, err)
	}
	for _, p := range parts {
		if err := os.RemoveAll(p); err != nil {
			t.Fatal(err)
		}
	}
	s := open(t, start(t, dir))
	for range 2 {
		if err := s.Insert(t.Context(), batch); err != nil {
			t.Fatal(err)
		}
	}
	if got := countSpans(t, s, traceID(1).String()); got != 30 {
		t.Errorf("%d spans are read, want 30", got)
	}
	if got := countRequests(t, s); got != 30 {
		t.Errorf("%d requests are counted, want 30", got)
	}
}
