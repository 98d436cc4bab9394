package spool

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"
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
		image := filepath.Join(t.TempDir(), "image")
		if err := os.WriteFile(image, make([]byte, 8<<20), 0o600); err != nil {
			t.Fatal(err)
		}
		if out, err := exec.Command("mkfs."+kind, "-q", "-m", "0", image).CombinedOutput(); err != nil {
			t.Skipf("no %s here: %v %s", kind, err, out)
		}
		if out, err := exec.Command("mount", "-o", "loop", image, dir).CombinedOutput(); err != nil {
			t.Skipf("no loop device here: %v %s", err, out)
		}
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// fill appends until the disk has no room, and returns what was acknowledged.
func fill(t *testing.T, l *Log, first uint64) (acknowledged []uint64) {
	t.Helper()
	for n := first; ; n++ {
		_, err := l.Append(t.Context(), 1, record(n, 50_000))
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
	for _, kind := range []string{"tmpfs", "ext4"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			disk := mount(t, kind)
			ballast := filepath.Join(disk, "ballast")
			if err := os.WriteFile(ballast, make([]byte, 1<<20), 0o600); err != nil {
				t.Fatal(err)
			}
			dir := filepath.Join(disk, "log")
			l := open(t, dir, Options{SegmentBytes: 400_000, SegmentAge: time.Hour})
			want := fill(t, l, 0)
			if more := fill(t, l, 1000); len(more) > 0 {
				t.Fatalf("%d records were taken by a full disk", len(more))
			}
			if err := os.Remove(ballast); err != nil {
				t.Fatal(err)
			}
			more := fill(t, l, 2000)
			if len(more) < 10 {
				t.Fatalf("%d records were taken of 1 MB that became free", len(more))
			}
			want = append(want, more...)
			half := next(t, l)
			got := read(t, half)
			if err := l.Done(half); err != nil {
				t.Fatal(err)
			}
			more = fill(t, l, 3000)
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
