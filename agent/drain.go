package agent

import (
	"context"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// connections are those of a receiver's senders, and since when each waits for its next request.
type connections struct {
	mu       sync.Mutex
	idle     map[net.Conn]time.Time // the zero time: a request is under way, or expected
	draining atomic.Bool
	ending   chan struct{} // closed when draining is set
}

// note notes what http.Server's ConnState tells.
func (c *connections) note(conn net.Conn, state http.ConnState) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.idle == nil {
		c.idle = map[net.Conn]time.Time{}
	}
	switch state {
	case http.StateNew, http.StateActive:
		c.idle[conn] = time.Time{}
	case http.StateIdle:
		c.idle[conn] = time.Now()
	default:
		delete(c.idle, conn)
	}
}

// quiet reports whether no request is under way, nor likely to be: to close a connection while its
// sender writes the next request would lose it, for exporters do not know whether it was taken.
func (c *connections) quiet(now time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, since := range c.idle {
		if now.Sub(since) < expected || since.IsZero() {
			return false
		}
	}
	return true
}

const (
	expected  = time.Second // after an answer, from who sends one request after the other
	drainTime = 3 * time.Second
)

// drain waits until those who send all the while have gone, but not for longer than patience.
func (c *connections) drain(ctx context.Context, patience time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !c.quiet(time.Now()) {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// ends makes answers end their connections while the receivers drain.
func (c *connections) ends(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		next.ServeHTTP(drained{w, c}, req)
	})
}

// drained is an answer whose end may be the connection's.
type drained struct {
	http.ResponseWriter
	of *connections
}

func (d drained) WriteHeader(status int) {
	if d.of.draining.Load() {
		d.Header().Set("Connection", "close")
	}
	d.ResponseWriter.WriteHeader(status)
}

func (d drained) Write(b []byte) (int, error) {
	if d.of.draining.Load() {
		d.Header().Set("Connection", "close") // it has no effect after WriteHeader
	}
	return d.ResponseWriter.Write(b)
}

// Ending is closed when the receivers drain; see otlp.Ends.
func (d drained) Ending() <-chan struct{} { return d.of.ending }

// Unwrap is for http.ResponseController.
func (d drained) Unwrap() http.ResponseWriter { return d.ResponseWriter }
