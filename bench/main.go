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
	"strings"
	"syscall"
)

func main() {
	if role := os.Getenv(roleVariable); role != "" {
		if err := playRole(role); err != nil {
			fmt.Fprintf(os.Stderr, "bench: %s: %v\n", role, err)
			os.Exit(1)
		}
		return
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var o options
	flag.IntVar(&o.spans, "spans", 1_000_000, "spans to store and to send")
	flag.StringVar(&o.only, "only", "", "parts and their rows, as otlp,mix or otlp/sdks: assembly, parse, store, otlp, mix, capture, tls, noisy, stopped, reads")
	flag.StringVar(&o.keep, "keep", "", "of reads: a directory whose store is filled once and used again")
	flag.StringVar(&o.bin, "bin", "bin", "where the programs are")
	flag.StringVar(&o.beside, "beside", "", "of capture: where the programs of another build are, to be measured in turn")
	flag.IntVar(&o.seconds, "seconds", 20, "of noisy: how long")
	flag.StringVar(&o.profile, "profile", "", "of capture: a file for a profile of the agent under load, for go tool pprof")
	flag.StringVar(&o.vs, "vs", "", "measure part otlp against another program, by the shell command that starts it; {port} and {dir} are filled in")
	flag.StringVar(&o.vsURL, "vs-url", "http://127.0.0.1:{port}/v1/traces", "where that takes OTLP/HTTP")
	flag.Parse()
	if err := o.run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

type options struct {
	spans, seconds                              int
	only, keep, bin, beside, profile, vs, vsURL string
}

func (o options) run(ctx context.Context) error {
	for _, part := range []struct {
		name string
		run  func() error
	}{
		{"assembly", assembly},
		{"parse", parse},
		{"store", func() error { return lookUps(ctx, o.spans, o.bin) }},
		{"otlp", func() error { return otlp(ctx, o) }},
		{"mix", func() error { return webShop(ctx, o) }},
		{"capture", func() error { return capture(ctx, o) }},
		{"tls", func() error { return inTLS(ctx, o) }},
		{"noisy", func() error { return noisy(ctx, o) }},
		{"stopped", func() error { return stopped(ctx, o) }},
		{"reads", func() error { return reads(ctx, o) }},
	} {
		if !o.wants(part.name, "") || o.vs != "" && part.name != "otlp" {
			continue
		}
		if err := part.run(); err != nil {
			return fmt.Errorf("%s: %w", part.name, err)
		}
	}
	return nil
}

// wants reports whether a part is asked for, and of it a row; "" is any.
func (o options) wants(part, row string) bool {
	for name := range strings.SplitSeq(o.only, ",") {
		p, r, _ := strings.Cut(name, "/")
		if (p == "" || p == part) && (r == "" || row == "" || r == row) {
			return true
		}
	}
	return false
}

// bed is what part otlp sends to.
func (o options) bed(ctx context.Context) (*bed, error) {
	if o.vs != "" {
		return newPeer(ctx, o.vs, o.vsURL)
	}
	return newBed(ctx, o.bin, true)
}
