package main

import (
	"testing"
	"time"
)

// A burst has all processors at once, and one is enough only after two calm seconds: a program whose load comes
// and goes is not stopped again and again.
func TestProcessorsFollowTheLoad(t *testing.T) {
	t.Parallel()
	var p processors
	for _, step := range []struct {
		what     string
		used, in time.Duration
		one      bool
	}{
		{"it has just started", 30 * time.Millisecond, 1500 * time.Millisecond, false},
		{"it is calm", 30 * time.Millisecond, 600 * time.Millisecond, true},
		{"a little more", 30 * time.Millisecond, 100 * time.Millisecond, true},
		{"a burst", 30 * time.Millisecond, 35 * time.Millisecond, false},
		{"not yet calm", 30 * time.Millisecond, 1900 * time.Millisecond, false},
		{"some work between", 30 * time.Millisecond, 100 * time.Millisecond, false},
		{"calm from there on", 30 * time.Millisecond, 1900 * time.Millisecond, false},
		{"calm", 30 * time.Millisecond, 200 * time.Millisecond, true},
		{"both processors", 40 * time.Millisecond, 20 * time.Millisecond, false},
		{"nothing for an hour", 30 * time.Millisecond, time.Hour, true},
	} {
		if p.load(step.used, step.in); p.one != step.one {
			t.Errorf("%s: one processor %v, want %v", step.what, p.one, step.one)
		}
	}
}
