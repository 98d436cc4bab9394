package sys

import (
	"testing"

	"github.com/throughline-io/throughline/pkg/span"
)

// Looking for the processes of new namespaces, which may have thousands of threads, keeps nobody's calls waiting.
func TestCallsAreReadDuringAScan(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	s := b.capture(Auto)
	client, url := b.serve()
	s.capture.mu.Lock() // no scan gets on
	defer s.capture.mu.Unlock()
	s.capture.scan <- struct{}{}
	const n = 20
	client.do(job{URL: url + "/small/1", Method: "GET", Requests: n, Concurrency: 2})
	s.wait(n, isHTTP(span.PointServerProcess))
}
