package main

import (
	"context"
	"fmt"
	"syscall"
	"time"
)

const (
	stoppedRate = 25_000 // spans a second
	stoppedFor  = time.Minute
)

// stopped sends on while the store does nothing for a minute, and says what the programs' memory
// and the answers make of it.
func stopped(ctx context.Context, o options) error {
	b, err := newBed(ctx, o.bin, true)
	if err != nil {
		return err
	}
	defer b.close()
	s := sending{spans: 500, connections: 8, rate: stoppedRate, seconds: int(stoppedFor.Seconds()) + 20}
	fmt.Printf("\nstopped: %d spans a second for %d s, %d a request on %d connections; the store is stopped for %v of them\n",
		s.rate, s.seconds, s.spans, s.connections, stoppedFor)
	requests := s.requests(0)
	store, err := b.parts[len(b.parts)-1].pids()
	if err != nil {
		return err
	}
	var took durations
	err = b.measure(ctx, requests*s.spans, func() error {
		stop := time.AfterFunc(10*time.Second, func() { _ = syscall.Kill(store[0], syscall.SIGSTOP) })
		defer stop.Stop()
		goOn := time.AfterFunc(10*time.Second+stoppedFor, func() { _ = syscall.Kill(store[0], syscall.SIGCONT) })
		defer goOn.Stop()
		defer syscall.Kill(store[0], syscall.SIGCONT)
		took, err = s.send(ctx, b.otlp, requests)
		return err
	})
	if err == nil {
		fmt.Printf("answered after p50 %v, p99 %v, at most %v\n", took.at(0.5), took.at(0.99), took.at(1))
	}
	return err
}
