package spool

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// What OpenTelemetry sends, at about 300 bytes a span: the collector's batches on few
// connections, SDKs' small ones on many. A consumer takes the segments meanwhile.
func BenchmarkAppend(b *testing.B) {
	for _, c := range []struct{ connections, spans int }{{4, 800}, {32, 20}, {128, 2}, {1, 20}} {
		b.Run(fmt.Sprintf("%dx%dspans", c.connections, c.spans), func(b *testing.B) {
			benchAppend(b, c.connections, c.spans, Options{MaxBytes: 64 << 30})
		})
	}
}

func benchAppend(b *testing.B, connections, spans int, opt Options) {
	l := open(b, b.TempDir(), opt)
	ctx, stop := context.WithCancel(b.Context())
	consumer := make(chan struct{})
	go func() {
		defer close(consumer)
		for s, err := l.Next(ctx); err == nil; s, err = l.Next(ctx) {
			if err := l.Done(s); err != nil {
				b.Error(err)
			}
		}
	}()
	b.ReportAllocs()
	b.SetBytes(int64(300 * spans))
	b.ResetTimer()
	began := cpuTime()
	var left atomic.Int64
	left.Store(int64(b.N))
	var all sync.WaitGroup
	for n := range connections {
		all.Go(func() {
			r := record(uint64(n), 300*spans)
			for left.Add(-1) >= 0 {
				if _, err := l.Append(ctx, spans, r); err != nil {
					b.Error(err)
				}
			}
		})
	}
	all.Wait()
	b.StopTimer()
	cpu := cpuTime() - began
	stop()
	<-consumer
	b.ReportMetric(cpu.Seconds()*1e6/float64(b.N*spans), "cpu-s/Mspans")
	b.ReportMetric(float64(b.N*spans)/b.Elapsed().Seconds(), "spans/s")
	b.ReportMetric(float64(l.Stats().Groups)/b.Elapsed().Seconds(), "groups/s")
	b.ReportMetric(float64(b.N)/float64(l.Stats().Groups), "records/group")
}

func BenchmarkRead(b *testing.B) {
	l := open(b, b.TempDir(), onDemand)
	for range 200 {
		if _, err := l.Append(b.Context(), 800, record(1, 240_000)); err != nil {
			b.Fatal(err)
		}
	}
	if err := l.Seal(b.Context()); err != nil {
		b.Fatal(err)
	}
	s := next(b, l)
	b.SetBytes(s.Bytes)
	b.ReportAllocs()
	for b.Loop() {
		r, err := s.Open()
		if err != nil {
			b.Fatal(err)
		}
		for r.Next() {
		}
		r.Close()
	}
}

// cpuTime is what this process has used so far.
func cpuTime() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
