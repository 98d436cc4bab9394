package sys

import (
	"context"
	"errors"
	"os"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/throughline-io/throughline/agent/causality"
	"github.com/throughline-io/throughline/agent/goruntime"
	"github.com/throughline-io/throughline/agent/pyruntime"
)

// exeKind is what was found out about an executable.
type exeKind struct {
	runtime causality.Runtime
	layout  goruntime.Layout // of causality.Go
	context uint64           // of causality.AsyncIO: where the context lies; 0: not known
	early   bool             // what it is shows by what it loads, and it may not have loaded that yet
}

// exeKey names a version of an executable file.
type exeKey struct {
	device, inode uint64
	modified      int64
}

const (
	// exesKept bounds the cache of executables; it begins anew when full.
	exesKept = 4096
	// inspections is how many executables are looked at at once. One that lies on a mount that
	// does not answer takes one of them for good.
	inspections = 32
	// inspectionWait is how long the reader waits for one at most, and inspectionBudget for all
	// of a second: what comes meanwhile stays in the ring.
	inspectionWait   = 20 * time.Millisecond
	inspectionBudget = 200 * time.Millisecond
)

// inspector looks at processes' executables beside the reader.
type inspector struct {
	child  []string // see Config.Inspector
	warn   func(msg string, args ...any)
	counts *counts
	room   *semaphore.Weighted
	look   func(*process) exeKind
	late   chan inspected // what came after the reader had gone on
	ended  context.Context
	end    context.CancelFunc

	mu   sync.Mutex
	exes map[exeKey]exeKind

	// Only the reader uses these.
	budget time.Duration // left of this second
}

// inspected is what was found out about a process.
type inspected struct {
	process *process
	exeKind
}

func newInspector(child []string, warn func(string, ...any), c *counts) *inspector {
	i := &inspector{child: child, warn: warn, counts: c, room: semaphore.NewWeighted(inspections), late: make(chan inspected, inspections),
		exes: map[exeKey]exeKind{}, budget: inspectionBudget}
	i.look = func(p *process) exeKind { return i.inspect(p.pid) }
	i.ended, i.end = context.WithCancel(context.Background())
	return i
}

// Close gives up what is going on.
func (i *inspector) Close() { i.end() }

// Inspect finds out about a process. Where that takes too long the process is of unknown kind until
// an answer comes by way of late.
func (i *inspector) Inspect(p *process) exeKind {
	unknown := exeKind{runtime: causality.Unknown}
	if !i.room.TryAcquire(1) {
		i.warn("too many executables do not open: what a process calls is not joined with what called it", "pid", p.pid, "comm", p.comm)
		return unknown
	}
	answer := make(chan exeKind, 1)
	go func() {
		defer i.room.Release(1)
		answer <- i.look(p)
	}()
	began := time.Now()
	timer := time.NewTimer(min(inspectionWait, i.budget))
	defer timer.Stop()
	defer func() { i.budget = max(i.budget-time.Since(began), 0) }()
	select {
	case k := <-answer:
		return k
	case <-timer.C:
	}
	go func() {
		select {
		case i.late <- inspected{p, <-answer}:
		case <-i.ended.Done():
		}
	}()
	return unknown
}

// NewSecond gives the reader new time to wait in.
func (i *inspector) NewSecond() { i.budget = inspectionBudget }

func (i *inspector) inspect(pid uint32) exeKind {
	path := procPath(pid, "exe")
	f, err := os.Open(path)
	if err != nil {
		return exeKind{runtime: causality.Unknown} // gone, or a kernel thread
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return exeKind{runtime: causality.Unknown}
	}
	var key exeKey
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		key = exeKey{uint64(st.Dev), st.Ino, info.ModTime().UnixNano()}
	}
	i.mu.Lock()
	k, ok := i.exes[key]
	keep, mapped := true, ""
	i.mu.Unlock()
	if ok {
		return k
	}
	name, _ := os.Readlink(path)
	k = exeKind{runtime: causality.Recognize(name, func() string {
		keep = false // what a program has loaded is its own, not its executable's
		maps, _ := os.ReadFile(procPath(pid, "maps"))
		mapped = string(maps)
		return mapped
	})}
	if k.runtime == causality.AsyncIO && causality.TasksWrite(mapped) {
		k.context, _ = pyruntime.ContextAt(procPath(pid, ""), mapped) // else the order tells
	}
	k.early = !keep && k.context == 0
	layout, isGo, err := goruntime.Of(f, func() (goruntime.Layout, error) { return i.askChild(f) })
	switch {
	case err != nil:
		k.runtime = causality.Unknown
		i.counts.unknownGo.Add(1)
		i.warn("no goroutine ids: what this program calls is not joined with what called it", "exe", name, "pid", pid, "err", err)
	case isGo:
		k = exeKind{runtime: causality.Go, layout: layout}
		if !layout.Places() {
			i.counts.unknownPlaces.Add(1)
		}
	}
	if !keep {
		return k
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	if len(i.exes) >= exesKept {
		clear(i.exes)
	}
	i.exes[key] = k
	return k
}

// errNoChild says that debug information is not read.
var errNoChild = errors.New("debug information is not read here")

func (i *inspector) askChild(exe *os.File) (goruntime.Layout, error) {
	if len(i.child) == 0 {
		return goruntime.Layout{}, errNoChild
	}
	ctx, cancel := context.WithTimeout(i.ended, childPatience)
	defer cancel()
	return askChild(ctx, i.child, exe)
}
