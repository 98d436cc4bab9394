// Command fuzzing runs every fuzz target of the repository for a time and prints how many inputs
// each was given. A finding ends it with exit status 1; go has put the input into the package's
// testdata/fuzz then.
//
//	go run ./test/fuzzing [-each 10m] [-at-once 2] [-only REGEXP] [packages]
package main

import (
	"bufio"
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"regexp"
	"strings"
	"sync"
	"time"
)

// target is a fuzz function of a package.
type target struct{ pkg, name string }

// result is what a run of a target came to.
type result struct {
	inputs string // go's own count of executions, "" where it told none
	output []byte // all it printed, where err is not nil
	err    error
}

func main() {
	each := flag.Duration("each", 10*time.Minute, "how long each target runs")
	atOnce := flag.Int("at-once", 2, "how many targets run beside each other, with one worker each")
	only := flag.String("only", "", "only targets whose package and name match")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *each, *atOnce, *only, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "fuzzing:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, each time.Duration, atOnce int, only string, packages []string) error {
	wanted, err := regexp.Compile(only)
	if err != nil {
		return fmt.Errorf("-only: %w", err)
	}
	if len(packages) == 0 {
		packages = []string{"./..."}
	}
	targets, err := list(ctx, wanted, packages)
	if err != nil {
		return err
	}
	if len(targets) == 0 {
		return fmt.Errorf("no fuzz target matches %q", only)
	}
	fmt.Printf("%d targets, %v each, %d at once\n", len(targets), each, atOnce)
	var mu sync.Mutex
	found := 0
	free := make(chan struct{}, max(atOnce, 1))
	var all sync.WaitGroup
	for _, t := range targets {
		free <- struct{}{}
		all.Go(func() {
			defer func() { <-free }()
			if ctx.Err() != nil {
				return
			}
			r := t.fuzz(ctx, each)
			mu.Lock()
			defer mu.Unlock()
			switch {
			case ctx.Err() != nil:
			case r.err != nil:
				found++
				fmt.Printf("FOUND  %s %s: %v\n%s\n", t.pkg, t.name, r.err, r.output)
			default:
				fmt.Printf("ok     %s %s: %s inputs\n", t.pkg, t.name, r.inputs)
			}
		})
	}
	all.Wait()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if found > 0 {
		return fmt.Errorf("%d of %d targets found something", found, len(targets))
	}
	return nil
}

// list asks go for the fuzz functions of packages.
func list(ctx context.Context, wanted *regexp.Regexp, packages []string) ([]target, error) {
	cmd := exec.CommandContext(ctx, "go", append([]string{"test", "-list", "^Fuzz"}, packages...)...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("list the targets: %w", err)
	}
	var targets, here []target
	lines := bufio.NewScanner(bytes.NewReader(out))
	for lines.Scan() {
		switch fields := strings.Fields(lines.Text()); {
		case len(fields) == 1 && strings.HasPrefix(fields[0], "Fuzz"):
			here = append(here, target{name: fields[0]})
		case len(fields) >= 2 && fields[0] == "ok": // after the functions of a package comes its name
			for _, t := range here {
				if t.pkg = fields[1]; wanted.MatchString(t.pkg + " " + t.name) {
					targets = append(targets, t)
				}
			}
			here = nil
		}
	}
	return targets, lines.Err()
}

var executions = regexp.MustCompile(`execs: (\d+)`)

// fuzz runs the target. What go finds is not made smaller: that may take longer than the run.
func (t target) fuzz(ctx context.Context, each time.Duration) result {
	cmd := exec.CommandContext(ctx, "go", "test", "-run", "^$", "-fuzz", "^"+t.name+"$", "-fuzztime", each.String(), "-fuzzminimizetime", "1x", "-parallel", "1", t.pkg)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	out, err := cmd.CombinedOutput()
	r := result{err: err}
	if told := executions.FindAllSubmatch(out, -1); len(told) > 0 {
		r.inputs = string(told[len(told)-1][1])
	}
	if err != nil {
		r.output = out
	}
	return r
}
