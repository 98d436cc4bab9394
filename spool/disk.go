package spool

import (
	"os"
)

// disk is what the log changes on a disk, and nothing else: tests put one in its place that
// fails, or that remembers what was not yet synced when the power went.
type disk interface {
	create(path string) (file, error) // which must not exist
	open(path string) (file, error)
	rename(from, to string) error
	remove(path string) error
	syncDir(path string) error
}

type file interface {
	WriteAt(b []byte, offset int64) (int, error)
	Truncate(size int64) error
	// sync makes the data and the size durable; the name is syncDir's.
	sync() error
	Close() error
}

type osDisk struct{}

// fileMode is that of all files: they have what users' programs sent.
const fileMode = 0o600

type osFile struct{ largeFile }

func (f *osFile) sync() error { return datasync(f.File) }

func (osDisk) create(path string) (file, error) {
	return openFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY)
}

func (osDisk) open(path string) (file, error) { return openFile(path, os.O_WRONLY) }

func openFile(path string, flag int) (file, error) {
	f, err := os.OpenFile(path, flag, fileMode)
	if err != nil {
		return nil, err
	}
	return &osFile{largeFile{File: f, flag: flag}}, nil
}

func (osDisk) rename(from, to string) error { return os.Rename(from, to) }
func (osDisk) remove(path string) error     { return os.Remove(path) }

func (osDisk) syncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}
