// Package uprobe attaches BPF programs to functions of executables and libraries.
//
// It goes by perf_event_open and ioctl (Linux 4.17), and not by links of BPF: so it needs no bpf() that gives the kernel
// anything to run, which a confined agent has no more.
package uprobe

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"unsafe"

	"github.com/cilium/ebpf"
	"golang.org/x/sys/unix"
)

// Where a program runs.
type Where struct {
	Offset uint64 // in the file, in bytes
	Return bool   // when the function that begins there returns, else when it is called
}

// Probe is an attached program; Close takes it away.
type Probe struct{ fd int }

// Attach runs a program in every process that executes this place of a file, also in those that begin to later. The file is
// told by a path; what is attached is its inode, wherever else that lies. It needs CAP_PERFMON or CAP_SYS_ADMIN.
func Attach(path string, at Where, program *ebpf.Program) (*Probe, error) {
	device, err := probes()
	if err != nil {
		return nil, err
	}
	name, err := unix.BytePtrFromString(path)
	if err != nil {
		return nil, fmt.Errorf("probe of %q: %w", path, err)
	}
	attr := unix.PerfEventAttr{Type: device.kind, Size: uint32(unsafe.Sizeof(unix.PerfEventAttr{})), Ext1: uint64(uintptr(unsafe.Pointer(name))), Ext2: at.Offset}
	if at.Return {
		attr.Config |= 1 << device.returns
	}
	fd, err := unix.PerfEventOpen(&attr, -1, 0, -1, unix.PERF_FLAG_FD_CLOEXEC) // of all processes; the CPU says nothing here
	runtime.KeepAlive(name)
	if err != nil {
		return nil, fmt.Errorf("probe of %s at %#x: %w", path, at.Offset, err)
	}
	p := &Probe{fd}
	if err := unix.IoctlSetInt(fd, unix.PERF_EVENT_IOC_SET_BPF, program.FD()); err != nil {
		p.Close()
		return nil, fmt.Errorf("attach to %s at %#x: %w", path, at.Offset, err)
	}
	if err := unix.IoctlSetInt(fd, unix.PERF_EVENT_IOC_ENABLE, 0); err != nil {
		p.Close()
		return nil, fmt.Errorf("enable the probe of %s at %#x: %w", path, at.Offset, err)
	}
	return p, nil
}

// Close ends the probe.
func (p *Probe) Close() { _ = unix.Close(p.fd) }

// device is how the kernel calls probes of user space.
type device struct {
	kind    uint32
	returns uint // the bit of config that asks for the return
}

const sysfs = "/sys/bus/event_source/devices/uprobe/"

var probes = sync.OnceValues(func() (d device, err error) {
	kind, err := os.ReadFile(sysfs + "type")
	if errors.Is(err, os.ErrNotExist) {
		return d, errors.New("the kernel has no uprobes: it needs CONFIG_UPROBE_EVENTS, and /sys mounted")
	}
	if err != nil {
		return d, err
	}
	n, err := strconv.ParseUint(strings.TrimSpace(string(kind)), 10, 32)
	if err != nil {
		return d, fmt.Errorf("kind of uprobes: %w", err)
	}
	format, err := os.ReadFile(sysfs + "format/retprobe")
	if err != nil {
		return d, err
	}
	bit, err := strconv.ParseUint(strings.TrimPrefix(strings.TrimSpace(string(format)), "config:"), 10, 6)
	if err != nil {
		return d, fmt.Errorf("how a return is asked for: %q", format)
	}
	return device{uint32(n), uint(bit)}, nil
})

// Works reports why there are no uprobes here; nil: there are.
func Works() error {
	_, err := probes()
	return err
}
