package confine

import (
	"encoding/binary"
	"testing"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// The program refuses what an agent never does, and nothing else; what may be done depends on its parts.
func TestWhichCallsAreRefused(t *testing.T) {
	t.Parallel()
	all := Calls{Exec: true, BPF: true, Namespaces: true, Probes: true}
	for _, c := range []struct {
		what    string
		calls   Calls
		arch    uint32
		number  uint32
		first   uint64
		refused bool
	}{
		{"read", Calls{}, auditArch, unix.SYS_READ, 0, false},
		{"a thread", Calls{}, auditArch, unix.SYS_CLONE, unix.CLONE_VM | unix.CLONE_THREAD, false},
		{"a user namespace", all, auditArch, unix.SYS_CLONE, unix.CLONE_NEWUSER | unix.CLONE_VM, true},
		{"mount", all, auditArch, unix.SYS_MOUNT, 0, true},
		{"ptrace", all, auditArch, unix.SYS_PTRACE, 0, true},
		{"a module", all, auditArch, unix.SYS_FINIT_MODULE, 0, true},
		{"exec", Calls{}, auditArch, unix.SYS_EXECVE, 0, true},
		{"exec, allowed", all, auditArch, unix.SYS_EXECVE, 0, false},
		{"setns", Calls{}, auditArch, unix.SYS_SETNS, 0, true},
		{"setns, allowed", all, auditArch, unix.SYS_SETNS, 0, false},
		{"a map, without SYS", Calls{}, auditArch, unix.SYS_BPF, unix.BPF_MAP_UPDATE_ELEM, true},
		{"a map", all, auditArch, unix.SYS_BPF, unix.BPF_MAP_UPDATE_ELEM, false},
		{"a program", all, auditArch, unix.SYS_BPF, unix.BPF_PROG_LOAD, true},
		{"a probe", Calls{BPF: true}, auditArch, unix.SYS_PERF_EVENT_OPEN, 0, true},
		{"a probe, allowed", all, auditArch, unix.SYS_PERF_EVENT_OPEN, 0, false},
		{"the numbers of another instruction set", all, unix.AUDIT_ARCH_I386, unix.SYS_READ, 0, true},
	} {
		vm, err := bpf.NewVM(c.calls.program())
		if err != nil {
			t.Fatal(err)
		}
		// The kernel gives words as they are in memory, the package's machine reads big endian ones.
		data := make([]byte, 64)
		binary.BigEndian.PutUint32(data[offNumber:], c.number)
		binary.BigEndian.PutUint32(data[offArch:], c.arch)
		binary.BigEndian.PutUint32(data[offFirst:], uint32(c.first))
		got, err := vm.Run(data)
		if err != nil {
			t.Fatal(err)
		}
		if is := got == int(refuse); is != c.refused || !is && got != unix.SECCOMP_RET_ALLOW {
			t.Errorf("%s: refused %v (%#x), want %v", c.what, is, got, c.refused)
		}
	}
}
