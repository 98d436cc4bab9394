package webshop

import (
	"context"
	"net/url"
	"os"
	"path/filepath"
	"time"
)

// record writes each trace's raw spans, one JSON object a line, and the trace as printed:
// <dir>/<trace id>.spans.jsonl and <dir>/<trace id>.json.
func (c *cluster) record(ctx context.Context, all []*checked) error {
	if err := os.MkdirAll(c.opts.Record, 0o755); err != nil {
		return err
	}
	for _, t := range all {
		raw, err := c.api.get(ctx, "/api/v1/traces/"+t.Root.TraceID, url.Values{
			"format": {"spans"}, "from": {nanos(time.Unix(0, t.Root.Start).Add(-time.Minute))},
		})
		if err != nil {
			return err
		}
		base := filepath.Join(c.opts.Record, t.Root.TraceID)
		if err := os.WriteFile(base+".spans.jsonl", raw, 0o644); err != nil {
			return err
		}
		if err := os.WriteFile(base+".json", t.JSON, 0o644); err != nil {
			return err
		}
	}
	c.progress("recorded %d traces in %s", len(all), c.opts.Record)
	return nil
}
