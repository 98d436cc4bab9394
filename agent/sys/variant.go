package sys

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/features"

	"github.com/throughline-io/throughline/bpf"
)

// Variant is a way to hook system calls. docs/adr/0001-sys-hooks.md says what each costs.
type Variant string

// The variants.
const (
	Auto       Variant = ""           // the first of the two that works
	TPBTF      Variant = "tp_btf"     // two programs on the entry and exit of every system call
	Tracepoint Variant = "tracepoint" // programs on the system calls that move bytes on sockets
)

// ParseVariant reads a variant's name; "auto" and "" let the loader choose.
func ParseVariant(s string) (Variant, error) {
	switch v := Variant(s); v {
	case Auto, TPBTF, Tracepoint:
		return v, nil
	case "auto":
		return Auto, nil
	}
	return "", fmt.Errorf("unknown system call hooks %q: use auto, %s or %s", s, TPBTF, Tracepoint)
}

// build is how the programs of a variant are built for the running kernel.
type build struct {
	variant Variant
	typed   bool // follow kernel pointers by checked loads (bpf_rdonly_cast, Linux 6.2)
	storage bool // keep a thread's state in task storage (Linux 5.11)
	user    bool // read the registers of user space (bpf_task_pt_regs, Linux 5.15)
	spares  bool // a second program behind each of system calls (needed from Linux 7.0 on)
}

// mayMiss says that the kernel may leave out the programs of a system call, so that each looks whether the other end
// of the call was seen. It does with tracepoints, and wherever a task may be preempted inside of a hook.
func (b build) mayMiss() bool {
	return b.spares || b.variant == Tracepoint && b.storage && b.user
}

// readsAtExit says that nothing of a read is looked at when it enters. Who may miss its exit has to know of it.
func (b build) readsAtExit() bool { return b.variant == TPBTF && !b.mayMiss() }

// suits reports whether a build is right for a kernel. Where a task may be preempted inside of a hook those that do not look
// for what the kernel left out would lose calls, and not know; elsewhere nothing is left out that a spare could do.
func (b build) suits(preempts bool) bool {
	if preempts {
		return b.mayMiss()
	}
	return !b.spares
}

func (b build) String() string {
	s := string(b.variant)
	if b.spares {
		s += ", spares"
	}
	if !b.typed {
		s += ", probed reads"
	}
	if !b.storage {
		s += ", state in a hash map"
	}
	if !b.user {
		s += ", no goroutines"
	}
	return s
}

// since is the oldest Linux that has all the build needs: of them all a ring buffer.
func (b build) since() string {
	switch {
	case b.spares:
		return "7.0"
	case b.typed:
		return "6.2"
	case b.user:
		return "5.15"
	case b.storage:
		return "5.11"
	}
	return "5.8"
}

// ladder is what to try for a variant, best first.
func ladder(v Variant) []build {
	var tries []build
	if v == Auto || v == TPBTF {
		tries = append(tries, build{TPBTF, true, true, true, true}, build{TPBTF, true, true, true, false}, build{TPBTF, false, true, true, false},
			build{TPBTF, false, true, false, false}, build{TPBTF, false, false, false, false})
	}
	if v == Auto || v == Tracepoint {
		tries = append(tries, build{Tracepoint, true, true, true, true}, build{Tracepoint, true, true, true, false}, build{Tracepoint, false, true, true, false},
			build{Tracepoint, false, false, true, false}, build{Tracepoint, false, false, false, false})
	}
	return tries
}

// suited is what to try of a ladder on a kernel, best first.
func suited(tries []build, preempts bool) []build {
	return slices.DeleteFunc(tries, func(b build) bool { return !b.suits(preempts) })
}

// load loads and attaches the best build of a variant that the kernel takes. The error has
// what the kernel said to each.
func load(v Variant, o options) (*programs, error) {
	tries := suited(ladder(v), preempts())
	if o.only != nil {
		tries = []build{*o.only}
	}
	return best(tries, func(b build) (*programs, error) { return loadBuild(b, o) })
}

// best is the first of several builds that loads; it knows what the kernel said to those before it.
func best(tries []build, load func(build) (*programs, error)) (*programs, error) {
	var failed []error
	for _, b := range tries {
		p, err := load(b)
		if err == nil {
			p.refused = errors.Join(failed...)
			return p, nil
		}
		failed = append(failed, fmt.Errorf("%s: %w", b, err))
	}
	return nil, fmt.Errorf("no system call hooks work on this kernel; the agent needs root (or CAP_BPF and CAP_PERFMON), "+
		"Linux 5.8 or newer and /sys/kernel/btf/vmlinux: %w", errors.Join(failed...))
}

// preempts reports whether the kernel may preempt a task inside of a hook of system calls. From 7.0 on none
// is built otherwise; nothing but the version tells.
func preempts() bool {
	version, err := features.LinuxVersionCode()
	return err == nil && version >= 7<<16
}

// options are what is compiled into the programs.
type options struct {
	payload int
	ring    int
	ports   []uint16
	only    *build
	deaf    func(program string) bool
}

// spec is the collection of a build: only the programs and maps it uses.
func spec(b build, o options) (*ebpf.CollectionSpec, error) {
	s, err := bpf.LoadSockio()
	if err != nil {
		return nil, fmt.Errorf("read the BPF object: %w", err)
	}
	for name := range s.Programs {
		if !strings.HasPrefix(name, prefixes[b.variant]) || strings.HasSuffix(name, spareSuffix) && !b.spares || o.deaf != nil && o.deaf(name) {
			delete(s.Programs, name)
		}
	}
	// The verifier drops the code behind constants that are false, but a map it refers to
	// must exist: one that every kernel knows stands in for the one not used.
	unused := "pending_by_thread"
	if !b.storage {
		unused = "pending_by_task"
	}
	s.Maps[unused] = &ebpf.MapSpec{Name: unused, Type: ebpf.Array, KeySize: 4, ValueSize: s.Maps[unused].ValueSize, MaxEntries: 1}
	s.Maps["events"].MaxEntries = uint32(o.ring)

	cpus, err := ebpf.PossibleCPU()
	if err != nil {
		return nil, fmt.Errorf("count the processors: %w", err)
	}
	var bits [1024]uint64
	for _, port := range o.ports {
		bits[port>>6] |= 1 << (port & 63)
	}
	for name, value := range map[string]any{
		"typed_reads": b.typed, "task_storage": b.storage, "user_registers": b.user, "may_miss": b.mayMiss(), "reads_at_exit": b.readsAtExit(), "preemptible": b.spares || preempts(),
		"payload_cap": uint32(o.payload), "left_out_ports": bits, "ring_size": uint64(o.ring), "look_again": uint64(o.ring / 8 / cpus),
	} {
		if err := s.Variables[name].Set(value); err != nil {
			return nil, fmt.Errorf("set %s: %w", name, err)
		}
	}
	return s, nil
}
