package causality

// Executor is what runs a request's code in a process: a goroutine, or a thread where there are none. The
// zero value is one that cannot be told.
type Executor struct {
	PID       uint32
	Goroutine bool
	ID        uint64
}

func (e Executor) known() bool { return e.ID != 0 }

// Moment is a system call that moved bytes: who made it, and when.
type Moment struct {
	Process  *Process
	Executor Executor
	Thread   uint32
	Time     int64 // its exit, in ns of the kernel's monotonic clock, as is every time here
	Out      bool  // bytes went out

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
