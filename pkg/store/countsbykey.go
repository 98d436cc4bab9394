package store

import "sync"

// countsByKey counts the values of keys. It is safe for concurrent use; the zero value is ready.
type countsByKey struct {
	mu sync.RWMutex
	of map[placedKey]int
}

func (c *countsByKey) get(k placedKey) int {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.of[k]
}

func (c *countsByKey) add(more map[placedKey]int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.of == nil || len(c.of) > maxFreshKeys {
		c.of = map[placedKey]int{}
	}
	for k, n := range more {
		c.of[k] += n
	}
}

func (c *countsByKey) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.of = nil
}
