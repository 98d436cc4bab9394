package agent

import (
	"fmt"
	"net"
	"unsafe"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// deafen makes a listening socket hear no SYN any more. A socket that is closed resets the connections that
// wait in it to be accepted, requests and all; one that was deaf for a moment has none. Who connects in this
// moment tries again after a second, and is refused then, before he has sent anything.
//
// The filter sees a segment from its TCP header on (tcp_filter in net/ipv4/tcp_ipv4.c, since Linux 3.3).
func deafen(l net.Listener) error {
	t, ok := l.(*net.TCPListener)
	if !ok {
		return nil
	}
	const flags, syn = 13, 0x02
	program, err := bpf.Assemble([]bpf.Instruction{
		bpf.LoadAbsolute{Off: flags, Size: 1},
		bpf.JumpIf{Cond: bpf.JumpBitsSet, Val: syn, SkipTrue: 1},
		bpf.RetConstant{Val: 0x40000},
		bpf.RetConstant{Val: 0},
	})
	if err != nil {
		return err
	}
	filter := make([]unix.SockFilter, len(program))
	for i, p := range program {
		filter[i] = unix.SockFilter{Code: p.Op, Jt: p.Jt, Jf: p.Jf, K: p.K}
	}
	err = onSocket(t, func(fd int) error {
		return unix.SetsockoptSockFprog(fd, unix.SOL_SOCKET, unix.SO_ATTACH_FILTER, &unix.SockFprog{Len: uint16(len(filter)), Filter: unsafe.SliceData(filter)})
	})
	if err != nil {
		return fmt.Errorf("refuse new connections at %s: %w", l.Addr(), err)
	}
	return nil
}

// waiting is how many connections wait in a listening socket to be accepted (tcp_get_info in
// net/ipv4/tcp.c, since Linux 2.6.12); 0 where that cannot be asked.
func waiting(l net.Listener) int {
	t, ok := l.(*net.TCPListener)
	if !ok {
		return 0
	}
	n := 0
	_ = onSocket(t, func(fd int) error {
		info, err := unix.GetsockoptTCPInfo(fd, unix.IPPROTO_TCP, unix.TCP_INFO)
		if err == nil {
			n = int(info.Unacked)
		}
		return err
	})
	return n
}

func onSocket(t *net.TCPListener, do func(fd int) error) error {
	raw, err := t.SyscallConn()
	if err != nil {
		return err
	}
	failed := raw.Control(func(fd uintptr) { err = do(int(fd)) })
	if failed != nil {
		return failed
	}
	return err
}
