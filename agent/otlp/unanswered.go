package otlp

import (
	"context"
	"crypto/sha256"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/throughline-io/throughline/agent/export"
	"github.com/throughline-io/throughline/pkg/otlp"
)

// unanswered are requests whose senders were told to come back while their spans were on the
// way to the server. They come back with the same bytes, and wait for the same spans.
type unanswered struct {
	some atomic.Bool // spares those who have nothing to wait for the look

	mu     sync.Mutex
	bodies map[[sha256.Size]byte]*earlier
	newest time.Time // of them
}

// earlier is a request that came before.
type earlier struct {
	*export.Unanswered
	at    time.Time
	spans uint64 // without those that were invalid
	res   result // of the decoder
	roots []otlp.Root
}

const (
	maxUnanswered = 10_000
	// comesBack is how long after it was told to a sender may be expected. It may not get the
	// answer either and come a third time, so what was answered is kept, too.
	comesBack = 10 * time.Minute
)

// find is the request that had the same body.
func (u *unanswered) find(body []byte) *earlier {
	if !u.some.Load() {
		return nil
	}
	key := sha256.Sum256(body)
	u.mu.Lock()
	defer u.mu.Unlock()
	if time.Since(u.newest) > comesBack {
		clear(u.bodies)
		u.some.Store(false)
	}
	return u.bodies[key]
}

// keep notes a request that was not answered.
func (u *unanswered) keep(body []byte, e *earlier) {
	key := sha256.Sum256(body)
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.bodies == nil {
		u.bodies = map[[sha256.Size]byte]*earlier{}
	}
	e.at = time.Now()
	u.newest = e.at
	if len(u.bodies) >= maxUnanswered {
		for k, old := range u.bodies {
			if time.Since(old.at) > comesBack {
				delete(u.bodies, k)
			}
		}
	}
	if len(u.bodies) < maxUnanswered {
		u.bodies[key] = e
	}
	u.some.Store(len(u.bodies) > 0)
}

// again answers a request that came before.
func (r *Receiver) again(ctx context.Context, e *earlier) (result, error) {
	r.count.in.Add(e.spans)
	left, err := e.Wait(ctx)
	if err != nil {
		r.count.returned.Add(e.spans)
		return result{}, err
	}
	return r.stored(e.spans, e.res, left, e.roots), nil
}

// remember keeps a request for again, if err says that its spans are on their way.
func (r *Receiver) remember(body []byte, err error, spans uint64, res result, roots []otlp.Root) {
	var u *export.Unanswered
	if errors.As(err, &u) {
		r.unanswered.keep(body, &earlier{Unanswered: u, spans: spans, res: res, roots: slices.Clone(roots)})
	}
}
