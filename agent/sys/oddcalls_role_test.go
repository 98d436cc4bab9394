package sys

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/netip"
	"os"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"
)

// exchange is a way to send a request and to read (at least the beginning of) its answer.
type exchange struct {
	name string
	send func(fd int, request []byte) error
	read func(fd int, buffer []byte) error
}

var exchanges = []exchange{
	{"writev", writev(12), func(fd int, b []byte) error { _, err := unix.Readv(fd, [][]byte{b[:10], b[10:]}); return err }},
	{"sendmsg", func(fd int, r []byte) error { _, err := unix.SendmsgBuffers(fd, split(r, 3), nil, nil, 0); return err }, recvmsg},
	{"sendto", func(fd int, r []byte) error { return unix.Sendto(fd, r, 0, nil) }, peekThenRead},
	{"sendmmsg", sendmmsg, recvmmsg},
	{"sendfile", sendfile, recvmsg},
	{"many", writev(300), recvmsg},
}

// oddCalls makes a request to an HTTP server in each of the ways, on one connection.
func oddCalls(in *bufio.Reader, out *json.Encoder) error {
	address, err := netip.ParseAddrPort(os.Getenv(addressVariable))
	if err != nil {
		return err
	}
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0)
	if err != nil {
		return err
	}
	if err := unix.Connect(fd, &unix.SockaddrInet4{Addr: address.Addr().As4(), Port: int(address.Port())}); err != nil {
		return err
	}
	buffer := make([]byte, 4096)
	for _, e := range exchanges {
		request := fmt.Sprintf("POST /echo?%s HTTP/1.1\r\nHost: a\r\ntraceparent: 00-%032x-%016x-01\r\nContent-Length: 1000\r\n\r\n%s",
			e.name, 1, 2, strings.Repeat("x", 1000))
		if err := e.send(fd, []byte(request)); err != nil {
			return fmt.Errorf("%s: %w", e.name, err)
		}
		clear(buffer)
		if err := e.read(fd, buffer); err != nil {
			return fmt.Errorf("%s: answer: %w", e.name, err)
		}
		if !strings.HasPrefix(string(buffer), "HTTP/1.1 200") {
			return fmt.Errorf("%s: answer %.60q", e.name, buffer)
		}
	}
	if err := out.Encode("done"); err != nil {
		return err
	}
	in.ReadByte()
	return nil
}

// split cuts b into n pieces; the last has what is left.
func split(b []byte, n int) (pieces [][]byte) {
	for i := range n - 1 {
		size := min(10, len(b)/(n-i))
		pieces = append(pieces, b[:size:size])
		b = b[size:]
	}
	return append(pieces, b)
}

func writev(pieces int) func(int, []byte) error {
	return func(fd int, r []byte) error { _, err := unix.Writev(fd, split(r, pieces)); return err }
}

func recvmsg(fd int, b []byte) error {
	_, _, _, _, err := unix.RecvmsgBuffers(fd, [][]byte{b[:100], b[100:]}, nil, 0)
	return err
}

func peekThenRead(fd int, b []byte) error {
	if _, _, err := unix.Recvfrom(fd, b, unix.MSG_PEEK); err != nil {
		return err
	}
	_, _, err := unix.Recvfrom(fd, b, 0)
	return err
}

// mmsghdr is the kernel's struct mmsghdr.
type mmsghdr struct {
	header unix.Msghdr
	length uint32
	_      [4]byte
}

func message(b []byte) mmsghdr {
	v := &unix.Iovec{Base: &b[0], Len: uint64(len(b))}
	m := mmsghdr{}
	m.header.Iov, m.header.Iovlen = v, 1
	return m
}

func sendmmsg(fd int, r []byte) error {
	half := len(r) / 2
	m := []mmsghdr{message(r[:half]), message(r[half:])}
	n, _, errno := unix.Syscall6(unix.SYS_SENDMMSG, uintptr(fd), uintptr(unsafe.Pointer(&m[0])), 2, 0, 0, 0)
	if errno != 0 || n != 2 {
		return fmt.Errorf("sent %d of 2 messages: %w", n, errno)
	}
	return nil
}

func recvmmsg(fd int, b []byte) error {
	m := []mmsghdr{message(b)}
	_, _, errno := unix.Syscall6(unix.SYS_RECVMMSG, uintptr(fd), uintptr(unsafe.Pointer(&m[0])), 1, 0, 0, 0)
	if errno != 0 {
		return errno
	}
	return nil
}

// sendfile writes the header and sends the body from a file.
func sendfile(fd int, r []byte) error {
	header := len(r) - 1000
	if _, err := unix.Write(fd, r[:header]); err != nil {
		return err
	}
	f, err := os.CreateTemp("", "body")
	if err != nil {
		return err
	}
	defer f.Close()
	defer os.Remove(f.Name())
	if _, err := f.Write(r[header:]); err != nil {
		return err
	}
	at := int64(0)
	n, err := unix.Sendfile(fd, int(f.Fd()), &at, 1000)
	if err == nil && n != 1000 {
		err = fmt.Errorf("sent %d of 1000 bytes", n)
	}
	return err
}
