package sys

import (
	"bufio"
	"context"
	"debug/elf"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/throughline-io/throughline/agent/causality"
	"github.com/throughline-io/throughline/agent/goruntime"
	"github.com/throughline-io/throughline/agent/ledger"
)

func goLayoutChild(*bufio.Reader, *json.Encoder) error { return ReadGoLayout(os.Stdin, os.Stdout) }

// childHere is this program as the child that reads debug information.
var childHere = []string{"/usr/bin/env", roleVariable + "=go-layout", "/proc/self/exe"}

// buildGo builds a program, with debug information or without.
func buildGo(t *testing.T, flags ...string) string {
	t.Helper()
	dir := t.TempDir()
	source := filepath.Join(dir, "main.go")
	if err := os.WriteFile(source, []byte("package main\nfunc main() { select {} }\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	exe := filepath.Join(dir, "program")
	out, err := exec.Command("go", append(append([]string{"build", "-o", exe}, flags...), source)...).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return exe
}

func askHere(t *testing.T, name string) (goruntime.Layout, error) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	ctx, cancel := context.WithTimeout(t.Context(), childPatience)
	defer cancel()
	return askChild(ctx, append(childHere[:2:2], self), f)
}

// Debug information tells of a Go that we do not know where its fields lie; without it nobody does.
func TestAChildReadsDebugInformation(t *testing.T) {
	t.Parallel()
	if got, err := askHere(t, buildGo(t)); err != nil || got.Goid == 0 || !got.Places() {
		t.Errorf("layout %+v, %v", got, err)
	}
	if got, err := askHere(t, buildGo(t, "-ldflags=-w")); err == nil {
		t.Errorf("layout %+v of a program without debug information", got)
	}
}

// A debug section that says it is larger than a machine's memory costs the child, and not the agent.
func TestAHugeDebugSectionEndsTheChild(t *testing.T) {
	t.Parallel()
	exe := buildGo(t, "-ldflags=-compressdwarf=false")
	claimSize(t, exe, ".debug_info", 64<<30)
	if got, err := askHere(t, exe); err == nil {
		t.Errorf("layout %+v; want an error", got)
	}
}

// claimSize makes a section of an executable of 64 bits say another size, and the file as long as that
// needs: its end is a hole.
func claimSize(t *testing.T, exe, section string, size uint64) {
	t.Helper()
	f, err := os.OpenFile(exe, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	program, err := elf.NewFile(f)
	if err != nil {
		t.Fatal(err)
	}
	var header elf.Header64
	raw := make([]byte, 64)
	if _, err := f.ReadAt(raw, 0); err != nil {
		t.Fatal(err)
	}
	header.Shoff = program.ByteOrder.Uint64(raw[40:])
	for n, s := range program.Sections {
		if s.Name != section {
			continue
		}
		var field [8]byte
		program.ByteOrder.PutUint64(field[:], size)
		if _, err := f.WriteAt(field[:], int64(header.Shoff)+int64(n)*64+32); err != nil {
			t.Fatal(err)
		}
		if err := f.Truncate(int64(s.Offset + size)); err != nil {
			t.Fatal(err)
		}
		return
	}
	t.Fatalf("no section %s", section)
}

// An executable that does not open keeps the reader a moment, and nobody else.
func TestAnExecutableThatDoesNotOpen(t *testing.T) {
	t.Parallel()
	i := newInspector([]string{"/bin/sleep", "3600"}, func(msg string, args ...any) {}, newCounts(new(ledger.Ledger)))
	defer i.Close()
	i.look = func(*process) exeKind { <-i.ended.Done(); return exeKind{runtime: causality.Go} }
	for n := range inspections + 5 {
		if k := i.Inspect(&process{pid: uint32(n)}); k.runtime != causality.Unknown {
			t.Fatalf("runtime %v of a program that nobody could look at", k.runtime)
		}
	}
	if i.budget > 0 {
		t.Errorf("%v left: the reader did not wait as long as it may", i.budget)
	}
}

// What is found out late is used from then on.
func TestALateAnswer(t *testing.T) {
	t.Parallel()
	i := newInspector(nil, func(msg string, args ...any) {}, newCounts(new(ledger.Ledger)))
	defer i.Close()
	found := make(chan struct{})
	i.look = func(*process) exeKind {
		<-found
		return exeKind{runtime: causality.Go, layout: goruntime.Layout{Goid: 152}}
	}
	p := &process{pid: 1}
	if k := i.Inspect(p); k.runtime != causality.Unknown {
		t.Errorf("runtime %v before anything is known", k.runtime)
	}
	close(found)
	select {
	case late := <-i.late:
		if late.process != p || late.runtime != causality.Go {
			t.Errorf("%+v", late)
		}
	case <-time.After(patience):
		t.Fatal("no answer")
	}
}

func TestWhatTheChildSaysIsBounded(t *testing.T) {
	t.Parallel()
	f, err := os.Open("/dev/null")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	_, err = askChild(t.Context(), []string{"/bin/sh", "-c", "head -c 10000000 /dev/zero | tr '\\0' x; head -c 10000000 /dev/zero | tr '\\0' y >&2; exit 1"}, f)
	if err == nil || len(err.Error()) > 10_000 || !strings.Contains(err.Error(), "yyy") {
		t.Errorf("%.200v", err)
	}
}
