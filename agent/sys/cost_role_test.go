package sys

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// costJob is a number of system calls of one kind, several times over.
type costJob struct {
	Kind        string
	Calls, Runs int
}

// costKinds are the kinds: what makes a call's two ends.
var costKinds = map[string]func(size int) (fds [2]int, err error){
	"getppid": nil,
	"file": func(int) (fds [2]int, err error) {
		if fds[0], err = unix.Open("/dev/null", unix.O_WRONLY, 0); err == nil {
			fds[1], err = unix.Open("/dev/zero", unix.O_RDONLY, 0)
		}
		return fds, err
	},
	"unix-256": func(int) ([2]int, error) { return unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM, 0) },
	"tcp-256":  tcpPair,
	"tcp-1024": tcpPair,
	"http":     tcpPair,
	"eagain":   tcpPair,
}

func tcpPair(int) (fds [2]int, err error) {
	l, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0)
	if err != nil {
		return fds, err
	}
	defer unix.Close(l)
	if err := unix.Bind(l, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		return fds, err
	}
	if err := unix.Listen(l, 1); err != nil {
		return fds, err
	}
	name, err := unix.Getsockname(l)
	if err != nil {
		return fds, err
	}
	if fds[0], err = unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0); err != nil {
		return fds, err
	}
	if err := unix.Connect(fds[0], name); err != nil {
		return fds, err
	}
	if err := unix.SetsockoptInt(fds[0], unix.IPPROTO_TCP, unix.TCP_NODELAY, 1); err != nil {
		return fds, err
	}
	fds[1], _, err = unix.Accept(l)
	return fds, err
}

// cost does jobs, and says the nanoseconds of its thread's CPU time per call: the least of
// the runs, which other load disturbs least.
func cost(in *bufio.Reader, out *json.Encoder) error {
	runtime.LockOSThread()
	for jobs := json.NewDecoder(in); ; {
		var j costJob
		if err := jobs.Decode(&j); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		ns, err := j.run()
		if err != nil {
			return fmt.Errorf("%s: %w", j.Kind, err)
		}
		if err := out.Encode(ns); err != nil {
			return err
		}
	}
}

func (j costJob) run() (float64, error) {
	size := 256
	if j.Kind == "tcp-1024" {
		size = 1024
	}
	var fds [2]int
	if open := costKinds[j.Kind]; open != nil {
		var err error
		if fds, err = open(size); err != nil {
			return 0, err
		}
		defer unix.Close(fds[0])
		defer unix.Close(fds[1])
	}
	var runs []float64
	buffer := make([]byte, size)
	for range j.Runs {
		calls := j.Calls
		begin := threadCPU()
		switch j.Kind { // raw: without the scheduler's bookkeeping around each call
		case "getppid":
			for range j.Calls {
				unix.RawSyscall(unix.SYS_GETPPID, 0, 0, 0)
			}
		case "eagain":
			for range j.Calls {
				unix.RawSyscall6(unix.SYS_RECVFROM, uintptr(fds[1]), uintptr(unsafe.Pointer(&buffer[0])), uintptr(size), unix.MSG_DONTWAIT, 0, 0)
			}
		case "http":
			calls = j.Calls / 4 * 4
			for range j.Calls / 4 {
				pass(fds[0], fds[1], costAsk, buffer)
				pass(fds[1], fds[0], costAnswer, buffer)
			}
		default:
			calls = j.Calls / 2 * 2
			for range j.Calls / 2 {
				unix.RawSyscall(unix.SYS_WRITE, uintptr(fds[0]), uintptr(unsafe.Pointer(&buffer[0])), uintptr(size))
				unix.RawSyscall(unix.SYS_READ, uintptr(fds[1]), uintptr(unsafe.Pointer(&buffer[0])), uintptr(size))
			}
		}
		runs = append(runs, float64((threadCPU()-begin).Nanoseconds())/float64(calls))
	}
	return slices.Min(runs), nil
}

// A request and its answer, as Go's client and server write them.
var (
	costAsk = []byte("GET /orders/1022/items?limit=20 HTTP/1.1\r\nHost: shop\r\nUser-Agent: Go-http-client/1.1\r\nAccept: application/json\r\n" +
		"Traceparent: 00-0000000000000000000000000000abcd-00000000000000ab-01\r\nAccept-Encoding: gzip\r\n\r\n")
	costAnswer = []byte("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nDate: Mon, 02 Nov 2026 10:00:00 GMT\r\nContent-Length: 80\r\n\r\n" + strings.Repeat("x", 80))
)

// pass writes a message at one end and reads it at the other.
func pass(from, to int, message, buffer []byte) {
	unix.RawSyscall(unix.SYS_WRITE, uintptr(from), uintptr(unsafe.Pointer(&message[0])), uintptr(len(message)))
	unix.RawSyscall(unix.SYS_READ, uintptr(to), uintptr(unsafe.Pointer(&buffer[0])), uintptr(len(buffer)))
}

func threadCPU() time.Duration {
	return time.Duration(readTime(unix.CLOCK_THREAD_CPUTIME_ID))
}
