package span

import "time"

// ClockStep is how far a start in Unix ns may be before the moment it stands for: OpenTelemetry's
// JavaScript SDK starts spans with Date.now(), whole milliseconds; others have clocks of microseconds. A
// clock of nanoseconds shows a whole millisecond once in a million times, and is then taken for a
// coarser one.
func ClockStep(start int64) time.Duration {
	switch {
	case start%int64(time.Millisecond) == 0:
		return time.Millisecond
	case start%int64(time.Microsecond) == 0:
		return time.Microsecond
	}
	return time.Nanosecond
}
