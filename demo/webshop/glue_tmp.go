package webshop

import (
	"context"
	"time"
)

// TryPrint is temporary.
func TryPrint(ctx context.Context, o Options, n, conc int) error {
	o.check()
	c := &cluster{opts: o}
	defer c.close()
	must := func(err error) {
		if err != nil {
			panic(err)
		}
	}
	must(c.tryUp(ctx))
	l, err := c.run(ctx, n, conc)
	must(err)
	c.progress("%d responses", l.Responses)
	time.Sleep(4 * time.Second)
	return nil
}
