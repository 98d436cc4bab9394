// Command kernel runs the real agent on Debian's kernels, in emulated machines, and writes what it saw
// of requests between two pods into docs/hooks.md. See README.md.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"

	"github.com/throughline-io/throughline/test/kernel/report"
)

// document is what the tables are written into.
const document = "docs/hooks.md"

// variants are what each kernel is tried with: the choices of --sys-variant. "auto" is the first that works.
const variants = "tp_btf,tracepoint"

func main() {
	only := flag.String("only", "", "kernels to try, such as 5.10,6.1 (default: all; then the table is written into "+document+")")
	code := flag.Bool("hooks", false, "try no kernel: write the hooks that the code has into "+document)
	flag.Parse()
	if err := writeHooks(); err != nil {
		fmt.Fprintln(os.Stderr, "kernel matrix:", err)
		os.Exit(1)
	}
	if *code {
		return
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := matrix(ctx, *only); err != nil {
		fmt.Fprintln(os.Stderr, "kernel matrix:", err)
		os.Exit(1)
	}
}

func writeHooks() error {
	text, err := hooks()
	if err != nil {
		return err
	}
	return write(document, "hooks", text)
}

func matrix(ctx context.Context, only string) error {
	cache, err := os.UserCacheDir()
	if err != nil {
		return err
	}
	cache = filepath.Join(cache, "throughline", "kernels")
	programs, err := os.MkdirTemp("", "throughline-kernels")
	if err != nil {
		return err
	}
	defer os.RemoveAll(programs)
	if err := build(ctx, programs); err != nil {
		return err
	}
	var runs []report.Run
	var failed []error
	for _, r := range releases {
		if only != "" && !slices.Contains(strings.Split(only, ","), r.linux) {
			continue
		}
		seen, err := try(ctx, r, cache, programs)
		if err != nil {
			failed = append(failed, fmt.Errorf("Linux %s of Debian %s: %w", r.linux, r.suite, err))
		}
		runs = append(runs, seen...)
	}
	fmt.Print("\n", table(runs))
	if only == "" {
		failed = append(failed, write(document, "kernels", table(runs)))
	}
	return errors.Join(append(failed, verdict(runs))...)
}

// try runs all variants on one kernel.
func try(ctx context.Context, r release, cache, programs string) ([]report.Run, error) {
	fmt.Printf("== Linux %s of Debian %s\n", r.linux, r.suite)
	k, err := r.fetch(ctx, filepath.Join(cache, r.suite))
	if err != nil {
		return nil, err
	}
	image := filepath.Join(programs, r.suite+".cpio")
	if err := k.pack(image, programs); err != nil {
		return nil, err
	}
	return boot(ctx, k.image, image, variants)
}

// faultsShown bounds what is printed of one run: where hooks fail, every request is a fault.
const faultsShown = 10

// verdict is an error if a run was not as it must be.
func verdict(runs []report.Run) error {
	var failed []error
	for _, run := range runs {
		faults := append(run.Faults, run.Lost...)
		if run.Hooks == "" {
			faults = append([]string{"no hooks: " + run.Refused}, faults...)
		} else if wrong := lesser(run); wrong != "" {
			faults = append([]string{wrong}, faults...)
		}
		for i, fault := range faults {
			if i == faultsShown {
				fault = fmt.Sprintf("and %d more", len(faults)-i)
			}
			failed = append(failed, fmt.Errorf("Linux %s, --sys-variant %s: %s", run.Kernel, run.Variant, fault))
			if i == faultsShown {
				break
			}
		}
	}
	return errors.Join(failed...)
}
