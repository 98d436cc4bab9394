package spool

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
	"unsafe"
)

// mount makes a small file system of its own; what was made of it is gone with the test.
func mount(t *testing.T, kind string) (dir string) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("not root: a file system cannot be mounted")
	}
	dir = t.TempDir()
	if kind == "tmpfs" {
		if err := syscall.Mount("none", dir, "tmpfs", 0, "size=4m"); err != nil {
			t.Fatal(err)
		}
	} else {
		mountImage(t, newImage(t, kind, 8<<20), dir)
	}
	t.Cleanup(func() { unmount(t, dir) })
	return dir
}

func newImage(t *testing.T, kind string, size int64) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "image")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, size); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("mkfs."+kind, "-q", "-m", "0", path).CombinedOutput(); err != nil {
		t.Skipf("no %s here: %v %s", kind, err, out)
	}
	return path
}

func mountImage(t *testing.T, image, dir string) {
	t.Helper()
	if out, err := exec.Command("mount", "-o", "loop", image, dir).CombinedOutput(); err != nil {
		t.Skipf("no loop device here: %v %s", err, out)
	}
}

// unmount waits while it is busy: programs that another test is starting have our files for a moment.
func unmount(t *testing.T, dir string) {
	t.Helper()
	for {
		switch err := syscall.Unmount(dir, 0); {
		case errors.Is(err, syscall.EBUSY):
			time.Sleep(time.Millisecond)
		case err != nil:
			t.Error(err)
			return
		default:
			return
		}
	}
}

// fill appends records of a size until the disk has no room, and returns what was acknowledged.
func fill(t *testing.T, l *Log, size int, first uint64) (acknowledged []uint64) {
	t.Helper()
	for n := first; ; n++ {
		_, err := l.Append(t.Context(), 1, record(n, size))
		switch {
		case err == nil:
			acknowledged = append(acknowledged, n)
		case errors.Is(err, ErrFull) && errors.Is(err, syscall.ENOSPC):
			return acknowledged
		default:
			t.Fatal(err)
		}
	}
}

// A disk runs full: refused, nothing half there, and it goes on by itself when there is room,
// by what the consumer ends with or by what others delete.
func TestAFullDiskPasses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind string
		size int
	}{{"tmpfs", 50_000}, {"ext4", 50_000}, {"ext4", directBytes}, {"tmpfs", directBytes}} {
		t.Run(fmt.Sprint(c.kind, c.size), func(t *testing.T) {
			t.Parallel()
			disk := mount(t, c.kind)
			ballast := filepath.Join(disk, "ballast")
			if err := os.WriteFile(ballast, make([]byte, 1<<20), 0o600); err != nil {
				t.Fatal(err)
			}
			dir := filepath.Join(disk, "log")
			l := open(t, dir, Options{SegmentBytes: 400_000, SegmentAge: time.Hour})
			want := fill(t, l, c.size, 0)
			if more := fill(t, l, c.size, 1000); len(more) > 0 {
				t.Fatalf("%d records were taken by a full disk", len(more))
			}
			if err := os.Remove(ballast); err != nil {
				t.Fatal(err)
			}
			more := fill(t, l, c.size, 2000)
			if len(more) < 500_000/c.size {
				t.Fatalf("%d records were taken of 1 MB that became free", len(more))
			}
			want = append(want, more...)
			half := next(t, l)
			got := read(t, half)
			if err := l.Done(half); err != nil {
				t.Fatal(err)
			}
			more = fill(t, l, c.size, 3000)
			if len(more) == 0 {
				t.Fatal("no room was made by Done")
			}
			want = append(want, more...)
			if err := l.Close(); err != nil { // and what lies there is what was acknowledged
				t.Fatal(err)
			}
			l = open(t, dir, onDemand)
			got = append(got, consume(t, l)...)
			if !slices.Equal(got, want) {
				t.Fatalf("%d records read, %d acknowledged", len(got), len(want))
			}
			if s := l.Stats(); s.TornBytes+s.Damaged > 0 || s.Bytes != 0 {
				t.Fatalf("%+v", s)
			}
		})
	}
}

// A disk becomes read-only, as ext4 does after an error: nothing is acknowledged any more, what
// was can be read, also by a start on it, and comes again once the disk is mended.
func TestAReadOnlyDiskIsSaidAndReadable(t *testing.T) {
	t.Parallel()
	disk := mount(t, "tmpfs")
	dir := filepath.Join(disk, "log")
	remount := func(flags uintptr) {
		t.Helper()
		if err := syscall.Mount("none", disk, "tmpfs", syscall.MS_REMOUNT|flags, ""); err != nil {
			t.Fatal(err)
		}
	}
	l := open(t, dir, onDemand)
	put(t, l, 1, 2)
	if err := l.Seal(t.Context()); err != nil {
		t.Fatal(err)
	}
	remount(syscall.MS_RDONLY)
	for range 2 { // this process and the next
		if _, err := l.Append(t.Context(), 1, record(3, 100)); !errors.Is(err, ErrBroken) || !errors.Is(err, syscall.EROFS) {
			t.Fatalf("got %v", err)
		}
		s := next(t, l)
		if got := read(t, s); !slices.Equal(got, []uint64{1, 2}) {
			t.Fatalf("got %v", got)
		}
		if err := l.Done(s); !errors.Is(err, syscall.EROFS) {
			t.Fatalf("deleted: %v", err)
		}
		if err := l.Stats().Broken; !errors.Is(err, syscall.EROFS) {
			t.Fatalf("got %v", err)
		}
		l.Close()
		l = open(t, dir, onDemand)
	}
	l.Close()
	remount(0)
	l = open(t, dir, onDemand)
	put(t, l, 3)
	if got := consume(t, l); !slices.Equal(got, []uint64{1, 2, 3}) {
		t.Fatalf("got %v", got)
	}
}

// The kernel stops a real file system in the middle, as power does, or finds an error in it and makes it
// read-only: what it had not written is gone, and is not acknowledged, though an fdatasync that is under way
// then may return 0 without having written anything (Linux 6.18): most of all where others, as the store, have
// their files synced, too. THROUGHLINE_SPOOL_STOPS makes it long.
func TestAStoppedFileSystemKeepsWhatWasAcknowledged(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		stop func(t *testing.T, disk string)
		mend func(t *testing.T, image string)
	}{
		"stopped":   {stop, func(*testing.T, string) {}},
		"read-only": {fail, mend},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if os.Geteuid() != 0 {
				t.Skip("not root: a file system cannot be mounted")
			}
			image, disk, blocks := newImage(t, "ext4", 64<<20), t.TempDir(), t.TempDir()
			dir := filepath.Join(disk, "log")
			acknowledged := map[uint64]bool{}
			for round := range long(t, "THROUGHLINE_SPOOL_STOPS", 3) {
				mountImage(t, image, disk)
				gone := neighbour(disk)
				said := run(t, dir, blocks, round, func(n uint64) { acknowledged[n] = true }, func(*os.Process) { c.stop(t, disk) })
				gone()
				if !strings.Contains(said, syscall.EIO.Error()) && !strings.Contains(said, syscall.EROFS.Error()) {
					t.Errorf("a disk that is gone: %q", said)
				}
				unmount(t, disk)
				image = copied(t, image)
				c.mend(t, image)
			}
			mountImage(t, image, disk)
			t.Cleanup(func() { unmount(t, disk) }) // after the log is closed
			reachedOnce(t, dir, blocks, acknowledged)
		})
	}
}

// neighbour has files of its own made, synced and renamed on a disk until the disk takes no more and gone is called.
func neighbour(disk string) (gone func()) {
	var left atomic.Bool
	var group sync.WaitGroup
	for who := range 2 {
		group.Go(func() {
			for path := filepath.Join(disk, fmt.Sprint("neighbour", who)); !left.Load(); {
				f, err := os.Create(path)
				if err != nil {
					return
				}
				_, err = f.Write(make([]byte, 5_000))
				if errors.Join(err, f.Sync(), f.Close(), os.Rename(path, path+".whole")) != nil {
					return
				}
			}
		})
	}
	return func() { left.Store(true); group.Wait() }
}

// copied is an image that nobody has mounted: of the file itself the kernel may still have the stopped file
// system at hand, in the mount namespace of another process.
func copied(t *testing.T, image string) string {
	t.Helper()
	next := strings.TrimSuffix(image, ".copy")
	if next == image {
		next += ".copy"
	}
	if out, err := exec.Command("cp", "--sparse=always", image, next).CombinedOutput(); err != nil {
		t.Fatalf("copy the image: %v: %s", err, out)
	}
	if err := os.Remove(image); err != nil {
		t.Fatal(err)
	}
	return next
}

// fail makes ext4 find an error, after which it is read-only.
func fail(t *testing.T, disk string) {
	if out, err := exec.Command("mount", "-o", "remount,errors=remount-ro", disk).CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
	device, err := exec.Command("findmnt", "-n", "-o", "SOURCE", disk).Output()
	if err == nil {
		err = os.WriteFile(filepath.Join("/sys/fs/ext4", filepath.Base(strings.TrimSpace(string(device))), "trigger_fs_error"), []byte("1"), 0o600)
	}
	if err != nil {
		t.Error(err)
	}
}

// mend corrects what an error left.
func mend(t *testing.T, image string) {
	out, err := exec.Command("e2fsck", "-y", image).CombinedOutput()
	var exit *exec.ExitError
	if err != nil && (!errors.As(err, &exit) || exit.ExitCode() != 1) { // 1: corrected
		t.Errorf("check the file system: %v: %s", err, out)
	}
}

// stop makes ext4 write nothing more, not even its journal (EXT4_IOC_SHUTDOWN).
func stop(t *testing.T, disk string) {
	d, err := os.Open(disk)
	if err != nil {
		t.Error(err)
		return
	}
	defer d.Close()
	withoutJournal := uint32(2)
	if _, _, errno := syscall.Syscall(syscall.SYS_IOCTL, d.Fd(), 0x8004587d, uintptr(unsafe.Pointer(&withoutJournal))); errno != 0 {
		t.Errorf("stop ext4: %v", errno)
	}
}
