package main

import (
	"context"
	"os"
	"os/signal"
	"runtime"
	"time"

	"golang.org/x/sys/unix"
)

// followLoad gives the program one processor while it has little to do, and all that it may have otherwise.
// With several, Go's scheduler wakes a thread for nearly every goroutine that becomes ready, which finds nothing
// else to do and sleeps again: of 1,000 spans a second that is a fifth of an agent's CPU. GOMAXPROCS says otherwise.
//
// The kernel tells it after each loadEvery of CPU (setitimer(2), ITIMER_VIRTUAL), so that a program that does nothing
// is not woken for it.
func followLoad(ctx context.Context) {
	if os.Getenv("GOMAXPROCS") != "" || runtime.GOMAXPROCS(0) == 1 {
		return
	}
	told := make(chan os.Signal, 1)
	signal.Notify(told, unix.SIGVTALRM)
	every := unix.NsecToTimeval(loadEvery.Nanoseconds())
	if _, err := unix.Setitimer(unix.ITIMER_VIRTUAL, unix.Itimerval{Interval: every, Value: every}); err != nil {
		signal.Stop(told)
		return // all processors, always
	}
	go func() {
		p := processors{}
		for used, at := processorTime(), time.Now(); ; {
			select {
			case <-ctx.Done():
				return
			case <-told:
			}
			now, then := processorTime(), time.Now()
			was := p.one
			p.load(now-used, then.Sub(at))
			used, at = now, then
			switch {
			case p.one == was:
			case p.one:
				runtime.GOMAXPROCS(1)
			default:
				runtime.SetDefaultGOMAXPROCS() // what the machine and its cgroup have now
			}
		}
	}()
}

const (
	// loadEvery in user mode is what a burst uses at most until it has all processors.
	loadEvery = 20 * time.Millisecond
	// busyLoad of one processor wants more than one: requests begin to wait for each other.
	busyLoad = 0.4
	// idleLoad is little enough for one, if it lasts for calm: to change stops the program for some microseconds.
	idleLoad = 0.2
	calm     = 2 * time.Second
)

// processors decides between one processor and all.
type processors struct {
	one  bool
	idle time.Duration // for how long the load has been small
}

// load notes what was used in a time.
func (p *processors) load(used, in time.Duration) {
	switch share := float64(used) / float64(in); {
	case share >= busyLoad:
		p.one, p.idle = false, 0
	case share >= idleLoad:
		p.idle = 0
	default:
		p.idle += in
		p.one = p.one || p.idle >= calm
	}
}

// processorTime is what the program has used, in user mode and in the kernel.
func processorTime() time.Duration {
	var r unix.Rusage
	if unix.Getrusage(unix.RUSAGE_SELF, &r) != nil {
		return 0
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}
