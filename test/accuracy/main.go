// Command accuracy says how often the parents that Throughline finds for system calls are the right ones, in
// real programs that nobody instrumented or changed, and writes it into docs/accuracy.md. See README.md.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"
)

func main() {
	var o options
	flag.BoolVar(&o.short, "short", false, "what CI runs: few cases and requests, with floors; the document stays as it is")
	flag.StringVar(&o.cases, "cases", "", "names of cases, or beginnings with a *, separated by commas; then the document stays as it is")
	flag.StringVar(&o.ways, "at", "", `how requests come: some of "1 fresh", "16 fresh", 1, 16, 64, random`)
	flag.IntVar(&o.requests, "requests", 0, "of a figure (2000, of the short form 300)")
	flag.DurationVar(&o.background, "background", 100*time.Millisecond, "between calls of a job beside the requests; 0: none")
	flag.StringVar(&o.bin, "bin", "bin", "where the programs are")
	flag.StringVar(&o.json, "json", "", "a file for the figures, a line of JSON for each")
	flag.StringVar(&o.from, "from", "", "measure nothing: write the document from the figures of such a file, the last of each case and way")
	flag.BoolVar(&o.hold, "hold", false, "leave each case up until Ctrl-C, to look at it")
	flag.BoolVar(&o.list, "list", false, "print the cases")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := o.run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "accuracy:", err)
		os.Exit(1)
	}
}

type options struct {
	short, hold, list            bool
	cases, ways, bin, json, from string
	requests                     int
	background                   time.Duration
}

func (o options) run(ctx context.Context) (err error) {
	if o.list {
		for _, c := range cases {
			fmt.Printf("%-28s %s\n", c.Name, c.About)
		}
		return nil
	}
	if o.from != "" {
		figures, err := readFigures(o.from)
		if err != nil {
			return err
		}
		return publish(figures)
	}
	whole := !o.short && o.cases == "" && o.ways == "" && o.requests == 0
	if o.short && o.ways == "" {
		o.ways = "1,16,random"
	}
	if o.requests == 0 {
		o.requests = 2000
		if o.short {
			o.requests = 300
		}
	}
	chosen, err := choose(o.cases, o.short)
	if err != nil {
		return err
	}
	at, err := chooseWays(o.ways)
	if err != nil {
		return err
	}
	b := &bed{bin: o.bin, background: o.background, installed: map[string]string{}}
	defer func() { err = errors.Join(err, b.close()) }()
	if err := b.up(ctx); err != nil {
		return err
	}
	fmt.Print(heading)
	var figures []Figure
	var faults []string
	for _, c := range chosen {
		of, err := o.caseOf(ctx, b, c, o.waysOf(c, at))
		figures = append(figures, of...)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			faults = append(faults, fmt.Sprintf("%s: %.2000v", c.Name, err))
		}
		for _, f := range of {
			faults = append(faults, f.exceeded(o.short)...)
		}
	}
	if whole {
		if err := publish(figures); err != nil {
			return err
		}
	}
	if len(faults) > 0 {
		return fmt.Errorf("not as it must be:\n  %s", strings.Join(faults, "\n  "))
	}
	return nil
}

// waysOf are those of a case.
func (o options) waysOf(c Case, at []way) []way {
	if !o.short || c.ShortAt == "" {
		return at
	}
	return slices.DeleteFunc(slices.Clone(at), func(w way) bool { return !slices.Contains(strings.Split(c.ShortAt, ","), w.name) })
}

// readFigures reads what -json wrote, in the order of the table.
func readFigures(path string) (figures []Figure, err error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	type key struct{ name, way string }
	last := map[key]Figure{}
	for line := range strings.Lines(string(text)) {
		var f Figure
		if err := json.Unmarshal([]byte(line), &f); err != nil {
			return nil, fmt.Errorf("%s: %w in %.200s", path, err, line)
		}
		last[key{f.Case, f.Way}] = f
	}
	for _, c := range cases {
		for _, w := range ways {
			if f, ok := last[key{c.Name, w.name}]; ok {
				figures = append(figures, f)
			}
		}
	}
	return figures, nil
}

// caseOf measures a case in each of the ways.
func (o options) caseOf(ctx context.Context, b *bed, c Case, at []way) (figures []Figure, err error) {
	s, err := b.open(ctx, c)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	for i, w := range at {
		if err := s.prepare(ctx, w, i > 0 && !at[i-1].fresh); err != nil {
			return figures, err
		}
		f, err := s.measure(ctx, w, max(20, int(float64(o.requests)*c.share()*w.share)))
		if err != nil {
			return figures, fmt.Errorf("at %s: %w", w.name, err)
		}
		figures = append(figures, f)
		fmt.Print(f.row())
		for _, fault := range f.Score.Faults {
			fmt.Fprintln(os.Stderr, "  ", fault)
		}
		if err := o.note(f); err != nil {
			return figures, err
		}
	}
	if o.hold {
		fmt.Fprintf(os.Stderr, "%s is up: %s, token %s; logs are in %s. Ctrl-C ends it.\n", c.Name, b.product.url, b.product.token, s.path("log"))
		<-ctx.Done()
	}
	return figures, nil
}

// prepare starts an agent anew where the way wants one that has seen nothing, else one that has seen many
// requests; warm says that there is such a one.
func (s *site) prepare(ctx context.Context, w way, warm bool) error {
	if warm && !w.fresh {
		return nil
	}
	if err := s.stopAgent(); err != nil {
		return err
	}
	if err := s.startAgent(ctx); err != nil || w.fresh {
		return err
	}
	requests := s.c.Warm
	if requests == 0 {
		requests = 200
	}
	_, err := s.load(ctx, "warm", requests, 8, 0)
	return err
}

// note appends a figure to the file of figures.
func (o options) note(f Figure) error {
	if o.json == "" {
		return nil
	}
	out, err := os.OpenFile(o.json, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	return errors.Join(json.NewEncoder(out).Encode(f), out.Close())
}
