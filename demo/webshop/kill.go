package webshop

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

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
			if k.failed = c.killOnce(ctx, k.what); k.failed != nil {
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
		pid, err := childNamed(c.server.Pid(), "throughline-sto")
		if err != nil {
			return err
		}
		return syscall.Kill(pid, syscall.SIGKILL)
	}
}

// childNamed is the process whose parent and name (15 characters, as the kernel keeps it)
// these are.
func childNamed(parent int, name string) (int, error) {
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, file := range stats {
		b, err := os.ReadFile(file)
		if err != nil {
			continue // it has ended
		}
		before, after, ok := strings.Cut(string(b), ") ")
		fields := strings.Fields(after)
		if !ok || len(fields) < 2 || fields[1] != strconv.Itoa(parent) {
			continue
		}
		pid, comm, _ := strings.Cut(before, " (")
		if comm == name {
			return strconv.Atoi(pid)
		}
	}
	return 0, fmt.Errorf("process %d has no child %s", parent, name)
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
	if k.what != "agent" && !exact {
		return fmt.Errorf("spans were lost or doubled")
	}
	return nil
}
