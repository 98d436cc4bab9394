package spool

import (
	"errors"
	"os"
	"syscall"
	"unsafe"
)

// largeFile is a file of the operating system whose large writes and reads of whole blocks go past the page
// cache: a new page costs more than the bytes copied to it, above all in a virtual machine.
//
// Not every file system has that (FUSE, tmpfs before Linux 6.6), and some want larger blocks: there it is as
// any other file.
type largeFile struct {
	*os.File
	flag    int      // it was opened with
	direct  *os.File // the same file, past the page cache; nil: not yet opened
	refused bool
}

// WriteAt writes past the page cache what begins and ends with a block, in the file and in memory.
func (f *largeFile) WriteAt(b []byte, offset int64) (n int, err error) {
	if d := f.past(b, offset); d != nil {
		if n, err = d.WriteAt(b, offset); !errors.Is(err, syscall.EINVAL) {
			return n, err
		}
		f.refused = true
	}
	return f.File.WriteAt(b, offset)
}

// ReadAt reads likewise.
func (f *largeFile) ReadAt(b []byte, offset int64) (n int, err error) {
	if d := f.past(b, offset); d != nil {
		if n, err = d.ReadAt(b, offset); !errors.Is(err, syscall.EINVAL) {
			return n, err
		}
		f.refused = true
	}
	return f.File.ReadAt(b, offset)
}

// past is the file past the page cache, where this can be written or read there.
func (f *largeFile) past(b []byte, offset int64) *os.File {
	memory := uintptr(unsafe.Pointer(unsafe.SliceData(b)))
	if f.refused || len(b) < directBytes || (memory|uintptr(len(b))|uintptr(offset))%block != 0 {
		return nil
	}
	if f.direct == nil {
		var err error
		if f.direct, err = os.OpenFile(f.Name(), f.flag&syscall.O_ACCMODE|syscall.O_DIRECT, 0); err != nil {
			f.direct, f.refused = nil, true
		}
	}
	return f.direct
}

func (f *largeFile) Close() error {
	err := f.File.Close()
	if f.direct != nil {
		err = errors.Join(err, f.direct.Close())
	}
	return err
}
