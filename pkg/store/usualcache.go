package store

import "sync"

// usualCache remembers the durations of hops in a day: the traces of a list are of the same
// kinds of spans and of about the same time, and reading a day of the roll-up anew for each takes
// as long as reading its spans.
type usualCache struct {
	mu   sync.Mutex
	days map[hopDay]usualRead
}

// hopDay is a hop in the day that ends at a time (Unix ns).
type hopDay struct {
	hop Hop
	to  int64
}

type usualRead struct {
	at        int64     // when, Unix ns
	histogram Histogram // nil: there were none
}

const (
	maxUsual = 4_000 // hops kept, of some kB each
	// usualRound is how far apart traces may have begun that share what was read.
	usualRound = 5 * minute
	// A day that is still going on is read again after usualFresh; one that is over, and what
	// came late of it, does not change.
	usualFresh = minute
	usualLate  = 2 * minute
)

// usualEnd is the end of the day that is read for a time.
func usualEnd(at int64) int64 { return (at + usualRound - 1) / usualRound * usualRound }

// get fills found with what is known and returns the hops to ask for.
func (c *usualCache) get(hops []Hop, to, now int64, found map[Hop]Histogram) (missing []Hop) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, h := range hops {
		r, ok := c.days[hopDay{h, to}]
		if over := r.at > to+usualLate; !ok || !over && now-r.at > usualFresh {
			missing = append(missing, h)
			continue
		}
		if r.histogram != nil {
			found[h] = r.histogram
		}
	}
	return missing
}

func (c *usualCache) put(hops []Hop, to, now int64, read map[Hop]Histogram) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.days == nil || len(c.days)+len(hops) > maxUsual {
		c.days = make(map[hopDay]usualRead, len(hops)) // what is in use comes back with one statement
	}
	for _, h := range hops {
		c.days[hopDay{h, to}] = usualRead{now, read[h]}
	}
}
