package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/throughline-io/throughline/test/kernel/report"
)

// limit is how long a machine may take for all its runs. It is emulated: what takes a second elsewhere
// takes twenty.
const limit = 30 * time.Minute

// boot starts a machine and reads what its guest reports. The machine is emulated, because a kernel in
// a virtual machine needs what many build machines do not give. It has one processor: with more, QEMU
// 7.2 lets one of them run code that another is patching, which attaching to a tracepoint does.
// Its clock counts instructions, a nanosecond each, whatever else the build machine does: how often a task is preempted
// inside of a program is as on a real one, or a little more. no_timer_check: the kernel would take its timer for broken.
func boot(ctx context.Context, kernel, initramfs, variants string) ([]report.Run, error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	results := initramfs + ".results"
	console := filepath.Join(filepath.Dir(initramfs), "console")
	cmd := exec.CommandContext(ctx, "qemu-system-x86_64",
		"-machine", "q35", "-accel", "tcg", "-icount", "shift=0,sleep=off", "-cpu", "max", "-smp", "1", "-m", "1024",
		"-display", "none", "-monitor", "none", "-nic", "none", "-no-reboot",
		"-serial", "file:"+console, "-serial", "file:"+results,
		"-kernel", kernel, "-initrd", initramfs,
		"-append", "console=ttyS0 panic=-1 quiet no_timer_check variants="+variants)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("the machine: %w: %s\n%s", cmp.Or(ctx.Err(), err), out, tail(console))
	}
	runs, err := read(results)
	if want := strings.Count(variants, ",") + 1; err == nil && len(runs) != want {
		err = fmt.Errorf("%d runs, want %d", len(runs), want)
	}
	if err != nil || slices.ContainsFunc(runs, func(r report.Run) bool { return r.Faults != nil }) {
		fmt.Fprintln(os.Stderr, tail(console))
	}
	return runs, err
}

func read(path string) (runs []report.Run, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	for d := json.NewDecoder(f); ; {
		var run report.Run
		switch err := d.Decode(&run); {
		case errors.Is(err, io.EOF):
			return runs, nil
		case err != nil:
			return runs, fmt.Errorf("what the guest reports: %w", err)
		}
		runs = append(runs, run)
	}
}

// tail is the end of what a machine's console showed.
func tail(console string) string {
	text, err := os.ReadFile(console)
	if err != nil {
		return err.Error()
	}
	return string(text[max(0, len(text)-16<<10):])
}
