package goruntime

// Layout is where fields lie, in bytes from the beginning of their struct, and one value. It is the same
// for amd64 and arm64.
type Layout struct {
	Goid       uint16 `json:"goid"`       // in g
	ParentGoid uint16 `json:"parentGoid"` // in g, from go1.21 on; 0: there is none
	M          uint16 `json:"m"`          // in g
	Sched      uint16 `json:"sched"`      // in g: the stack pointer of when it does not run
	WaitReason uint16 `json:"waitreason"` // in g: why it waits
	Select     uint16 `json:"select"`     // no offset: the reason of who waits in a select statement
	G0         uint16 `json:"g0"`         // in m: the goroutine of the scheduler
	P          uint16 `json:"p"`          // in m
	OldP       uint16 `json:"oldp"`       // in m: p before a system call
	ID         uint16 `json:"id"`         // in p
	SchedTick  uint16 `json:"schedtick"`  // in p
	RunqHead   uint16 `json:"runqhead"`   // in p: of the queue of goroutines that are ready
	RunqTail   uint16 `json:"runqtail"`   // in p
	Runq       uint16 `json:"runq"`       // in p: that queue
}

// What the programs in the kernel take for granted, so that they need few reads (bpf/goroutine.h).
const (
	plainM         = 48 // of g
	plainSched     = 56 // of g
	plainG0        = 0  // of m
	plainReason    = 24 // behind g.goid
	plainOldP      = 16 // behind m.p
	plainID        = 0  // of p
	plainSchedTick = 16 // of p
	plainRunqTail  = 4  // behind p.runqhead
	plainRunq      = 8  // behind p.runqhead
)

// Places reports whether the kernel's part can tell on which P a goroutine runs, and in which of its
// time slices.
func (l Layout) Places() bool {
	return l.M == plainM && l.Sched == plainSched && l.G0 == plainG0 && l.WaitReason == l.Goid+plainReason &&
		l.P != 0 && l.OldP == l.P+plainOldP && l.ID == plainID && l.SchedTick == plainSchedTick &&
		l.RunqHead != 0 && l.RunqTail == l.RunqHead+plainRunqTail && l.Runq == l.RunqHead+plainRunq
}
