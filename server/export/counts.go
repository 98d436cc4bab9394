package export

import (
	"math/rand/v2"
	"sync/atomic"
	"time"
)

// what is counted.
type what int

const (
	sent what = iota
	tries
	noRoom
	queueFull
	refused
	tooLong
	unread
	gone
	large
	stopped
	whats
)

var words = [whats]string{
	sent: "spans exported", tries: "requests tried again", noRoom: "lost: too many traces wait to be complete", queueFull: "lost: too many spans wait to be sent",
	refused: "lost: the receiver refused them", tooLong: "lost: tried for too long", unread: "lost: the trace could not be looked up",
	gone: "left out: the store has no trace of them", large: "traces exported in part: too large", stopped: "lost: the server stopped",
}

type counts [whats]atomic.Uint64

func (c *counts) add(w what, n int) { c[w].Add(uint64(n)) }

// Counts are what was exported and lost, by reason, since the start.
func (e *Exporter) Counts() map[string]uint64 {
	out := map[string]uint64{}
	for w, word := range words {
		if n := e.counts[w].Load(); n > 0 {
			out[word] = n
		}
	}
	return out
}

const maxBackoff = 30 * time.Second

// jitter is a time around d, so that several servers do not come at once.
func jitter(d time.Duration) time.Duration { return d/2 + rand.N(d+1) }
