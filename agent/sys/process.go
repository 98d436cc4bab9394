package sys

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"syscall"

	"github.com/cilium/ebpf"

	"github.com/throughline-io/throughline/bpf"
)

// runtimeKind is what carries a program's requests.
type runtimeKind uint8

const (
	threads     runtimeKind = iota // no goroutines: a thread stands for what runs on it
	goroutines                     // Go, with goroutine ids
	unknownKind                    // Go, without: neither thread nor goroutine proves anything
)

// process is what was found out about a process.
type process struct {
	pid        uint32
	comm       string
	kind       runtimeKind
	goidOffset uint16
	leftOut    bool

	sockets, passages int // kept for it
}

// processTable knows the processes that use sockets. It keeps the kernel's copy in step.
type processTable struct {
	kernel *ebpf.Map
	known  map[uint32]*process
	exes   map[exeKey]exeKind
	warn   func(msg string, args ...any)
}

// exeKey names a version of an executable file.
type exeKey struct {
	device, inode uint64
	modified      int64
}

type exeKind struct {
	kind       runtimeKind
	goidOffset uint16
}

// exesKept bounds the cache of executables; it begins anew when full.
const exesKept = 4096

func newProcessTable(kernel *ebpf.Map, warn func(string, ...any)) *processTable {
	return &processTable{kernel: kernel, known: map[uint32]*process{}, exes: map[exeKey]exeKind{}, warn: warn}
}

// Get is the process, looked at if it is new. comm is used if it is gone by now.
func (t *processTable) Get(pid uint32, comm string) *process {
	if p := t.known[pid]; p != nil {
		return p
	}
	p := &process{pid: pid, comm: comm}
	if name, err := os.ReadFile(procPath(pid, "comm")); err == nil {
		p.comm = string(bytes.TrimSpace(name))
	}
	k := t.inspect(pid)
	p.kind, p.goidOffset = k.kind, k.goidOffset
	t.put(p)
	return p
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
	for pid, p := range t.known {
		if _, err := os.Stat(procPath(pid, "")); os.IsNotExist(err) && !p.leftOut {
			delete(t.known, pid)
			_ = t.kernel.Delete(pid) // the kernel may have done so
		}
	}
}

// Scan looks at the processes that run in the given network namespaces, so that their
// first calls are understood, and calls f for each.
func (t *processTable) Scan(namespaces map[uint32]bool, f func(pid uint32)) error {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return fmt.Errorf("list processes: %w", err)
	}
	for _, e := range entries {
		pid, err := strconv.ParseUint(e.Name(), 10, 32)
		if err != nil {
			continue
		}
		ns, err := os.Stat(procPath(uint32(pid), "ns/net"))
		if err != nil {
			continue // ended meanwhile
		}
		if st, ok := ns.Sys().(*syscall.Stat_t); ok && namespaces[uint32(st.Ino)] {
			if !t.Get(uint32(pid), "").leftOut {
				f(uint32(pid))
			}
		}
	}
	return nil
}

func (t *processTable) put(p *process) error {
	t.known[p.pid] = p
	v := bpf.SockioProcess{GoidOffset: p.goidOffset}
	if p.leftOut {
		v.LeftOut = 1
	}
	err := t.kernel.Put(p.pid, v)
	if err != nil {
		t.warn("the kernel's table of processes takes no more", "pid", p.pid, "err", err)
	}
	return err
}

func (t *processTable) inspect(pid uint32) exeKind {
	path := procPath(pid, "exe")
	f, err := os.Open(path)
	if err != nil {
		return exeKind{kind: unknownKind} // gone, or a kernel thread
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return exeKind{kind: unknownKind}
	}
	var key exeKey
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		key = exeKey{uint64(st.Dev), st.Ino, info.ModTime().UnixNano()}
	}
	if k, ok := t.exes[key]; ok {
		return k
	}
	k := exeKind{kind: threads}
	offset, err := goidOffset(f)
	switch {
	case err != nil:
		k.kind = unknownKind
		name, _ := os.Readlink(path)
		t.warn("no goroutine ids: what this program calls is not joined with what called it", "exe", name, "pid", pid, "err", err)
	case offset != 0:
		k = exeKind{goroutines, offset}
	}
	if len(t.exes) >= exesKept {
		clear(t.exes)
	}
	t.exes[key] = k
	return k
}

func procPath(pid uint32, file string) string {
	return "/proc/" + strconv.FormatUint(uint64(pid), 10) + "/" + file
}
