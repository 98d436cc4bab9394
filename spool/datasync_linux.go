package spool

import (
	"errors"
	"os"
	"syscall"
)

// datasync is fsync without the times, which saves a journal entry.
func datasync(f *os.File) error {
	for {
		err := syscall.Fdatasync(int(f.Fd()))
		if !errors.Is(err, syscall.EINTR) {
			return os.NewSyscallError("fdatasync "+f.Name(), err)
		}
	}
}
