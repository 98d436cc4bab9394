package main

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// A transfer is a system call that moves bytes of a socket.
type transfer struct {
	name string
	do   func(fd int, b []byte) (int, error)
}

var writers = []transfer{
	{"write", unix.Write},
	{"sendto", flat(unix.SYS_SENDTO)},
	{"writev", func(fd int, b []byte) (int, error) { return unix.Writev(fd, halves(b)) }},
	{"sendmsg", message(unix.SYS_SENDMSG)},
	{"sendmmsg", messages(unix.SYS_SENDMMSG)},
}

var readers = []transfer{
	{"read", unix.Read},
	{"recvfrom", flat(unix.SYS_RECVFROM)},
	{"readv", func(fd int, b []byte) (int, error) { return unix.Readv(fd, halves(b)) }},
	{"recvmsg", message(unix.SYS_RECVMSG)},
	{"recvmmsg", messages(unix.SYS_RECVMMSG)},
}

func halves(b []byte) [][]byte { return [][]byte{b[:len(b)/2], b[len(b)/2:]} }

// flat calls sendto or recvfrom without flags and address.
func flat(nr uintptr) func(int, []byte) (int, error) {
	return func(fd int, b []byte) (int, error) {
		n, _, errno := unix.Syscall6(nr, uintptr(fd), uintptr(unsafe.Pointer(&b[0])), uintptr(len(b)), 0, 0, 0)
		return result(n, errno)
	}
}

// vector is a struct mmsghdr of two pieces of memory. It begins with a struct msghdr.
type vector struct {
	head   unix.Msghdr
	moved  uint32
	pieces [2]unix.Iovec
}

func newVector(b []byte) *vector {
	v := new(vector)
	for i, half := range halves(b) {
		v.pieces[i].Base = unsafe.SliceData(half)
		v.pieces[i].SetLen(len(half))
	}
	v.head.Iov = &v.pieces[0]
	v.head.SetIovlen(len(v.pieces))
	return v
}

func message(nr uintptr) func(int, []byte) (int, error) {
	return func(fd int, b []byte) (int, error) {
		n, _, errno := unix.Syscall(nr, uintptr(fd), uintptr(unsafe.Pointer(newVector(b))), 0)
		return result(n, errno)
	}
}

// messages calls sendmmsg or recvmmsg with one message.
func messages(nr uintptr) func(int, []byte) (int, error) {
	return func(fd int, b []byte) (int, error) {
		v := newVector(b)
		if n, _, errno := unix.Syscall6(nr, uintptr(fd), uintptr(unsafe.Pointer(v)), 1, 0, 0, 0); errno != 0 {
			return result(n, errno)
		}
		return int(v.moved), nil
	}
}

func result(n uintptr, errno unix.Errno) (int, error) {
	if errno != 0 {
		return 0, errno
	}
	return int(n), nil
}
