// Command faults breaks what can break while spans are sent, and counts what became of them:
// real programs (agent, server, embedded store), OpenTelemetry clients that send again until
// they are answered, and a known set of spans.
//
//	go tool mage faults          every fault, as often as it takes to be believed: hours
//	go run ./test/e2e/faults     the short form, part of `go tool mage test`
//
// It fails when a span that was acknowledged is lost, or counted or shown twice.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"regexp"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var (
		full = flag.Bool("full", false, "the long form")
		only = flag.String("only", "", "only faults whose name this regular expression matches")
		bin  = flag.String("bin", "bin", "where the programs are")
		side = flag.Int("parallel", 4, "how many faults are made side by side, each on programs of its own")
		made = flag.String("build", "", "only build the senders of a language, or the collector, and say how they are run")
		keep = flag.Bool("keep", false, "keep logs and data of all faults, not only of those that failed")
	)
	flag.Parse()
	if *made != "" {
		if err := build(ctx, *bin, *made); err != nil {
			fmt.Fprintln(os.Stderr, "faults:", err)
			os.Exit(1)
		}
		return
	}
	if err := run(ctx, *bin, *only, *full, *keep, *side); err != nil {
		fmt.Fprintln(os.Stderr, "faults:", err)
		os.Exit(1)
	}
}

// fault is one way in which things break.
type fault struct {
	name string
	// short and full are how often, or for how many seconds, it happens in the two forms.
	short, full int
	unit        string
	bed         options
	run         func(ctx context.Context, b *bed, times int) error
}

var faults = []fault{ // the longest first
	{name: "half-open connections", short: 1, full: 10, unit: "times", bed: options{between: true}, run: halfOpen},
	{name: "agent restarted under SDKs", short: 4, full: 20, unit: "times", bed: options{log: true, socket: true, quiet: true}, run: restartUnderSDKs},
	{name: "agent killed under SDKs", short: 2, full: 20, unit: "kills", bed: options{log: true, socket: true, quiet: true}, run: killUnderSDKs},
	{name: "kill -9 of the server", short: 3, full: 100, unit: "kills", run: killServer},
	{name: "kill -9 of the store", short: 4, full: 100, unit: "kills", run: killStore},
	{name: "kill -9 of the agent", short: 3, full: 100, unit: "kills", run: killAgent},
	{name: "kill -9 of the agent, with a log", short: 3, full: 100, unit: "kills", bed: options{log: true}, run: killAgent},
	{name: "both killed, with a log", short: 3, full: 50, unit: "kills", bed: options{log: true}, run: killBoth},
	{name: "server away, with a log", short: 10, full: 60, unit: "s", bed: options{log: true}, run: serverAway},
	{name: "store stopped", short: 3, full: 600, unit: "s", run: stopStore},
	{name: "store away", short: 3, full: 600, unit: "s", run: storeAway},
	{name: "server away", short: 10, full: 60, unit: "s", run: serverAway},
	{name: "wrong clock", short: 1, full: 1, unit: "time", run: wrongClock},
	{name: "slow store", short: 3, full: 60, unit: "s", run: slowStore},
	{name: "many agents", short: 100, full: 1000, unit: "agents", run: manyAgents},
	{name: "many clients", short: 500, full: 10_000, unit: "clients", run: manyClients},
	{name: "disk full", short: 1, full: 10, unit: "times", bed: options{disk: 512 << 20}, run: fillDisk},
	{name: "disk read-only", short: 1, full: 10, unit: "times", bed: options{disk: 512 << 20}, run: readOnlyDisk},
	{name: "loss of power", short: 2, full: 20, unit: "times", bed: options{disk: 1 << 30}, run: losePower},
}

func run(ctx context.Context, bin, only string, full, keep bool, side int) error {
	pattern, err := regexp.Compile(only)
	if err != nil {
		return err
	}
	header()
	var failed atomic.Int64
	var group errgroup.Group
	group.SetLimit(side)
	for _, f := range faults {
		if !pattern.MatchString(f.name) {
			continue
		}
		times := f.short
		if full {
			times = f.full
		}
		group.Go(func() error {
			err := f.on(ctx, bin, times, full, keep)
			var skip *skipped
			switch {
			case ctx.Err() != nil:
			case errors.As(err, &skip):
				fmt.Printf("%-34s not here: %v\n", f.name, skip)
			case err != nil:
				failed.Add(1)
				fmt.Printf("%-34s FAILED: %v\n", f.name, err)
			}
			return ctx.Err()
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	if n := failed.Load(); n > 0 {
		return fmt.Errorf("%d faults were not survived", n)
	}
	return nil
}

// on runs one fault on programs of its own, and prints its line of the table.
func (f *fault) on(ctx context.Context, bin string, times int, full, keep bool) (err error) {
	began := time.Now()
	b, err := newBed(bin, f.bed)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			b.noteState()
		}
		closed := b.close()
		if keep || err != nil && !errors.As(err, new(*skipped)) {
			fmt.Printf("%-34s logs are in %s\n", f.name, b.dir)
		} else {
			os.RemoveAll(b.dir)
		}
		err = errors.Join(err, closed)
	}()
	if err := b.start(ctx); err != nil {
		return err
	}
	clients := 4
	if f.bed.quiet {
		clients = 0
	}
	b.full, b.load = full, newLoad(b.otlp, clients)
	if err := f.run(ctx, b, times); err != nil {
		return err
	}
	if err := b.load.end(ctx); err != nil {
		return err
	}
	r, err := b.count(ctx)
	if err != nil {
		return err
	}
	r.print(f.name, fmt.Sprintf("%d %s", times, f.unit), time.Since(began))
	return r.verdict()
}

// skipped is why a fault cannot be made on this machine.
type skipped struct{ why string }

func (s *skipped) Error() string { return s.why }
