package process_test

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/throughline-io/throughline/demo/process"
)

func start(t *testing.T, g *process.Group, name string, argv ...string) *process.Process {
	t.Helper()
	p, err := g.Start(process.Command{Name: name, Argv: argv})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// A program that ends by itself is reported, with the end of its log.
func TestLostProgramIsReported(t *testing.T) {
	t.Parallel()
	g, err := process.NewGroup(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	start(t, g, "failing", "sh", "-c", "echo no database; exit 3")
	select {
	case err := <-g.Lost():
		if !strings.Contains(err.Error(), "failing") || !strings.Contains(err.Error(), "no database") {
			t.Errorf("error %q names neither the program nor its last words", err)
		}
	case <-time.After(20 * time.Second):
		t.Error("nothing was reported")
	}
	if err := g.Close(); err != nil {
		t.Error(err)
	}
}

// Close ends programs that are asked to, and those that will not.
func TestCloseEndsAll(t *testing.T) {
	t.Parallel()
	g, err := process.NewGroup(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	p := start(t, g, "sleeping", "sleep", "1000")
	if err := g.Close(); err != nil {
		t.Error(err)
	}
	if err := syscall.Kill(p.Pid(), 0); err != syscall.ESRCH {
		t.Errorf("process %d is still there: %v", p.Pid(), err)
	}
}

// What a demo that was killed left running is ended by the next one, and only that: a pid
// that belongs to somebody else since is left alone.
func TestNextGroupEndsLeftovers(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first, err := process.NewGroup(dir)
	if err != nil {
		t.Fatal(err)
	}
	left := start(t, first, "left", "sleep", "1000")
	list, err := os.ReadFile(filepath.Join(dir, "pids"))
	if err != nil {
		t.Fatal(err)
	}
	// This process with a start time that is not its own: a pid that was given out again.
	if err := os.WriteFile(filepath.Join(dir, "pids"), append(list, []byte(strconv.Itoa(os.Getpid())+" 1\n")...), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := process.NewGroup(dir); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if err := left.Wait(ctx); err == nil || ctx.Err() != nil {
		t.Errorf("the leftover did not die: %v", err)
	}
}
