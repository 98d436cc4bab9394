package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"

	"github.com/throughline-io/throughline/demo/process"
	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/store"
	"github.com/throughline-io/throughline/pkg/trace"
	"github.com/throughline-io/throughline/pkg/trace/tracetest"
	"github.com/throughline-io/throughline/server/engine"
)

const (
	batchTraces = 250 // a batch of 25,000 spans
	lookUpRuns  = 200
)

// lookUps stores WebShop traces in the embedded engine and reads some of them again, each
// another one, from a trace id and from the id of a NET span.
func lookUps(ctx context.Context, spans int, bin string) error {
	dir, err := os.MkdirTemp("", "throughline-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	eng, err := engine.Start(ctx, engine.Options{DataDir: dir, Binary: filepath.Join(bin, "throughline-store")})
	if err != nil {
		return err
	}
	defer eng.Close()
	st, err := store.Open(ctx, eng.StoreConfig())
	if err != nil {
		return err
	}
	defer st.Close()
	if err := st.Migrate(ctx); err != nil {
		return err
	}
	if err := st.PutEntities(ctx, tracetest.WebShopEntities()); err != nil {
		return err
	}
	type entry struct{ trace, net string }
	var entries []entry
	shop := tracetest.NewShop(1)
	start := time.Now().Add(-time.Hour).UnixNano()
	step := time.Hour.Nanoseconds() / int64(spans/100+1)
	before, err := process.CPUSeconds(eng.PID())
	if err != nil {
		return err
	}
	began, inserting := time.Now(), time.Duration(0)
	for stored := 0; stored < spans; {
		b := &span.Batch{}
		for range batchTraces {
			t := shop.Trace(start)
			start += step
			e := entry{}
			for _, s := range t {
				b.Append(s)
				if s.Source == span.APP {
					e.trace = s.TraceID.String()
				}
				if s.Source == span.NET && s.TraceID.IsZero() {
					e.net = span.FormatID(s.ID)
				}
			}
			b.Edges = append(b.Edges, edges(t)...)
			entries = append(entries, e)
		}
		at := time.Now()
		if err := st.Insert(ctx, b); err != nil {
			return err
		}
		inserting += time.Since(at)
		stored += b.Len()
	}
	after, err := process.CPUSeconds(eng.PID())
	if err != nil {
		return err
	}
	n := len(entries) * 100
	fmt.Printf("\nstore: %d spans of %d WebShop traces within one hour\n", n, len(entries))
	fmt.Printf("inserted in %.1f s (of %.1f s with making them), engine %.1f CPU s per million spans\n",
		inserting.Seconds(), time.Since(began).Seconds(), (after-before)*1e6/float64(n))
	fmt.Printf("%-34s %10s %10s %12s\n", "look-up, assembled", "p50", "p95", "round trips")
	for _, from := range []struct {
		name string
		id   func(entry) string
	}{
		{"from a trace id", func(e entry) string { return e.trace }},
		{"from the id of a NET span", func(e entry) string { return e.net }},
	} {
		var took durations
		trips := 0
		for range lookUpRuns {
			e := entries[rand.IntN(len(entries))]
			at := time.Now()
			data, err := st.Trace(ctx, store.TraceQuery{ID: from.id(e)})
			if err != nil {
				return err
			}
			t := trace.Assemble(data.Spans, trace.Options{})
			took = append(took, time.Since(at))
			if len(t.Spans) != 100 || len(t.Roots) != 1 {
				return fmt.Errorf("%s: %d spans and %d roots, want 100 and 1", from.name, len(t.Spans), len(t.Roots))
			}
			trips += data.Statements
		}
		fmt.Printf("%-34s %10v %10v %12.1f\n", from.name, took.at(0.5), took.at(0.95), float64(trips)/lookUpRuns)
	}
	return nil
}

// edges are what the agents send beside the rows: which sessions without trace context
// belong to the trace.
func edges(spans []*span.Span) (out []span.Edge) {
	group := span.GroupID(0)
	for _, s := range spans {
		if s.Source == span.APP {
			group = s.Group()
		}
	}
	for _, s := range spans {
		if s.Source == span.SYS && s.TraceID.IsZero() {
			out = append(out, span.Edge{A: s.Group(), B: group, Time: s.Start, Kind: span.EdgePassage})
		}
	}
	return out
}
