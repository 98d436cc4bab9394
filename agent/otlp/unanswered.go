package otlp

import (
	"crypto/sha256"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/throughline-io/throughline/agent/export"
)

// unanswered are requests whose senders were told to come back while their spans were on the
// way to the server. They come back with the same bytes, and wait for the same spans.
type unanswered struct {
	some atomic.Bool // spares those who have nothing to wait for the look

	mu     sync.Mutex
	bodies map[key]earlier
	newest time.Time // of them
}

// key is a body's.
type key [sha256.Size]byte

// earlier is a request that came before.
type earlier struct {
	*passed
	at time.Time
}

const (
	maxUnanswered = 10_000
	// comesBack is how long after it was told to a sender may be expected. It may not get the
	// answer either and come a third time, so what was answered is kept, too.
	comesBack = 10 * time.Minute
)

// find is the request that had the same body.
func (u *unanswered) find(body []byte) *passed {
	if !u.some.Load() {
		return nil
	}
	sum := key(sha256.Sum256(body))
	u.mu.Lock()
	defer u.mu.Unlock()
	if time.Since(u.newest) > comesBack {
		clear(u.bodies)
		u.some.Store(false)
	}
	return u.bodies[sum].passed
}

// keep notes a request that was not answered.
func (u *unanswered) keep(body []byte, p *passed) {
	sum := key(sha256.Sum256(body))
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.bodies == nil {
		u.bodies = map[key]earlier{}
	}
	u.newest = time.Now()
	if len(u.bodies) >= maxUnanswered {
		for k, old := range u.bodies {
			if time.Since(old.at) > comesBack {
				delete(u.bodies, k)
			}
		}
	}
	if len(u.bodies) < maxUnanswered {
		u.bodies[sum] = earlier{p, u.newest}
	}
	u.some.Store(len(u.bodies) > 0)
}

// remember keeps a request for one that comes again, if err says that its spans are on their way.
func (r *Receiver) remember(m *message, p *passed, err error) {
	var u *export.Unanswered
	if errors.As(err, &u) {
		r.unanswered.keep(*m.body, p)
	}
}
