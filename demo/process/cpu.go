package process

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// userHZ is the unit of times in /proc: 100 on every Linux that Go runs on.
const userHZ = 100

// CPUSeconds is the CPU time a process has used, user and system.
func CPUSeconds(pid int) (float64, error) {
	f, err := stat(pid)
	if err != nil {
		return 0, err
	}
	sum := 0
	for _, field := range f[11:13] { // utime and stime, fields 14 and 15 of /proc/<pid>/stat
		n, err := strconv.Atoi(field)
		if err != nil {
			return 0, fmt.Errorf("/proc/%d/stat: %w", pid, err)
		}
		sum += n
	}
	return float64(sum) / userHZ, nil
}

// RunTime is how long the threads that a process has now have run: finer than the ticks of its CPU time.
func RunTime(pid int) (time.Duration, error) {
	tasks, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", pid))
	var sum time.Duration
	for _, task := range tasks {
		text, err := os.ReadFile(task)
		if err != nil {
			continue // a thread that ended
		}
		var ran time.Duration
		if _, err := fmt.Sscan(string(text), (*int64)(&ran)); err != nil {
			return 0, fmt.Errorf("%s: %w", task, err)
		}
		sum += ran
	}
	if sum == 0 {
		return 0, fmt.Errorf("process %d has not run", pid)
	}
	return sum, err
}

// startTime is when a process began: clock ticks since boot, field 22.
func startTime(pid int) (string, error) {
	f, err := stat(pid)
	if err != nil {
		return "", err
	}
	return f[19], nil
}

// Child is the process of that name (15 characters, as the kernel keeps it) whose parent
// is pid.
func Child(parent int, name string) (int, error) {
	dirs, err := os.ReadDir("/proc")
	if err != nil {
		return 0, err
	}
	for _, d := range dirs {
		pid, err := strconv.Atoi(d.Name())
		if err != nil {
			continue
		}
		f, err := stat(pid)
		if err != nil || f[1] != strconv.Itoa(parent) {
			continue // it has ended, or is another's
		}
		if comm, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", pid)); err == nil && strings.TrimSpace(string(comm)) == name {
			return pid, nil
		}
	}
	return 0, fmt.Errorf("process %d has no child %s", parent, name)
}

// Members are the processes of a group.
func Members(group int) (pids []int, err error) {
	dirs, err := os.ReadDir("/proc")
	if err != nil {
		return nil, err
	}
	for _, d := range dirs {
		pid, err := strconv.Atoi(d.Name())
		if err != nil {
			continue
		}
		if f, err := stat(pid); err == nil && f[2] == strconv.Itoa(group) {
			pids = append(pids, pid)
		}
	}
	return pids, nil
}

// stat is /proc/<pid>/stat from field 3 on: the name before it may hold spaces.
func stat(pid int) ([]string, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return nil, err
	}
	_, rest, ok := strings.Cut(string(b), ") ")
	fields := strings.Fields(rest)
	if !ok || len(fields) < 20 {
		return nil, fmt.Errorf("/proc/%d/stat: unexpected form", pid)
	}
	return fields, nil
}
