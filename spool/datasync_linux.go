package spool

import (
	"errors"
	"os"
	"syscall"
)

// datasync is fsync without the times, which saves a journal entry.
//
// A file system that stops, or becomes read-only after an error, may let an fdatasync that is under way
// return 0 though nothing was written (ext4 of Linux 6.18). From then on it takes no change, so that it
// takes one afterwards says that all is well: the mode, which stays as it is.
func datasync(f *os.File) error {
	for {
		err := syscall.Fdatasync(int(f.Fd()))
		switch {
		case err == nil:
			return takesChanges(f)
		case !errors.Is(err, syscall.EINTR):
			return os.NewSyscallError("fdatasync "+f.Name(), err)
		}
	}
}

// takesChanges is nil also where the question cannot be asked: a file system without modes, a file that is
// another user's.
func takesChanges(f *os.File) error {
	err := f.Chmod(fileMode)
	for _, unknown := range []error{syscall.EPERM, syscall.ENOSYS, syscall.EOPNOTSUPP, syscall.EINVAL} {
		if errors.Is(err, unknown) {
			return nil
		}
	}
	return err
}
