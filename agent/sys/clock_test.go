package sys

import (
	"testing"

	"golang.org/x/sys/unix"
)

// The offset is that of the reading which was interrupted least.
func TestClockOffset(t *testing.T) {
	t.Parallel()
	const offset = 1_000_000
	mono, reads := int64(0), 0
	now := func(clock int32) int64 {
		reads++
		step := int64(5000) // interrupted
		if reads/3 == 7 {
			step = 10
		}
		mono += step
		if clock == unix.CLOCK_REALTIME {
			return mono + offset
		}
		return mono
	}
	if got, width := clockOffset(now); width > 5010 || got < offset-width || got > offset+width {
		t.Errorf("offset %d ±%d, want %d", got, width, offset)
	}
}

func TestClockFollowsTheWall(t *testing.T) {
	t.Parallel()
	var c clock
	c.Update()
	first := c.offset
	if wall, mono := readTime(unix.CLOCK_REALTIME), readTime(unix.CLOCK_MONOTONIC); c.Wall(uint64(mono)) < wall {
		t.Errorf("monotonic %d is wall %d, before %d", mono, c.Wall(uint64(mono)), wall)
	}
	c.offset -= 60e9 // the wall clock was set
	if c.Update(); c.offset-first > 1e9 || first-c.offset > 1e9 {
		t.Errorf("offset %d after a step, want about %d", c.offset, first)
	}
}
