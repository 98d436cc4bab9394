package sys

import (
	"bytes"
	"os"
	"testing"
)

func noDebugInformation() (uint16, error) { return 0, errNoChild }

func TestGoidOffsetOfThisProgram(t *testing.T) {
	t.Parallel()
	f, err := os.Open("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if got, err := goidOffset(f, noDebugInformation); err != nil || got != 152 {
		t.Errorf("offset %d, %v", got, err)
	}
}

func TestGoidOffsetByVersion(t *testing.T) {
	t.Parallel()
	for version, want := range map[string]uint16{
		"go1.17": 152, "go1.22.12": 152, "go1.23": 160, "go1.23.0": 160, "go1.24.6": 160, "go1.25rc1": 152, "go1.26.8": 152,
		"go1.26.1 X:nodwarf5": 152, "go1.16.15": 0, "devel +abc": 0, "": 0, "go1.27": 0, "go1.99.1": 0,
	} {
		got, err := goidOffsetOf(version, noDebugInformation)
		if got != want || (err == nil) != (want != 0) {
			t.Errorf("%q: offset %d, %v, want %d", version, got, err, want)
		}
	}
}

func TestNoGoProgramHasNoGoroutines(t *testing.T) {
	t.Parallel()
	if got, err := goidOffset(bytes.NewReader([]byte("#!/bin/sh")), noDebugInformation); got != 0 || err != nil {
		t.Errorf("offset %d, %v", got, err)
	}
}
