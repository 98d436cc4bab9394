// Command bench prints what Throughline costs and how fast it answers, measured here and
// now: assembly, look-ups in a million stored spans, CPU seconds from OTLP to disk.
// `go tool mage bench` runs it, and the browser's part beside it.
//
// Machines differ and are shared: compare figures of one run with each other.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var (
		spans = flag.Int("spans", 1_000_000, "spans to store and to send")
		only  = flag.String("only", "", "one part: assembly, store, otlp or reads")
		keep  = flag.String("keep", "", "of reads: a directory whose store is filled once and used again")
		bin   = flag.String("bin", "bin", "where the programs are")
	)
	flag.Parse()
	if err := run(ctx, *spans, *only, *keep, *bin); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, spans int, only, keep, bin string) error {
	for _, part := range []struct {
		name string
		run  func() error
	}{
		{"assembly", assembly},
		{"store", func() error { return lookUps(ctx, spans, bin) }},
		{"otlp", func() error { return otlp(ctx, spans, bin) }},
		{"reads", func() error { return reads(ctx, spans, keep, bin) }},
	} {
		if only != "" && only != part.name {
			continue
		}
		if err := part.run(); err != nil {
			return fmt.Errorf("%s: %w", part.name, err)
		}
	}
	return nil
}
