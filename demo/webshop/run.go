package webshop

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"time"
)

// Run is the demo, until its mode is done or ctx ends. It returns nil only if everything
// it checked was exact and everything is cleaned up.
func Run(ctx context.Context, opts Options) (err error) {
	if err := opts.check(); err != nil {
		return err
	}
	secret := make([]byte, 16)
	rand.Read(secret)
	if err := os.MkdirAll(opts.Dir, 0o700); err != nil {
		return err
	}
	c := &cluster{opts: opts, token: hex.EncodeToString(secret)}
	defer func() {
		c.progress("stopping")
		err = errors.Join(err, c.close())
	}()
	if err := c.up(ctx); err != nil {
		if ctx.Err() != nil {
			return nil // Ctrl-C while it started
		}
		return err
	}
	switch {
	case opts.Once:
		return c.once(ctx)
	case opts.Traces > 0:
		return c.compareMany(ctx)
	default:
		return c.live(ctx)
	}
}

// once sends one request and shows its trace.
func (c *cluster) once(ctx context.Context) error {
	t, err := c.oneTrace(ctx)
	if err != nil {
		return err
	}
	if c.opts.JSON {
		fmt.Fprintf(c.opts.Out, "%s\n", t.JSON)
	} else {
		c.show(ctx, t)
	}
	if c.opts.Record != "" {
		if err := c.record(ctx, []*checked{t}); err != nil {
			return err
		}
	}
	if c.opts.Break != "" {
		return c.namesBreak(t)
	}
	if len(t.Differences) > 0 {
		return fmt.Errorf("the trace is not the reference trace:\n%s", t.differences())
	}
	c.progress("exact: equal to the reference trace")
	return nil
}

// oneTrace sends requests and waits for the trace of one of them.
func (c *cluster) oneTrace(ctx context.Context) (*checked, error) {
	n, share := 1, 0.5
	if c.opts.Break != "" { // a pool is exhausted by others, and a loss is a matter of chance
		n, share = 40, slowShare
	}
	began := time.Now()
	l, err := c.run(ctx, n, min(n, 10))
	if err != nil {
		return nil, err
	}
	if l.Other > 0 && c.opts.Break == "" {
		return nil, fmt.Errorf("the request failed:\n%s", l.Text)
	}
	all, err := c.collect(ctx, began, l.Responses, l.Other)
	if err != nil {
		return nil, err
	}
	return byDuration(all, share), nil
}

// live shows one trace and keeps requests coming until ctx ends.
func (c *cluster) live(ctx context.Context) error {
	t, err := c.oneTrace(ctx)
	if err != nil {
		return err
	}
	c.show(ctx, t)
	if len(t.Differences) > 0 && c.opts.Break == "" {
		c.progress("this trace is not the reference trace:\n%s", t.differences())
	}
	if !c.opts.NoPage {
		url, err := c.startPage(ctx)
		if err != nil {
			return err
		}
		fmt.Fprintf(c.opts.Out, "\nOpen %s\n", url)
	}
	fmt.Fprintf(c.opts.Out, "On the command line: export THROUGHLINE_SERVER=http://%s THROUGHLINE_TOKEN=%s; %s trace search\n", c.httpAddr, c.token, c.opts.Programs.Throughline)
	fmt.Fprintf(c.opts.Out, "Requests go on until Ctrl-C.\n")
	concurrency := 1
	if c.opts.Break != "" {
		concurrency = 10
	}
	if err := c.keepRunning(max(concurrency, c.opts.Concurrency), 2); err != nil {
		return err
	}
	select {
	case <-ctx.Done():
		return nil
	case err := <-c.group.Lost():
		return err
	}
}
