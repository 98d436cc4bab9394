package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"syscall"
	"time"
)

// killed kills a process again and again while spans come, each second time without waiting
// until all is well: programs die while they start, too.
func (b *bed) killed(ctx context.Context, times int, kill func() error) error {
	for i := range times {
		if i%2 == 0 {
			if err := b.load.goesOn(ctx, b, 20); err != nil {
				return err
			}
		}
		if err := pause(ctx, rand.N(1500*time.Millisecond)); err != nil {
			return err
		}
		if err := kill(); err != nil {
			return fmt.Errorf("kill %d: %w", i+1, err)
		}
		if i%2 == 0 || i == times-1 {
			if err := b.recovers(ctx, time.Now()); err != nil {
				return fmt.Errorf("kill %d: %w", i+1, err)
			}
		}
	}
	return nil
}

func killServer(ctx context.Context, b *bed, times int) error {
	return b.killed(ctx, times, func() error {
		b.server.Kill()
		return b.startServer()
	})
}

func killStore(ctx context.Context, b *bed, times int) error {
	return b.killed(ctx, times, func() error {
		return b.await(ctx, "there is a store to kill", func() bool {
			pid := b.storePID()
			return pid != 0 && syscall.Kill(pid, syscall.SIGKILL) == nil
		})
	})
}

// killBoth kills server and agent at once: what one has, the other may not know of.
func killBoth(ctx context.Context, b *bed, times int) error {
	return b.killed(ctx, times, func() error {
		b.server.Kill()
		b.agent.Kill()
		if err := b.startServer(); err != nil {
			return err
		}
		return b.startAgent()
	})
}

func killAgent(ctx context.Context, b *bed, times int) error {
	b.acrossAgents = b.state == "" // a log knows what an earlier run took
	return b.killed(ctx, times, func() error {
		b.agent.Kill()
		return b.startAgent()
	})
}
