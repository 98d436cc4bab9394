package main

import (
	"context"
	"os"
	"syscall"
	"time"
)

// Spans are acknowledged while the store is not there, for they lie in the log.

// stopStore makes the store hang for a while.
func stopStore(ctx context.Context, b *bed, seconds int) error {
	if err := b.load.goesOn(ctx, b, 20); err != nil {
		return err
	}
	pid := b.storePID()
	if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
		return err
	}
	defer syscall.Kill(pid, syscall.SIGCONT)
	return b.without(ctx, seconds, func() error { return syscall.Kill(pid, syscall.SIGCONT) })
}

// storeAway kills the store, and it does not come back for a while.
func storeAway(ctx context.Context, b *bed, seconds int) error {
	if err := b.load.goesOn(ctx, b, 20); err != nil {
		return err
	}
	if err := os.WriteFile(b.away(), nil, 0o600); err != nil {
		return err
	}
	if err := syscall.Kill(b.storePID(), syscall.SIGKILL); err != nil {
		return err
	}
	return b.without(ctx, seconds, func() error { return os.Remove(b.away()) })
}

// serverAway kills the server, and it does not come back for so long that clients are told to come
// later while their spans wait in the agent.
func serverAway(ctx context.Context, b *bed, seconds int) error {
	if err := b.load.goesOn(ctx, b, 20); err != nil {
		return err
	}
	b.server.Kill()
	if err := pause(ctx, time.Duration(seconds)*time.Second); err != nil {
		return err
	}
	began := time.Now()
	if err := b.startServer(); err != nil {
		return err
	}
	return b.recovers(ctx, began)
}

// without waits, the store being away, and brings it back.
func (b *bed) without(ctx context.Context, seconds int, back func() error) error {
	for end := time.Now().Add(time.Duration(seconds) * time.Second); time.Now().Before(end); {
		if err := b.load.goesOn(ctx, b, 20); err != nil {
			return err
		}
		if err := pause(ctx, 100*time.Millisecond); err != nil {
			return err
		}
	}
	if err := back(); err != nil {
		return err
	}
	return b.recovers(ctx, time.Now())
}

// slowStore lets the store work a tenth of the time.
func slowStore(ctx context.Context, b *bed, seconds int) error {
	if err := b.load.goesOn(ctx, b, 20); err != nil {
		return err
	}
	pid := b.storePID()
	defer syscall.Kill(pid, syscall.SIGCONT)
	for end := time.Now().Add(time.Duration(seconds) * time.Second); time.Now().Before(end); {
		if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
			return err
		}
		if err := pause(ctx, 90*time.Millisecond); err != nil {
			return err
		}
		if err := syscall.Kill(pid, syscall.SIGCONT); err != nil {
			return err
		}
		if err := pause(ctx, 10*time.Millisecond); err != nil {
			return err
		}
	}
	return b.recovers(ctx, time.Now())
}
