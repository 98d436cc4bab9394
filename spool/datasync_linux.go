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

// takesChanges asks for room for the last byte, which has it. Unlike a change of the mode, of which ext4 does not
// tell what its journal said while that is stopped and the rest not yet read-only, this fails with the journal; and
// unlike a change of the length it leaves no orphan behind. It is nil also where the question cannot be asked.
func takesChanges(f *os.File) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	const keepSize = 1 // FALLOC_FL_KEEP_SIZE
	for {
		err := syscall.Fallocate(int(f.Fd()), keepSize, max(info.Size()-1, 0), 1)
		switch {
		case err == nil, errors.Is(err, syscall.EOPNOTSUPP), errors.Is(err, syscall.ENOSYS):
			return nil
		case !errors.Is(err, syscall.EINTR):
			return os.NewSyscallError("fallocate "+f.Name(), err)
		}
	}
}
