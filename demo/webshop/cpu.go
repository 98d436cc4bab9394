package webshop

import (
	"context"
	"fmt"

	"github.com/throughline-io/throughline/demo/process"
)

// usage is CPU seconds, agent to disk.
type usage struct{ agents, server, store float64 }

func (c *cluster) cpu() (u usage, err error) {
	for _, a := range c.agents {
		s, err := process.CPUSeconds(a.Pid())
		if err != nil {
			return u, err
		}
		u.agents += s
	}
	if u.server, err = process.CPUSeconds(c.server.Pid()); err != nil {
		return u, err
	}
	pid, err := process.Child(c.server.Pid(), storeName)
	if err != nil {
		return u, err
	}
	u.store, err = process.CPUSeconds(pid)
	return u, err
}

// printCPU waits until the server has stored the spans of so many requests, and prints what
// they have cost since before.
func (c *cluster) printCPU(ctx context.Context, before usage, requests int) error {
	want := uint64(reference.total() * requests)
	err := c.wait(ctx, fmt.Sprintf("%d spans are stored", want), arrival, func() error {
		s, err := c.api.status(ctx)
		if err != nil {
			return err
		}
		stored := uint64(0)
		for _, n := range s.Sources {
			stored += n.Stored
		}
		if stored < want {
			return fmt.Errorf("%d are", stored)
		}
		return nil
	})
	if err != nil {
		c.progress("%v", err) // the counts and the comparison will say what is missing
		return ctx.Err()
	}
	after, err := c.cpu()
	if err != nil {
		return err
	}
	per := 1e6 / float64(want)
	agents, server, store := (after.agents-before.agents)*per, (after.server-before.server)*per, (after.store-before.store)*per
	fmt.Fprintf(c.opts.Out, "CPU seconds per million spans (46 APP : 20 SYS : 34 NET), agent to disk: agents %.1f, server %.1f, store %.1f, all %.1f\n",
		agents, server, store, agents+server+store)
	return nil
}
