package webshop

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// maxShown bounds how many wrong traces are printed with their differences.
const maxShown = 3

// compareMany sends requests, compares every trace, and says what was counted where.
func (c *cluster) compareMany(ctx context.Context) error {
	c.progress("%d requests, %d at a time", c.opts.Traces, c.opts.Concurrency)
	began := time.Now()
	before, err := c.cpu()
	if err != nil {
		return err
	}
	stop := c.startKilling(ctx)
	l, err := c.run(ctx, c.opts.Traces, c.opts.Concurrency)
	killed := stop()
	if err != nil {
		return err
	}
	took := time.Since(began)
	if killed == nil { // before the traces are read, which costs too
		if err := c.printCPU(ctx, before, l.Responses); err != nil {
			return err
		}
	}
	all, err := c.collect(ctx, began, l.Responses, 0)
	if err != nil {
		return err
	}
	if c.opts.Record != "" {
		if err := c.record(ctx, all); err != nil {
			return err
		}
	}
	return c.report(ctx, l, all, took, killed)
}

func (c *cluster) report(ctx context.Context, l load, all []*checked, took time.Duration, killed *kills) error {
	exact, excused := 0, 0
	var shown counts
	for _, t := range all {
		shown = shown.plus(t.Doc.counts())
		switch {
		case len(t.Differences) == 0:
			exact++
		case t.Excuse != "":
			excused++
			fmt.Fprintf(c.opts.Out, "excused: trace %s: %s\n", t.Root.TraceID, t.Excuse)
		}
	}
	wrong := len(all) - exact - excused
	printed := 0
	for _, t := range all {
		if len(t.Differences) > 0 && t.Excuse == "" && printed < maxShown && (killed == nil || killed.what != "agent") {
			printed++
			fmt.Fprintf(c.opts.Out, "wrong: trace %s:\n%s\n", t.Root.TraceID, t.differences())
		}
	}
	out := c.opts.Out
	fmt.Fprintf(out, "exact %d/%d\n", exact, l.Responses)
	fmt.Fprintf(out, "in flight %.1f on the mean, of %d; %.0f requests/s\n", inFlight(all), c.opts.Concurrency, float64(l.Responses)/took.Seconds())
	reused, services := reusedConnections(all)
	fmt.Fprintf(out, "on reused connections: %.1f%% of the load generator's requests, %.1f%% of those between services\n", 100*reused, 100*services)
	seen, stored, err := c.counted(ctx)
	if err != nil {
		return err
	}
	want := reference.times(l.Responses)
	fmt.Fprintf(out, "%-10s %9s %9s %9s %9s\n", "source", "expected", "seen", "stored", "shown")
	ok := true
	for _, row := range []struct {
		name                            string
		expected, seen, stored, printed int
	}{
		{"APP", want.APP, seen.APP, stored.APP, shown.APP}, {"SYS", want.SYS, seen.SYS, stored.SYS, shown.SYS}, {"NET", want.NET, seen.NET, stored.NET, shown.NET},
	} {
		fmt.Fprintf(out, "%-10s %9d %9d %9d %9d\n", row.name, row.expected, row.seen, row.stored, row.printed)
		if killed != nil && killed.what == "agent" && row.name != "APP" { // a dead agent sees nothing
			ok = ok && row.stored <= row.expected && row.printed <= row.stored
			continue
		}
		ok = ok && row.expected == row.stored && row.expected == row.printed && (killed != nil || row.expected == row.seen)
	}
	if err := c.otherTraffic(ctx); err != nil {
		return err
	}
	if killed != nil {
		return killed.report(c, l, ok && (wrong == 0 || killed.what == "agent"))
	}
	switch {
	case l.Other > 0:
		return fmt.Errorf("%d requests failed:\n%s", l.Other, l.Text)
	case wrong > 0 || excused*1000 > l.Responses && excused > 1:
		return fmt.Errorf("%d of %d traces are not exact, %d more are excused", wrong, l.Responses, excused)
	case !ok:
		return fmt.Errorf("the counts differ")
	}
	return nil
}

// inFlight is the mean number of requests the load generator had under way.
func inFlight(all []*checked) float64 {
	var busy int64
	first, last := int64(1<<62), int64(0)
	for _, t := range all {
		for i := range t.Doc.Spans {
			if s := &t.Doc.Spans[i]; s.Parent == nil {
				busy += s.End - s.Start
				first, last = min(first, s.Start), max(last, s.End)
			}
		}
	}
	if last <= first {
		return 0
	}
	return float64(busy) / float64(last-first)
}

// reusedConnections is the share of HTTP requests that were not the first on their
// connection: the load generator's and the services'.
func reusedConnections(all []*checked) (generator, services float64) {
	type tally struct {
		requests    int
		connections map[string]bool
	}
	share := func(t tally) float64 {
		if t.requests == 0 {
			return 0
		}
		return 1 - float64(len(t.connections))/float64(t.requests)
	}
	sums := [2]tally{{connections: map[string]bool{}}, {connections: map[string]bool{}}}
	for _, t := range all {
		for i := range t.Doc.Spans {
			s := &t.Doc.Spans[i]
			if s.Source != "SYS" || s.Point != "c-p" || s.Protocol != "HTTP" {
				continue
			}
			sum := &sums[1]
			if s.Service == "loadgenerator" {
				sum = &sums[0]
			}
			sum.requests++
			sum.connections[s.ClientAddr+" "+s.ServerAddr] = true
		}
	}
	return share(sums[0]), share(sums[1])
}

// differences is the comparison's result for people.
func (t *checked) differences() string {
	lines := t.Differences
	if len(lines) > 20 {
		lines = append(lines[:20:20], fmt.Sprintf("... and %d more", len(t.Differences)-20))
	}
	return "  " + strings.Join(lines, "\n  ")
}
