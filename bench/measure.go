package main

import (
	"slices"
	"time"
)

// durations are the times of one thing done several times.
type durations []time.Duration

func (d durations) at(quantile float64) time.Duration {
	s := slices.Sorted(slices.Values(d))
	return s[int(quantile*float64(len(s)-1))].Round(time.Microsecond)
}
