package spool

import (
	"errors"
	"os"
	"syscall"
)

// datasync is fsync without the times, which saves a journal entry.
//
// A file system that stops, or becomes read-only after an error, may let an fdatasync that is under way
// return 0 though nothing was written (ext4 of Linux 6.18). From then on its journal takes no change, so that
// it takes one afterwards says that all is well.
func datasync(f *os.File) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	c, err := f.SyscallConn() // File.Fd makes the file blocking first, by two calls
	if err != nil {
		return err
	}
	controlled := c.Control(func(fd uintptr) {
		if err = again(func() error { return syscall.Fdatasync(int(fd)) }); err != nil {
			err = os.NewSyscallError("fdatasync "+f.Name(), err)
			return
		}
		err = takesChanges(int(fd), info.Size())
		err = os.NewSyscallError("fallocate "+f.Name(), err)
	})
	return errors.Join(controlled, err)
}

// takesChanges asks for room for the last byte, which has it. Unlike a change of the mode, of which ext4 does not
// tell what its journal said while that is stopped and the rest not yet read-only, this fails with the journal; and
// unlike a change of the length it leaves no orphan behind. It is nil also where the question cannot be asked.
func takesChanges(fd int, size int64) error {
	const keepSize = 1 // FALLOC_FL_KEEP_SIZE
	err := again(func() error { return syscall.Fallocate(fd, keepSize, max(size-1, 0), 1) })
	if errors.Is(err, syscall.EOPNOTSUPP) || errors.Is(err, syscall.ENOSYS) {
		return nil
	}
	return err
}

// again calls until no signal is in between.
func again(call func() error) error {
	for {
		if err := call(); !errors.Is(err, syscall.EINTR) {
			return err
		}
	}
}
