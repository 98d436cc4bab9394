package sys

import (
	"bytes"
	"fmt"
	"os"
	"strconv"

	"github.com/cilium/ebpf"

	"github.com/throughline-io/throughline/agent/causality"
	"github.com/throughline-io/throughline/agent/goruntime"
	"github.com/throughline-io/throughline/bpf"
)

// process is what was found out about a process.
type process struct {
	pid     uint32
	comm    string
	of      uint64           // the OTel resource that says which pod it is of, 0 for none
	layout  goruntime.Layout // of causality.Go
	context uint64           // of causality.AsyncIO, see exeKind
	early   bool             // see exeKind
	served  bool             // it has read a request
	leftOut bool
	follows bool // what the kernel knows: its goroutines are followed
	sockets int  // kept for it
	cause   causality.Process
	tls     tlsProcess

	lookedAt map[uint32]struct{} // threads that have read requests, of causality.JVM
}

// processTable knows the processes that use sockets. It keeps the kernel's copy in step.
type processTable struct {
	kernel  *ebpf.Map
	change  func() // says that what the kernel knows has changed
	known   map[uint32]*process
	looks   *inspector
	warn    func(msg string, args ...any)
	saw     func(causality.Runtime)
	tls     TLSConfig
	settled func(*process) // is told each that was looked at

	ownPIDs  bool                    // see Config
	resource func(pid uint32) uint64 // see Config; nil: none has one
}

func newProcessTable(kernel *ebpf.Map, change func(), looks *inspector, saw func(causality.Runtime), warn func(string, ...any)) *processTable {
	return &processTable{kernel: kernel, change: change, looks: looks, known: map[uint32]*process{}, saw: saw, warn: warn, settled: func(*process) {}}
}

// Get is the process, looked at if it is new. comm is used if it is gone by now.
func (t *processTable) Get(pid uint32, comm string) *process {
	if p := t.known[pid]; p != nil {
		return p
	}
	p := t.describe(pid, comm)
	kind := exeKind{runtime: causality.Unknown}
	if !t.ownPIDs {
		kind = t.looks.Inspect(p)
	}
	t.settle(p, kind)
	return p
}

// Serves takes that a process has read a request: by then it has loaded what it serves requests with. One that was looked
// at before, as when it began, is looked at once more.
func (t *processTable) Serves(p *process) {
	if !p.early || p.served {
		return
	}
	p.served = true
	kind := t.looks.Inspect(p)
	if kind.runtime != causality.Unknown && (kind.runtime != p.cause.Runtime || kind.context != p.context) { // unknown: the answer comes late
		t.settle(p, kind)
	}
}

// describe is a process as far as its name; its executable was not looked at.
func (t *processTable) describe(pid uint32, comm string) *process {
	p := &process{pid: pid, comm: comm, cause: causality.Process{Runtime: causality.Unknown}}
	if t.ownPIDs {
		return p
	}
	if name, err := os.ReadFile(procPath(pid, "comm")); err == nil {
		p.comm = string(bytes.TrimSpace(name))
	}
	if t.resource != nil {
		p.of = t.resource(pid)
	}
	return p
}

// Late takes what was found out about a process after Get had answered.
func (t *processTable) Late(i inspected) {
	if t.known[i.process.pid] == i.process { // else it is gone, or runs another program now
		t.settle(i.process, i.exeKind)
	}
}

func (t *processTable) settle(p *process, k exeKind) {
	p.cause.Runtime, p.layout, p.context, p.early = k.runtime, k.layout, k.context, k.early
	t.saw(k.runtime)
	_ = t.put(p) // said there
	t.settled(p)
}

// Follow has the kernel follow a process's goroutines, or not any more, as causality wants it.
func (t *processTable) Follow(p *process) {
	if p.follows != p.cause.Follows() && !p.leftOut {
		_ = t.put(p) // said there
	}
}

// LeaveOut says that a process is not traced.
func (t *processTable) LeaveOut(pid uint32) error {
	p := &process{pid: pid, leftOut: true}
	if err := t.put(p); err != nil {
		return fmt.Errorf("leave out process %d: %w", pid, err)
	}
	return nil
}

// Forget drops a process that ended or runs another program now. The kernel has dropped it
// already.
func (t *processTable) Forget(pid uint32) {
	if p := t.known[pid]; p != nil && !p.leftOut {
		delete(t.known, pid)
	}
}

// Sweep drops processes that are gone and whose exit notice was lost.
func (t *processTable) Sweep() {
	if t.ownPIDs {
		return // who is gone cannot be seen; the kernel's notice of it still comes
	}
	for pid, p := range t.known {
		if _, err := os.Stat(procPath(pid, "")); os.IsNotExist(err) && !p.leftOut {
			delete(t.known, pid)
			_ = t.kernel.Delete(pid) // the kernel may have done so
			t.change()
		}
	}
}

func (t *processTable) put(p *process) error {
	t.known[p.pid] = p
	v := bpf.SockioProcess{GoidOffset: p.layout.Goid}
	if p.cause.Opens() {
		v.Opens = 1
	}
	if p.context != 0 {
		v.GoidOffset, v.ContextAt = byContext, p.context
	}
	if p.follows = p.cause.Follows(); p.follows && p.layout.Places() {
		v.PlaceOffset, v.ParentOffset, v.QueueOffset = p.layout.P, p.layout.ParentGoid, p.layout.RunqHead
	}
	if p.leftOut {
		v.LeftOut = 1
	}
	if p.tls.off = t.tls.offFor(p.comm); p.tls.off {
		v.Unused2 = 1 // TLS_OFF of bpf/tls.h
	}
	err := t.kernel.Put(p.pid, v)
	t.change()
	if err != nil {
		t.warn("the kernel's table of processes takes no more", "pid", p.pid, "err", err)
	}
	return err
}

// byContext is BY_CONTEXT of bpf/process.h: instead of a goroutine the kernel tells the context that a thread is in.
const byContext = 1

func procPath(pid uint32, file string) string {
	return "/proc/" + strconv.FormatUint(uint64(pid), 10) + "/" + file
}
