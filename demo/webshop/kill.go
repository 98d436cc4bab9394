package webshop

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"syscall"
	"time"

	"github.com/throughline-io/throughline/demo/process"
)

// storeName is throughline-store as the kernel keeps names: 15 characters.
const storeName = "throughline-sto"

// kills is what happened while requests ran and something was killed again and again.
type kills struct {
	what   string
	done   int
	failed error
}

// startKilling kills -9 what Options.Kill names, at random moments, and starts it again
// where nobody else does. The returned function ends it; nil without Options.Kill.
func (c *cluster) startKilling(ctx context.Context) func() *kills {
	if c.opts.Kill == "" {
		return func() *kills { return nil }
	}
	k := &kills{what: c.opts.Kill}
	ctx, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	wg.Add(1)
	go func() {
		defer wg.Done()
		for k.done < c.opts.Kills {
			select {
			case <-ctx.Done():
				return
			case <-time.After(time.Duration(200+rand.IntN(1300)) * time.Millisecond):
			}
			if err := c.killOnce(ctx, k.what); err != nil {
				if ctx.Err() == nil {
					k.failed = err
				}
				return
			}
			k.done++
		}
	}()
	return func() *kills { cancel(); wg.Wait(); return k }
}

func (c *cluster) killOnce(ctx context.Context, what string) error {
	switch what {
	case "server":
		c.server.Kill()
		if err := c.startServer(); err != nil {
			return err
		}
		return c.waitServer(ctx)
	case "agent":
		n := rand.IntN(len(c.agents))
		c.agents[n].Kill()
		return c.startAgent(n)
	default: // the store, a child of the server's, which starts it again
		pid, err := process.Child(c.server.Pid(), storeName)
		if err != nil {
			return err
		}
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
			return err
		}
		return c.wait(ctx, "the store answers again", 60*time.Second, func() error {
			s, err := c.api.status(ctx)
			if err == nil && s.Store.State != "ok" {
				err = fmt.Errorf("it is %s: %s", s.Store.State, s.Store.Error)
			}
			return err
		})
	}
}

// report says whether anything acknowledged was lost or doubled. While an agent is dead
// nobody sees its node's system calls and packets: those spans are not lost but never made,
// and the ledger shows the interval. What applications sent by OTLP is there all the same,
// since their SDKs hold it until it is acknowledged.
func (k *kills) report(c *cluster, l load, exact bool) error {
	fmt.Fprintf(c.opts.Out, "killed %s -9: %d times\n", k.what, k.done)
	if k.failed != nil {
		return fmt.Errorf("after %d kills of the %s: %w", k.done, k.what, k.failed)
	}
	if k.done < c.opts.Kills {
		return fmt.Errorf("the requests ended after %d of %d kills: ask for more --traces", k.done, c.opts.Kills)
	}
	if l.Other > 0 {
		return fmt.Errorf("%d requests failed", l.Other)
	}
	if !exact {
		return fmt.Errorf("acknowledged spans were lost, or spans were doubled")
	}
	return nil
}
