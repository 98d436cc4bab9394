package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net"
	"runtime"
	"sync"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// callKind is a kind of system call whose cost is measured.
type callKind struct {
	name  string
	ends  func() ([2]int, error) // what the calls are made on
	calls func(fds [2]int)       // makes callsAtOnce calls
	first func(fds [2]int)       // is done before; nil: nothing
}

const (
	callRuns    = 20 // short: the least of them was not disturbed
	callsAtOnce = 400
)

var callKinds = []callKind{
	{"getppid", nil, func([2]int) {
		for range callsAtOnce {
			unix.RawSyscall(unix.SYS_GETPPID, 0, 0, 0)
		}
	}, nil},
	{"read, write of a file", files, pingPong(make([]byte, 256), make([]byte, 256)), nil},
	{"read, write of a UNIX socket", unixPair, pingPong(make([]byte, 256), make([]byte, 256)), nil},
	{"read, write of a UNIX socket with a name", unixNamed, pingPong(make([]byte, 256), make([]byte, 256)), nil},
	{"read, write of HTTP by a UNIX socket", unixNamed, pingPong(httpAsk, httpAnswer), nil},
	{"recvfrom of TCP, EAGAIN", tcpPair, func(fds [2]int) {
		b := make([]byte, 256)
		for range callsAtOnce {
			unix.RawSyscall6(unix.SYS_RECVFROM, uintptr(fds[1]), uintptr(unsafe.Pointer(&b[0])), uintptr(len(b)), unix.MSG_DONTWAIT, 0, 0)
		}
	}, nil},
	{"read, write of HTTP", tcpPair, pingPong(httpAsk, httpAnswer), nil},
	{"read, write of TLS", tcpPair, pingPong(tlsRecord, tlsRecord), nil},
	{"read, write of HTTP, goroutines followed", tcpPair, pingPong(httpAsk, httpAnswer), handOver}, // the last: they are for good
}

var (
	httpAsk    = []byte("GET /orders/1022/items?limit=20 HTTP/1.1\r\nHost: shop\r\nUser-Agent: Go-http-client/1.1\r\nAccept: application/json\r\nTraceparent: 00-0000000000000000000000000000abcd-00000000000000ab-01\r\nAccept-Encoding: gzip\r\n\r\n")
	httpAnswer = []byte("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nDate: Mon, 02 Nov 2026 10:00:00 GMT\r\nContent-Length: 98\r\n\r\n" +
		`{"items":[{"sku":"A-1022","price":1299,"stock":7},{"sku":"A-1023","price":1299,"stock":7},{"n":2}]}`[:98])
)

// tlsRecord is one of application data.
var tlsRecord = append([]byte{23, 3, 3, 0, 251}, make([]byte, 251)...)

// pingPong writes and reads in turn, as one end and the other. Raw: without the scheduler's
// bookkeeping around each call.
func pingPong(ping, pong []byte) func([2]int) {
	room := make([]byte, 4096)
	return func(fds [2]int) {
		for range callsAtOnce / 4 {
			unix.RawSyscall(unix.SYS_WRITE, uintptr(fds[0]), uintptr(unsafe.Pointer(&ping[0])), uintptr(len(ping)))
			unix.RawSyscall(unix.SYS_READ, uintptr(fds[1]), uintptr(unsafe.Pointer(&room[0])), uintptr(len(ping)))
			unix.RawSyscall(unix.SYS_WRITE, uintptr(fds[1]), uintptr(unsafe.Pointer(&pong[0])), uintptr(len(pong)))
			unix.RawSyscall(unix.SYS_READ, uintptr(fds[0]), uintptr(unsafe.Pointer(&room[0])), uintptr(len(pong)))
		}
	}
}

// call makes the calls of a kind, and says how many nanoseconds of its thread's CPU time one takes.
func call(in *json.Decoder, out *json.Encoder) error {
	runtime.LockOSThread()
	for {
		var name string
		if err := in.Decode(&name); err != nil {
			return ended(err)
		}
		for _, k := range callKinds {
			if k.name != name {
				continue
			}
			ns, err := k.measure()
			if err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			if err := out.Encode(ns); err != nil {
				return err
			}
		}
	}
}

func (k *callKind) measure() (float64, error) {
	var fds [2]int
	if k.ends != nil {
		var err error
		if fds, err = k.ends(); err != nil {
			return 0, err
		}
		defer unix.Close(fds[0])
		defer unix.Close(fds[1])
	}
	if k.first != nil {
		k.first(fds)
	}
	k.calls(fds) // an agent has met the socket now
	least := math.Inf(1)
	for range callRuns {
		time.Sleep(3 * time.Millisecond) // an agent reads what it was told
		began := threadCPU()
		k.calls(fds)
		least = min(least, float64(threadCPU()-began)/callsAtOnce)
	}
	return least, nil
}

// callAll measures every kind.
func callAll(caller *roleProgram, of *captured) error {
	for _, k := range callKinds {
		var ns float64
		if err := caller.do(k.name, &ns); err != nil {
			return err
		}
		of.least(k.name, ns)
	}
	return nil
}

// noise is noise/noise.c for where there is no compiler.
func noise(*json.Decoder, *json.Encoder) error {
	runtime.LockOSThread()
	fds, err := tcpPair()
	if err != nil {
		return err
	}
	message := append([]byte("GET /noise HTTP/1.1\r\nX: "), make([]byte, 40)...)
	for calls := pingPong(message, message); ; {
		calls(fds)
	}
}

// handOver has an agent see that one goroutine writes for another's request, so that from then on it looks where each runs.
func handOver(fds [2]int) {
	calls := pingPong(httpAsk, httpAnswer)
	room := make([]byte, 4096)
	for range 4 { // enough that it has given up to look
		calls(fds)
		time.Sleep(agentReads)
	}
	unix.RawSyscall(unix.SYS_WRITE, uintptr(fds[0]), uintptr(unsafe.Pointer(&httpAsk[0])), uintptr(len(httpAsk)))
	unix.RawSyscall(unix.SYS_READ, uintptr(fds[1]), uintptr(unsafe.Pointer(&room[0])), uintptr(len(httpAsk)))
	var other sync.WaitGroup
	other.Go(func() { // while a request is open
		if ends, err := tcpPair(); err == nil {
			calls(ends)
			unix.Close(ends[0])
			unix.Close(ends[1])
		}
	})
	other.Wait()
	time.Sleep(agentReads)
	unix.RawSyscall(unix.SYS_WRITE, uintptr(fds[1]), uintptr(unsafe.Pointer(&httpAnswer[0])), uintptr(len(httpAnswer)))
	unix.RawSyscall(unix.SYS_READ, uintptr(fds[0]), uintptr(unsafe.Pointer(&room[0])), uintptr(len(httpAnswer)))
}

// agentReads is in which time an agent has read what it was told.
const agentReads = 50 * time.Millisecond

func threadCPU() int64 {
	var t unix.Timespec
	_ = unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &t) // fails for unknown clocks only
	return t.Nano()
}

// files are one to write to and one to read from. Both directions of pingPong have an end of each.
func files() (fds [2]int, err error) {
	for i := range fds {
		if fds[i], err = unix.Open("/dev/zero", unix.O_RDWR, 0); err != nil {
			return fds, err
		}
	}
	return fds, nil
}

// unixNamed is a connection to a name, as those of databases and desktops are.
func unixNamed() (fds [2]int, err error) {
	l, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	if err != nil {
		return fds, err
	}
	defer unix.Close(l)
	if err := errors.Join(unix.Bind(l, &unix.SockaddrUnix{Name: "@"}), unix.Listen(l, 1)); err != nil { // the kernel finds a name
		return fds, err
	}
	name, err := unix.Getsockname(l)
	if err != nil {
		return fds, err
	}
	if fds[0], err = unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM, 0); err != nil {
		return fds, err
	}
	if err := unix.Connect(fds[0], name); err != nil {
		return fds, err
	}
	fds[1], _, err = unix.Accept(l)
	return fds, err
}

func unixPair() ([2]int, error) { return unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM, 0) }

// tcpPair is the two ends of a connection by the loopback interface.
func tcpPair() (fds [2]int, err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fds, err
	}
	defer l.Close()
	near, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		return fds, err
	}
	defer near.Close()
	far, err := l.Accept()
	if err != nil {
		return fds, err
	}
	defer far.Close()
	for i, c := range []net.Conn{near, far} {
		f, err := c.(*net.TCPConn).File() // blocking, and not the runtime's any more
		if err != nil {
			return fds, err
		}
		defer f.Close()
		if fds[i], err = unix.Dup(int(f.Fd())); err != nil {
			return fds, err
		}
	}
	return fds, nil
}
