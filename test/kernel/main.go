// Command kernel runs the real agent on Debian's kernels, in emulated machines, and writes what it saw
// of requests between two pods into docs/hooks.md. See README.md.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"

	"github.com/throughline-io/throughline/test/kernel/report"
)

// document is what the tables are written into.
const document = "docs/hooks.md"

// variants are what each kernel is tried with: the choices of --sys-variant. "auto" is the first that works.
const variants = "tp_btf,tracepoint"

func main() {
	only := flag.String("only", "", "kernels to try, such as 5.10,6.1 (default: all; the document is written after all)")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := matrix(ctx, *only); err != nil {
		fmt.Fprintln(os.Stderr, "kernel matrix:", err)
		os.Exit(1)
	}
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
	for _, r := range releases {
		if only != "" && !strings.Contains(","+only+",", ","+r.linux+",") {
			continue
		}
		seen, err := try(ctx, r, cache, programs)
		if err != nil {
			return fmt.Errorf("Linux %s of Debian %s: %w", r.linux, r.suite, err)
		}
		runs = append(runs, seen...)
	}
	fmt.Print("\n", table(runs))
	if only == "" {
		if err := write(document, "kernel matrix", table(runs)); err != nil {
			return err
		}
	}
	return verdict(runs)
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

// verdict is an error if a run was not as it must be.
func verdict(runs []report.Run) error {
	var failed []string
	for _, run := range runs {
		for _, fault := range append(run.Faults, run.Lost...) {
			failed = append(failed, fmt.Sprintf("Linux %s, --sys-variant %s: %s", run.Kernel, run.Variant, fault))
		}
	}
	if failed != nil {
		return fmt.Errorf("not as it must be:\n%s", strings.Join(failed, "\n"))
	}
	return nil
}
