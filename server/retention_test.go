package server

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// Users give the store a part of a disk. The newest day is kept, and what went is said.
func TestTheOldestDayGoesWhereTheStoreIsTooLarge(t *testing.T) {
	t.Parallel()
	r := start(t, func(c *Config) { c.RetentionSize, c.sizeEvery = 1, 10*time.Millisecond })
	now := time.Now()
	for i, at := range []time.Time{now.AddDate(0, 0, -2), now} {
		spans := call(byte(1+i), "10.1.0.1", "10.1.0.2")
		for _, s := range spans {
			s.Start = at.UnixNano()
		}
		r.push(t, spans)
	}
	until(t, "the ledger says what was dropped", func() bool {
		_, body, err := r.get("/api/v1/ledger", nil)
		return err == nil && strings.Contains(string(body), "dropped: the store was too large")
	})
	if _, body := r.statement(t, http.MethodGet, "SELECT count(), uniqExact(bucket) FROM spans", nil, "Authorization", "Bearer "+r.token); strings.TrimSpace(body) != "2\t1" {
		t.Errorf("spans and minutes that are left: %q", body)
	}
}
