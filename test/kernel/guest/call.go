package main

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// resources are what callAll asks for: by each system call that writes with each that reads, on a
// connection of their own, a text and a file.
func resources() (list []string) {
	for _, w := range writers {
		for _, r := range readers {
			for _, kind := range []string{"text", "file"} {
				list = append(list, fmt.Sprintf("/%s/%s/%s", kind, w.name, r.name))
			}
		}
	}
	return list
}

// callAll asks in the pod of the client.
func callAll() error {
	all := resources()
	for _, w := range writers {
		for _, r := range readers {
			if err := converse(w, r, all[:2]); err != nil {
				return fmt.Errorf("%s and %s: %w", w.name, r.name, err)
			}
			all = all[2:]
		}
	}
	return nil
}

// connection reads and writes by chosen system calls, which wait.
type connection struct {
	fd          int
	write, read transfer
}

func (c *connection) Write(b []byte) (int, error) { return c.write.do(c.fd, b) }

func (c *connection) Read(b []byte) (int, error) {
	n, err := c.read.do(c.fd, b)
	if n == 0 && err == nil {
		err = io.EOF
	}
	return n, err
}

func converse(w, r transfer, paths []string) error {
	fd, err := dial()
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	c := &connection{fd, w, r}
	answers := bufio.NewReader(c)
	for _, path := range paths {
		if _, err := fmt.Fprintf(c, "GET %s HTTP/1.1\r\nHost: server\r\n\r\n", path); err != nil {
			return fmt.Errorf("write: %w", err)
		}
		answer, err := http.ReadResponse(answers, nil)
		if err != nil {
			return fmt.Errorf("read: %w", err)
		}
		n, err := io.Copy(io.Discard, answer.Body)
		if err != nil || answer.StatusCode != http.StatusOK || n == 0 {
			return fmt.Errorf("%s: status %d, %d bytes, %w", path, answer.StatusCode, n, err)
		}
	}
	return nil
}

// dial waits for the server, which may just start.
func dial() (int, error) {
	n, err := strconv.Atoi(port)
	if err != nil {
		return -1, err
	}
	to := &unix.SockaddrInet4{Port: n, Addr: netip.MustParseAddr(server.address).As4()}
	for began := time.Now(); ; time.Sleep(100 * time.Millisecond) {
		fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
		if err != nil {
			return -1, err
		}
		if err = unix.Connect(fd, to); err == nil {
			return fd, nil
		}
		unix.Close(fd)
		if time.Since(began) > patience {
			return -1, fmt.Errorf("connect: %w", err)
		}
	}
}
