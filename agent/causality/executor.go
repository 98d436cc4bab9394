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
}
