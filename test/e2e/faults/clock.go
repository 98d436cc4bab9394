package main

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// wrongClock sends spans of clients whose clock is wrong: by hours, which is worth seeing, and by
// more than is ever stored, which the client is told.
func wrongClock(ctx context.Context, b *bed, _ int) error {
	for _, c := range []struct {
		skew time.Duration
		told string // "": the spans are stored
	}{
		{5 * time.Hour, ""}, {-5 * time.Hour, ""}, {23 * time.Hour, ""},
		{30 * time.Hour, "in the future"}, {-8 * 24 * time.Hour, "older than the store keeps"},
	} {
		n := b.load.next.Add(1)
		body, err := b.load.request(n, c.skew)
		if err != nil {
			return err
		}
		_, err = b.load.post(ctx, b.load.client, body)
		switch {
		case c.told == "" && err != nil:
			return fmt.Errorf("a clock off by %v: %w", c.skew, err)
		case c.told == "":
			b.load.note(func() { b.load.acked[n] = time.Now() })
		case err == nil || !strings.Contains(err.Error(), c.told) || !strings.Contains(err.Error(), "20 spans"):
			return fmt.Errorf("a clock off by %v: the client was told %v, want a partial success that says %q", c.skew, err, c.told)
		}
	}
	return b.recovers(ctx, time.Now())
}
