package confine

import (
	"errors"
	"fmt"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Keep drops all capabilities but these, of those that the process has, on all threads. It needs a
// program without cgo: of others the runtime does not know all threads.
func Keep(capabilities ...int) error {
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var have [2]unix.CapUserData
	if err := unix.Capget(&header, &have[0]); err != nil {
		return fmt.Errorf("read capabilities: %w", err)
	}
	var keep [2]uint32
	for _, c := range capabilities {
		keep[c/32] |= 1 << (c % 32)
	}
	for i := range have {
		left := have[i].Permitted & keep[i]
		have[i] = unix.CapUserData{Effective: left, Permitted: left}
	}
	if err := everywhere(unix.SYS_PRCTL, unix.PR_CAP_AMBIENT, unix.PR_CAP_AMBIENT_CLEAR_ALL, 0); err != nil {
		return fmt.Errorf("clear ambient capabilities: %w", err)
	}
	if err := everywhere(unix.SYS_CAPSET, uintptr(unsafe.Pointer(&header)), uintptr(unsafe.Pointer(&have[0])), 0); err != nil {
		return fmt.Errorf("drop capabilities: %w", err)
	}
	return nil
}

// everywhere makes a system call on all threads.
func everywhere(call, a, b, c uintptr) error {
	_, _, err := syscall.AllThreadsSyscall(call, a, b, c)
	switch {
	case err == syscall.ENOTSUP:
		return errors.New("this program was built with cgo: build it with CGO_ENABLED=0")
	case err != 0:
		return err
	}
	return nil
}
