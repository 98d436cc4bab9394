package webshop

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"
)

// checked is one trace as the API printed it, and how it differs from the reference.
type checked struct {
	Root        root
	JSON        []byte
	Doc         *document
	Differences []string
	Excuse      string // why a difference is none of ours; "" for none
}

const (
	arrival = 120 * time.Second // for the last span to be stored after the last answer
	settled = 3 * time.Second   // without a new span: the rest will not come
)

// collect waits until the traces of so many requests are stored whole, or no more spans
// come, and compares each. Failed requests, as of a shop whose network is broken, may have made traces, too.
func (c *cluster) collect(ctx context.Context, since time.Time, requests, failed int) ([]*checked, error) {
	var roots []root
	err := c.wait(ctx, fmt.Sprintf("%d traces are stored", requests), arrival, func() (err error) {
		roots, err = c.api.roots(ctx, since, requests+failed+1)
		if err == nil && len(roots) < requests {
			err = fmt.Errorf("%d of %d are", len(roots), requests)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	if len(roots) > requests+failed {
		return nil, fmt.Errorf("%d requests made %d traces", requests+failed, len(roots))
	}
	out := make([]*checked, 0, len(roots))
	deadline := time.Now().Add(settled)
	for i, r := range roots {
		t, err := c.fetch(ctx, r)
		if err != nil {
			return nil, err
		}
		for len(t.Differences) > 0 && time.Now().Before(deadline) && ctx.Err() == nil {
			time.Sleep(100 * time.Millisecond) // spans may still be on their way
			before := len(t.Doc.Spans)
			if t, err = c.fetch(ctx, r); err != nil {
				return nil, err
			}
			if len(t.Doc.Spans) != before {
				deadline = time.Now().Add(settled)
			}
		}
		out = append(out, t)
		if len(roots) >= 100 && (i+1)%100 == 0 {
			c.progress("  %d of %d traces compared", i+1, len(roots))
		}
	}
	return out, ctx.Err()
}

func (c *cluster) fetch(ctx context.Context, r root) (*checked, error) {
	body, err := c.api.trace(ctx, r.TraceID, time.Unix(0, r.Start).Add(-time.Minute))
	if err != nil {
		return nil, err
	}
	doc, err := parseDocument(body)
	if err != nil {
		return nil, err
	}
	t := &checked{Root: r, JSON: body, Doc: doc}
	return t, t.compare()
}

// byDuration is the trace at that share of all, from the fastest to the slowest.
func byDuration(all []*checked, share float64) *checked {
	sorted := slices.SortedFunc(slices.Values(all), func(a, b *checked) int { return cmp.Compare(a.Root.Duration, b.Root.Duration) })
	return sorted[min(int(share*float64(len(sorted))), len(sorted)-1)]
}
