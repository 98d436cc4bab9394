package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/store"
	"github.com/throughline-io/throughline/pkg/trace"
)

// settled waits until the spans of a load are stored, or no more come; more is called whenever some came.
func (p *product) settled(ctx context.Context, load string, want int, more func() error) error {
	return p.still(ctx, fmt.Sprintf("source IN (2, 3) AND position(request_resource, '%s-') > 0", load), func(n int, quiet time.Duration) bool {
		return n >= want && quiet > 500*time.Millisecond || quiet > 4*time.Second
	}, more)
}

// settledCode waits until no more spans of code come of a time: an SDK sends them twice a second, and those of background jobs never end.
func (p *product) settledCode(ctx context.Context, began, ended time.Time) error {
	return p.still(ctx, fmt.Sprintf("source = 1 AND start BETWEEN %d AND %d", began.UnixNano(), ended.UnixNano()), func(_ int, quiet time.Duration) bool {
		return quiet > 2*time.Second
	}, func() error { return nil })
}

// still counts spans until that many, which have been as many for so long, will do.
func (p *product) still(ctx context.Context, which string, done func(n int, quiet time.Duration) bool, more func() error) error {
	last, since := -1, time.Now()
	for limit := time.Now().Add(40 * time.Second); time.Now().Before(limit); {
		counted, err := rows[struct{ N int }](ctx, p, "SELECT uniqExact(id) AS N FROM spans WHERE bucket > now() - 7200 AND "+which)
		if err != nil {
			return err
		}
		if n := counted[0].N; n != last {
			last, since = n, time.Now()
			if err := more(); err != nil {
				return err
			}
		}
		if done(last, time.Since(since)) {
			return nil
		}
		if err := pause(ctx, 250*time.Millisecond); err != nil {
			return err
		}
	}
	return nil
}

// tracesAtOnce is how many traces are read together, as the list of requests reads them.
const tracesAtOnce = 200

// read assembles the traces of spans, each trace once, as the list of requests does. unread are those that
// are too large.
func (p *product) read(ctx context.Context, ids []uint64, see func(*trace.Tree)) (unread int, err error) {
	for len(ids) > 0 {
		now := ids[:min(len(ids), tracesAtOnce)]
		ids = ids[len(now):]
		texts := make([]string, len(now))
		for i, id := range now {
			texts[i] = span.FormatID(id)
		}
		read, err := p.store.Traces(ctx, store.TracesQuery{IDs: texts})
		if err != nil {
			return unread, err
		}
		unread += len(read.TooLarge)
		done := map[*store.TraceData]bool{}
		for i, text := range texts {
			if data := read.Traces[text]; data != nil && !done[data] {
				done[data] = true
				see(assemble(data))
			} else if slices.Contains(read.Left, text) {
				ids = append(ids, now[i])
			}
		}
	}
	return unread, nil
}

func assemble(data *store.TraceData) *trace.Tree {
	options := trace.Options{Entities: entitiesOf(data)}
	if data.Watched != nil {
		options.Watched = data.Watched.At
	}
	return trace.Assemble(data.Spans, options)
}

func entitiesOf(data *store.TraceData) trace.Entities {
	return func(id uint64) *span.Entity {
		if e, ok := data.Entities[id]; ok {
			return &e
		}
		return nil
	}
}
