package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// archive writes files as the kernel unpacks them at its start: a cpio archive of the kind "newc"
// (Documentation/driver-api/early-userspace/buffer-format.rst).
type archive struct {
	to *bufio.Writer
	n  int // entries, and so the latest inode
}

const (
	directory  = 0o040755
	executable = 0o100755
)

func (a *archive) entry(name string, mode, size int, content io.Reader) error {
	a.n++
	header := fmt.Sprintf("070701%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%s\x00",
		a.n, mode, 0, 0, 1, 0, size, 0, 0, 0, 0, len(name)+1, 0, name)
	if _, err := a.to.WriteString(header + zeros(len(header))); err != nil {
		return err
	}
	if content != nil {
		if _, err := io.CopyN(a.to, content, int64(size)); err != nil {
			return fmt.Errorf("pack %s: %w", name, err)
		}
	}
	_, err := a.to.WriteString(zeros(size))
	return err
}

// zeros fill up to a multiple of four bytes.
func zeros(n int) string { return "\x00\x00\x00"[:-n&3] }

func (a *archive) file(name, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	return a.entry(name, executable, int(info.Size()), f)
}

// pack makes a machine's first file system: the programs, and the kernel's modules that they need.
func (k kernel) pack(path, dir string) error {
	out, err := os.Create(path)
	if err != nil {
		return err
	}
	defer out.Close()
	a := &archive{to: bufio.NewWriter(out)}
	for _, name := range []string{"proc", "sys", "dev", "run", "tmp", "modules"} {
		if err := a.entry(name, directory, 0, nil); err != nil {
			return err
		}
	}
	for name := range programs {
		if err := a.file(name, filepath.Join(dir, name)); err != nil {
			return err
		}
	}
	modules, err := k.load("veth")
	if err != nil {
		return err
	}
	for i, m := range modules {
		if err := a.entry(fmt.Sprintf("modules/%02d-%s.ko", i, m.name), executable, m.content.Len(), m.content); err != nil {
			return err
		}
	}
	if err := a.entry("TRAILER!!!", 0, 0, nil); err != nil {
		return err
	}
	return a.to.Flush()
}
