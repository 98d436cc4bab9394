package store

import (
	"sync"
	"time"
)

// cache keeps rows that never change, by id. When it is full it starts anew: what is in
// use comes back with one statement.
type cache[T any] struct {
	mu   *sync.Mutex
	rows map[uint64]T
	max  int
}

func newCache[T any](limit int) cache[T] {
	return cache[T]{mu: new(sync.Mutex), rows: map[uint64]T{}, max: limit}
}

// get fills found with the rows that are known and returns the ids that are not.
func (c *cache[T]) get(ids []uint64, found map[uint64]T) (missing []uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, id := range ids {
		if row, ok := c.rows[id]; ok {
			found[id] = row
		} else {
			missing = append(missing, id)
		}
	}
	return missing
}

func (c *cache[T]) put(id uint64, row T) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.rows) >= c.max {
		clear(c.rows)
	}
	c.rows[id] = row
}

// resend is how long a stored row counts as stored: afterwards it is sent again, so that
// rows in use never grow old enough to be removed.
const resend = 12 * time.Hour

// seen remembers what was stored lately. The zero value is ready.
type seen struct {
	mu sync.Mutex
	at map[uint64]time.Time
}

func (s *seen) has(id uint64, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, ok := s.at[id]
	return ok && now.Sub(t) < resend
}

func (s *seen) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.at = nil
}

// add is called only after the store has acknowledged the rows.
func (s *seen) add(ids []uint64, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.at == nil || len(s.at) > 100_000 {
		s.at = map[uint64]time.Time{}
	}
	for _, id := range ids {
		s.at[id] = now
	}
}
