package sys

import "golang.org/x/sys/unix"

// clock turns the kernel's monotonic time into wall time.
type clock struct{ offset int64 }

// readings is how many pairs are read to find one that nothing interrupted.
const readings = 32

// Update reads the offset anew. NTP moves the wall clock slowly and an administrator at
// once; what is within the reading's own uncertainty is no change, so that times of the
// same moment do not differ by the second they were read in.
func (c *clock) Update() {
	if offset, width := clockOffset(readTime); offset-c.offset > width || c.offset-offset > width {
		c.offset = offset
	}
}

// Wall is a monotonic time of the kernel in Unix nanoseconds.
func (c *clock) Wall(monotonic uint64) int64 { return int64(monotonic) + c.offset }

// clockOffset is wall time minus monotonic time by the reading that was interrupted least,
// and by how much it may be wrong.
func clockOffset(now func(clock int32) int64) (offset, width int64) {
	width = 1 << 62
	for range readings {
		before := now(unix.CLOCK_MONOTONIC)
		wall := now(unix.CLOCK_REALTIME)
		after := now(unix.CLOCK_MONOTONIC)
		if w := after - before; w < width {
			width, offset = w, wall-before-w/2
		}
	}
	return offset, width
}

func readTime(clock int32) int64 {
	var t unix.Timespec
	_ = unix.ClockGettime(clock, &t) // fails for unknown clocks only
	return t.Nano()
}
