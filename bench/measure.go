package main

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
)

// durations are the times of one thing done several times.
type durations []time.Duration

func (d durations) at(quantile float64) time.Duration {
	s := slices.Sorted(slices.Values(d))
	return s[int(quantile*float64(len(s)-1))].Round(time.Microsecond)
}

// ticks is the kernel's USER_HZ: 100 on every Linux that Go runs on.
const ticks = 100

// cpuSeconds is the CPU time a process has used, user and system (/proc/<pid>/stat, fields
// 14 and 15).
func cpuSeconds(pid int) (float64, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(string(b), ") ")
	f := strings.Fields(rest)
	if len(f) < 13 {
		return 0, fmt.Errorf("/proc/%d/stat: unexpected form", pid)
	}
	user, err := strconv.Atoi(f[11])
	if err != nil {
		return 0, err
	}
	system, err := strconv.Atoi(f[12])
	return float64(user+system) / ticks, err
}
