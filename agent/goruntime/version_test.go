package goruntime

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
)

func noDebugInformation() (Layout, error) { return Layout{}, errors.New("none") }

// build builds a program by the running toolchain.
func build(t *testing.T, processor string, flags ...string) *os.File {
	t.Helper()
	dir := t.TempDir()
	source := filepath.Join(dir, "main.go")
	if err := os.WriteFile(source, []byte("package main\nfunc main() {}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	exe := filepath.Join(dir, "program")
	cmd := exec.Command("go", append(append([]string{"build", "-o", exe}, flags...), source)...)
	cgo := "0"
	if slices.Contains(flags, "-race") {
		cgo = "1" // the race detector is in C
	}
	cmd.Env = append(os.Environ(), "GOOS=linux", "CGO_ENABLED="+cgo, "GOARCH="+processor)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	f, err := os.Open(exe)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// The table says of a program without debug information what that would have said.
func TestTheTableIsWhatDebugInformationSays(t *testing.T) {
	t.Parallel()
	for _, processor := range []string{"amd64", "arm64"} {
		t.Run(processor, func(t *testing.T) {
			t.Parallel()
			want, err := FromDebugInformation(build(t, processor))
			if err != nil {
				t.Fatal(err)
			}
			got, isGo, err := Of(build(t, processor, "-ldflags=-s -w"), noDebugInformation)
			if err != nil || !isGo || got != want {
				t.Errorf("%+v, %t, %v; debug information says %+v: run go tool mage layouts", got, isGo, err, want)
			}
			if !got.Places() || got.ParentGoid == 0 {
				t.Errorf("%+v: the programs in the kernel do not find the P", got)
			}
		})
	}
}

// With the race detector goroutines run in random order: which ran before says nothing.
func TestTheRaceDetectorTellsNoPlace(t *testing.T) {
	t.Parallel()
	got, isGo, err := Of(build(t, "amd64", "-race"), noDebugInformation)
	if err != nil || !isGo || got.Goid == 0 || got.Places() || got.ParentGoid != 0 {
		t.Errorf("%+v, %t, %v, want the goroutine's id and no more", got, isGo, err)
	}
}

func TestLayoutByVersion(t *testing.T) {
	t.Parallel()
	for version, goid := range map[string]uint16{
		"go1.17": 152, "go1.22.12": 152, "go1.23": 160, "go1.23.0": 160, "go1.24.6": 160, "go1.25rc1": 152, "go1.26.8": 152,
		"go1.26.1 X:nodwarf5": 152, "go1.16.15": 0, "devel +abc": 0, "": 0, "go1.27": 0, "go1.99.1": 0,
	} {
		got, err := ofVersion(version, noDebugInformation)
		if got.Goid != goid || (err == nil) != (goid != 0) {
			t.Errorf("%q: %+v, %v, want goid at %d", version, got, err, goid)
		}
	}
	for _, known := range layouts {
		if !known.Places() {
			t.Errorf("%s: %+v: the programs in the kernel do not find the P", known.since, known.Layout)
		}
	}
}

// A layout that the kernel's part takes nothing for granted of is not half believed.
func TestAnotherLayoutTellsNoPlace(t *testing.T) {
	t.Parallel()
	plain := layouts[0].Layout
	for name, change := range map[string]func(*Layout){
		"m": func(l *Layout) { l.M += 8 }, "p": func(l *Layout) { l.P = 0 }, "oldp": func(l *Layout) { l.OldP += 8 },
		"id": func(l *Layout) { l.ID = 4 }, "schedtick": func(l *Layout) { l.SchedTick += 4 },
	} {
		l := plain
		if change(&l); l.Places() {
			t.Errorf("%s: %+v tells places", name, l)
		}
	}
}

func TestNoGoProgramHasNoGoroutines(t *testing.T) {
	t.Parallel()
	if got, isGo, err := Of(bytes.NewReader([]byte("#!/bin/sh")), noDebugInformation); isGo || err != nil {
		t.Errorf("%+v, %t, %v", got, isGo, err)
	}
}
