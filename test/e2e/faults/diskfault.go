package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"syscall"
	"time"
)

// fillDisk leaves no room on the server's disk for a while.
func fillDisk(ctx context.Context, b *bed, times int) error {
	for range times {
		if err := b.load.goesOn(ctx, b, 20); err != nil {
			return err
		}
		if err := b.disk.fill(); err != nil {
			return err
		}
		if err := b.refuses(ctx); err != nil {
			return err
		}
		if err := b.disk.free(); err != nil {
			return err
		}
		if err := b.recovers(ctx, time.Now()); err != nil {
			return err
		}
	}
	return nil
}

// refuses waits until the health check says that something is wrong.
func (b *bed) refuses(ctx context.Context) error {
	return b.await(ctx, "the health check says that nothing can be stored", func() bool { return !b.healthy(ctx) })
}

// readOnlyDisk makes the server's disk read-only, as ext4 does after an error, mends it and starts the server anew.
func readOnlyDisk(ctx context.Context, b *bed, times int) error {
	for range times {
		if err := b.load.goesOn(ctx, b, 20); err != nil {
			return err
		}
		if err := b.disk.fail(); err != nil {
			return err
		}
		if err := b.refuses(ctx); err != nil {
			return err
		}
		if err := b.down(ctx); err != nil {
			return err
		}
		if err := b.disk.mend(); err != nil {
			return err
		}
		if err := b.startServer(); err != nil {
			return err
		}
		if err := b.recovers(ctx, time.Now()); err != nil {
			return err
		}
	}
	return nil
}

// losePower takes the power from the server's machine at a random moment.
func losePower(ctx context.Context, b *bed, times int) error {
	for i := range times {
		if err := b.load.goesOn(ctx, b, 20); err != nil {
			return err
		}
		if err := pause(ctx, rand.N(1500*time.Millisecond)); err != nil {
			return err
		}
		if err := b.disk.cut(); err != nil {
			return err
		}
		if err := b.down(ctx); err != nil {
			return err
		}
		if err := b.disk.restart(); err != nil {
			return err
		}
		if err := b.startServer(); err != nil {
			return err
		}
		if err := b.recovers(ctx, time.Now()); err != nil {
			return fmt.Errorf("loss %d: %w", i+1, err)
		}
	}
	return nil
}

// down ends the server and its store at once.
func (b *bed) down(ctx context.Context) error {
	store := b.storePID()
	b.server.Kill()
	if store == 0 {
		return nil
	}
	_ = syscall.Kill(store, syscall.SIGKILL) // it leaves by itself, too
	return b.await(ctx, "the store is gone", func() bool { return syscall.Kill(store, 0) != nil })
}
