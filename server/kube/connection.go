package kube

import (
	"fmt"
	"io"
	"net/http"
	"path"
	"sync"
	"time"
)

// connection knows which watches are open, by looking at what goes to the API server. It is safe
// for concurrent use.
type connection struct {
	now func() time.Time

	mu      sync.Mutex
	watches map[string]*watch // by resource
}

// watch is the watch of one resource.
type watch struct {
	open  int       // 2 for a moment where one follows another
	since time.Time // when the last one opened or closed
	ended time.Time // when the last one that closed did
	err   string    // why there is none; "": it has not been said
}

func newConnection(now func() time.Time, resources ...string) *connection {
	c := &connection{now: now, watches: map[string]*watch{}}
	for _, r := range resources {
		c.watches[r] = &watch{since: now()}
	}
	return c
}

// before is when the watch of a resource last ended, or now where none has: until then nothing was
// missed.
func (c *connection) before(resource string) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if w := c.watches[resource]; !w.ended.IsZero() {
		return w.ended
	}
	return c.now()
}

// state is since when not all is watched, and why.
func (c *connection) state() (since time.Time, err string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for name, w := range c.watches {
		if w.open == 0 && (since.IsZero() || w.since.Before(since)) {
			since = w.since
		}
		if w.open == 0 && w.err != "" {
			err = fmt.Sprintf("%s: %s", name, w.err)
		}
	}
	return since, err
}

// failed notes why a resource is not watched.
func (c *connection) failed(resource string, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.watches[resource].err = err.Error()
}

func (c *connection) opened(resource string, n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	w := c.watches[resource]
	if w == nil {
		return
	}
	now := c.now()
	was, since := w.open > 0, w.since
	if w.open += n; was != (w.open > 0) {
		w.since = now
	}
	if n > 0 {
		w.err = ""
	} else if now.Sub(since) >= time.Second || w.ended.IsZero() { // else it was told that it comes too late
		w.ended = now
	}
}

// wrap makes a transport that looks at what next carries.
func (c *connection) wrap(next http.RoundTripper) http.RoundTripper { return watched{c, next} }

type watched struct {
	*connection
	next http.RoundTripper
}

// RoundTrip is http.RoundTripper.
func (w watched) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := w.next.RoundTrip(r)
	if err != nil || resp.StatusCode != http.StatusOK || r.URL.Query().Get("watch") == "" {
		return resp, err
	}
	resource := path.Base(r.URL.Path)
	w.opened(resource, 1)
	resp.Body = &stream{ReadCloser: resp.Body, ended: sync.OnceFunc(func() { w.opened(resource, -1) })}
	return resp, nil
}

// stream is the answer to a watch.
type stream struct {
	io.ReadCloser
	ended func()
}

// Read is io.Reader.
func (s *stream) Read(p []byte) (int, error) {
	n, err := s.ReadCloser.Read(p)
	if err != nil {
		s.ended()
	}
	return n, err
}

// Close is io.Closer.
func (s *stream) Close() error {
	s.ended()
	return s.ReadCloser.Close()
}
