package sys

import (
	"sync"
	"testing"
	"time"

	"github.com/throughline-io/throughline/pkg/span"
)

// A program that sends more than the reader takes pays for it, and no other. What it loses is counted, call by call:
// all that it says it did, and its neighbour did, was read, left out or dropped.
func TestANoisyProcessLeavesRoomForOthers(t *testing.T) {
	t.Parallel()
	eachVariant(t, func(t *testing.T, v Variant) {
		b := newBed(t)
		noisy, _ := b.echo()
		s := b.capture(v, func(c *Config) { c.Ring, c.Poll = 4<<20, 300*time.Millisecond })
		neighbour := b.capture(v, func(c *Config) { c.LeaveOutPIDs = []int{noisy.cmd.Process.Pid} })
		client, url := b.serve()
		quiet := make(chan struct{})
		var noise sync.WaitGroup
		var did uint64
		noise.Go(func() {
			for {
				select {
				case <-quiet:
					return
				default:
					did += noisy.echoes(20_000)
				}
			}
		})
		// The loss is told while it happens.
		until(t, func() bool { return s.line(overShare) > 0 })
		const n = 40
		client.do(job{URL: url + "/small/1", Method: "GET", Requests: n, Concurrency: 2})
		s.wait(n, isHTTP(span.PointClientProcess))
		s.wait(n, isHTTP(span.PointServerProcess))
		close(quiet)
		noise.Wait()
		s.capture.Close()
		neighbour.capture.Close()
		did += neighbour.line("calls in") - neighbour.line("calls left out: process")
		dropped := s.line(overShare) + s.line("calls dropped: ring full")
		if missing := did - s.line("calls read") - s.line(skims); missing != dropped || s.line("calls in") != did {
			t.Errorf("%d calls done, %d of them missing, %d counted as dropped\nledger:\n%s", did, missing, dropped, s.lines())
		}
	})
}
