package sys

import (
	"sync"
	"testing"
	"time"

	"github.com/throughline-io/throughline/pkg/span"
)

// A program that sends more than the reader takes pays for it, and no other.
func TestANoisyProcessLeavesRoomForOthers(t *testing.T) {
	t.Parallel()
	eachVariant(t, func(t *testing.T, v Variant) {
		b := newBed(t)
		s := b.capture(v, func(c *Config) { c.Ring, c.Poll = 4<<20, 300*time.Millisecond })
		noisy, _ := b.echo()
		client, url := b.serve()
		quiet := make(chan struct{})
		var noise sync.WaitGroup
		noise.Go(func() {
			for {
				select {
				case <-quiet:
					return
				default:
					noisy.echoes(20_000)
				}
			}
		})
		defer noise.Wait()
		defer close(quiet)
		// The loss is told while it happens.
		until(t, func() bool { return s.line(overShare) > 0 })
		const n = 40
		client.do(job{URL: url + "/small/1", Method: "GET", Requests: n, Concurrency: 2})
		s.wait(n, isHTTP(span.PointClientProcess))
		s.wait(n, isHTTP(span.PointServerProcess))
	})
}
