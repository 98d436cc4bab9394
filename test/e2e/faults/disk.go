package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
	"unsafe"
)

// disk is a file system of its own in a file, by a loop device.
type disk struct {
	image, at string
	mounted   bool
}

func newDisk(dir string, size int64) (*disk, error) {
	if os.Geteuid() != 0 {
		return nil, &skipped{"not root: a file system cannot be mounted"}
	}
	d := &disk{image: filepath.Join(dir, "image"), at: filepath.Join(dir, "disk")}
	if err := errors.Join(os.Mkdir(d.at, 0o755), os.WriteFile(d.image, nil, 0o600), os.Truncate(d.image, size)); err != nil {
		return nil, err
	}
	if out, err := exec.Command("mkfs.ext4", "-q", "-m", "0", d.image).CombinedOutput(); err != nil {
		return nil, &skipped{fmt.Sprintf("no ext4: %v %s", err, out)}
	}
	return d, d.mount()
}

func (d *disk) mount() error {
	if out, err := exec.Command("mount", "-o", "loop", d.image, d.at).CombinedOutput(); err != nil {
		return &skipped{fmt.Sprintf("no loop device: %v %s", err, out)}
	}
	d.mounted = true
	return nil
}

// unmount waits while it is busy: programs that were killed are not gone at once.
func (d *disk) unmount() error {
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		err := syscall.Unmount(d.at, 0)
		if err == nil {
			d.mounted = false
			return nil
		}
		if !errors.Is(err, syscall.EBUSY) || time.Now().After(end) {
			return fmt.Errorf("unmount %s: %w", d.at, err)
		}
	}
}

func (d *disk) close() error {
	if !d.mounted {
		return nil
	}
	return d.unmount()
}

// fill writes a file as large as the disk has room.
func (d *disk) fill() error {
	f, err := os.Create(d.ballast())
	if err != nil {
		return err
	}
	defer f.Close()
	for block := make([]byte, 1<<20); len(block) > 0; {
		n, err := f.Write(block)
		switch {
		case err == nil:
		case !errors.Is(err, syscall.ENOSPC):
			return err
		case n < len(block):
			block = block[:len(block)/2]
		}
	}
	return nil
}

// free removes what fill wrote.
func (d *disk) free() error { return os.Remove(d.ballast()) }

func (d *disk) ballast() string { return filepath.Join(d.at, "ballast") }

// cut makes ext4 write nothing more, not even its journal (EXT4_IOC_SHUTDOWN): what the image
// then has is what a disk has after a loss of power, without the pages that were not synced.
func (d *disk) cut() error {
	f, err := os.Open(d.at)
	if err != nil {
		return err
	}
	defer f.Close()
	withoutJournal := uint32(2)
	if _, _, errno := syscall.Syscall(syscall.SYS_IOCTL, f.Fd(), 0x8004587d, uintptr(unsafe.Pointer(&withoutJournal))); errno != 0 {
		return fmt.Errorf("stop ext4: %w", errno)
	}
	return nil
}

// restart mounts what the image has. It is copied: of the file itself the kernel may still have
// the stopped file system at hand.
func (d *disk) restart() error {
	if d.mounted {
		if err := d.unmount(); err != nil {
			return err
		}
	}
	next := d.image + "."
	if out, err := exec.Command("cp", "--sparse=always", d.image, next).CombinedOutput(); err != nil {
		return fmt.Errorf("copy the image: %w: %s", err, out)
	}
	if err := os.Remove(d.image); err != nil {
		return err
	}
	d.image = next
	return d.mount()
}

// fail makes ext4 find an error, after which it is read-only until it is mounted anew.
func (d *disk) fail() error {
	if out, err := exec.Command("mount", "-o", "remount,errors=remount-ro", d.at).CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	out, err := exec.Command("findmnt", "-n", "-o", "SOURCE", d.at).Output()
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join("/sys/fs/ext4", filepath.Base(strings.TrimSpace(string(out))), "trigger_fs_error"), []byte("1"), 0o600)
}

// mend checks the file system and mounts it anew.
func (d *disk) mend() error {
	if err := d.unmount(); err != nil {
		return err
	}
	out, err := exec.Command("e2fsck", "-y", d.image).CombinedOutput()
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() == 1 { // errors were corrected
		err = nil
	}
	if err != nil {
		return fmt.Errorf("check the file system: %w: %s", err, out)
	}
	return d.restart()
}
