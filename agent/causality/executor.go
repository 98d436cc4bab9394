package causality

import "net/netip"

// Executor is what runs a request's code in a process: a goroutine, or a thread where there are none. The
// zero value is one that cannot be told.
type Executor struct {
	PID       uint32
	Goroutine bool
	ID        uint64
}

func (e Executor) known() bool { return e.ID != 0 }

// On is the executor of a call: by its thread, and its goroutine where that is known.
func (p *Process) On(pid, thread uint32, goroutine uint64) Executor {
	switch {
	case p.Runtime == Go:
		return Executor{PID: pid, ID: goroutine, Goroutine: true}
	case p.Runtime.hasThreads():
		return Executor{PID: pid, ID: uint64(thread)}
	}
	return Executor{}
}

// Moment is a system call that moved bytes, or opened a connection: who made it, and when.
type Moment struct {
	Process  *Process
	Executor Executor
	Thread   uint32
	Peer     netip.AddrPort // at the connection's other end
	Time     int64          // its exit, in ns of the kernel's monotonic clock, as is every time here
	Out      bool           // bytes went out
	Among    bool           // by a connection that has many at once, as HTTP/2's

	Task uint64 // of Python with asyncio: what tells the running task from all others there are now; 0: not known

	// Of Go, where the agent knows the layout of its runtime.
	Slice  Slice
	Parent uint64 // id of the goroutine that began this one; 0: not known
	Asks   bool   // a request of HTTP begins to go out
	Before Before // of Asks
}

// Before is the goroutine that ran on a thread before another, and woke it; the zero value is one that
// cannot be told.
type Before struct {
	Goroutine uint64
	Parent    uint64 // that began it; 0: not known
	Selects   bool   // it waits in a select statement
}
