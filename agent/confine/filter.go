package confine

import (
	"fmt"
	"runtime"
	"unsafe"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// Calls says which system calls are taken beside those that an agent never makes once it runs.
type Calls struct {
	Exec       bool // may run programs
	BPF        bool // may use the maps of BPF programs that are loaded
	Namespaces bool // may enter namespaces that there are
	Probes     bool // may attach programs that are loaded to functions of programs and libraries
}

// never are system calls of those who administer a machine, look into other processes' memory, or hold
// more of the kernel than an agent needs.
var never = []uint32{
	unix.SYS_ACCT, unix.SYS_ADD_KEY, unix.SYS_ADJTIMEX, unix.SYS_CHROOT, unix.SYS_CLOCK_ADJTIME, unix.SYS_CLOCK_SETTIME, unix.SYS_DELETE_MODULE,
	unix.SYS_FINIT_MODULE, unix.SYS_FSCONFIG, unix.SYS_FSMOUNT, unix.SYS_FSOPEN, unix.SYS_FSPICK, unix.SYS_INIT_MODULE, unix.SYS_IO_URING_ENTER,
	unix.SYS_IO_URING_REGISTER, unix.SYS_IO_URING_SETUP, unix.SYS_KCMP, unix.SYS_KEXEC_FILE_LOAD, unix.SYS_KEXEC_LOAD, unix.SYS_KEYCTL,
	unix.SYS_MOUNT, unix.SYS_MOUNT_SETATTR, unix.SYS_MOVE_MOUNT, unix.SYS_NAME_TO_HANDLE_AT, unix.SYS_OPEN_BY_HANDLE_AT, unix.SYS_OPEN_TREE,
	unix.SYS_PERSONALITY, unix.SYS_PIDFD_GETFD, unix.SYS_PIVOT_ROOT, unix.SYS_PROCESS_VM_READV, unix.SYS_PROCESS_VM_WRITEV,
	unix.SYS_PTRACE, unix.SYS_QUOTACTL, unix.SYS_REBOOT, unix.SYS_REQUEST_KEY, unix.SYS_SETDOMAINNAME, unix.SYS_SETFSGID, unix.SYS_SETFSUID,
	unix.SYS_SETGID, unix.SYS_SETGROUPS, unix.SYS_SETHOSTNAME, unix.SYS_SETREGID, unix.SYS_SETRESGID, unix.SYS_SETRESUID, unix.SYS_SETREUID,
	unix.SYS_SETTIMEOFDAY, unix.SYS_SETUID, unix.SYS_SWAPOFF, unix.SYS_SWAPON, unix.SYS_SYSLOG, unix.SYS_UMOUNT2, unix.SYS_UNSHARE,
	unix.SYS_USERFAULTFD, unix.SYS_VHANGUP,
}

// Commands of bpf() that give the kernel programs, or let them run.
var bpfNever = []uint32{unix.BPF_PROG_LOAD, unix.BPF_PROG_ATTACH, unix.BPF_RAW_TRACEPOINT_OPEN, unix.BPF_LINK_CREATE, unix.BPF_LINK_UPDATE, unix.BPF_BTF_LOAD, bpfTokenCreate}

// bpfTokenCreate is BPF_TOKEN_CREATE (Linux 6.9), which package unix does not have.
const bpfTokenCreate = 36

const newNamespaces = unix.CLONE_NEWUSER | unix.CLONE_NEWNS | unix.CLONE_NEWNET | unix.CLONE_NEWPID | unix.CLONE_NEWIPC | unix.CLONE_NEWUTS | unix.CLONE_NEWCGROUP

// Offsets in struct seccomp_data.
const (
	offNumber = 0
	offArch   = 4
	offFirst  = 16 // the lower half of the first argument, little endian
)

const refuse = unix.SECCOMP_RET_ERRNO | uint32(unix.EPERM)

// program refuses calls with EPERM. Those of another instruction set, by which the numbers mean other
// calls, are refused altogether.
func (c Calls) program() []bpf.Instruction {
	p := []bpf.Instruction{
		bpf.LoadAbsolute{Off: offArch, Size: 4},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: auditArch, SkipTrue: 1}, bpf.RetConstant{Val: refuse},
		bpf.LoadAbsolute{Off: offNumber, Size: 4},
	}
	when := func(cond bpf.JumpTest, values ...uint32) {
		for _, v := range values {
			p = append(p, bpf.JumpIf{Cond: cond, Val: v, SkipFalse: 1}, bpf.RetConstant{Val: refuse})
		}
	}
	when(bpf.JumpGreaterOrEqual, otherNumbers...)
	when(bpf.JumpEqual, never...)
	when(bpf.JumpEqual, neverHere...)
	if !c.Exec {
		when(bpf.JumpEqual, unix.SYS_EXECVE, unix.SYS_EXECVEAT)
	}
	if !c.Probes {
		when(bpf.JumpEqual, unix.SYS_PERF_EVENT_OPEN)
	}
	if !c.Namespaces {
		when(bpf.JumpEqual, unix.SYS_SETNS)
	}
	if !c.BPF {
		when(bpf.JumpEqual, unix.SYS_BPF)
	}
	// clone3 has its flags in memory, where a filter does not see them: who hears that it is not there
	// takes clone.
	p = append(p, bpf.JumpIf{Cond: bpf.JumpEqual, Val: unix.SYS_CLONE3, SkipFalse: 1}, bpf.RetConstant{Val: unix.SECCOMP_RET_ERRNO | uint32(unix.ENOSYS)})
	// What is left is told by the first argument.
	clone := []bpf.Instruction{
		bpf.LoadAbsolute{Off: offFirst, Size: 4},
		bpf.JumpIf{Cond: bpf.JumpBitsSet, Val: newNamespaces, SkipFalse: 1}, bpf.RetConstant{Val: refuse},
		bpf.RetConstant{Val: unix.SECCOMP_RET_ALLOW},
	}
	p = append(p, bpf.JumpIf{Cond: bpf.JumpEqual, Val: unix.SYS_CLONE, SkipFalse: uint8(len(clone))})
	p = append(p, clone...)
	p = append(p, bpf.JumpIf{Cond: bpf.JumpEqual, Val: unix.SYS_BPF, SkipTrue: 1}, bpf.RetConstant{Val: unix.SECCOMP_RET_ALLOW}, bpf.LoadAbsolute{Off: offFirst, Size: 4})
	when(bpf.JumpEqual, bpfNever...)
	return append(p, bpf.RetConstant{Val: unix.SECCOMP_RET_ALLOW})
}

// Filter refuses system calls from now on, on all threads and in all children, and sets no_new_privs.
func Filter(c Calls) error {
	raw, err := bpf.Assemble(c.program())
	if err != nil {
		return fmt.Errorf("filter of system calls: %w", err)
	}
	list := make([]unix.SockFilter, len(raw))
	for i, r := range raw {
		list[i] = unix.SockFilter{Code: r.Op, Jt: r.Jt, Jf: r.Jf, K: r.K}
	}
	program := unix.SockFprog{Len: uint16(len(list)), Filter: &list[0]}
	runtime.LockOSThread() // the filter takes no_new_privs of this thread to the others
	defer runtime.UnlockOSThread()
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("set no_new_privs: %w", err)
	}
	stuck, _, errno := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, unix.SECCOMP_FILTER_FLAG_TSYNC, uintptr(unsafe.Pointer(&program)))
	if errno != 0 {
		return fmt.Errorf("filter of system calls (needs CONFIG_SECCOMP_FILTER): %w", errno)
	}
	if stuck != 0 {
		return fmt.Errorf("filter of system calls: thread %d has another", stuck)
	}
	return nil
}
