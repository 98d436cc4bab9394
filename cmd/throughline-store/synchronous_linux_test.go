package main

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

// A token that the engine notes is on disk before the insert's part is, so that a loss of power
// leaves no part without its note: the insert that is made again would be counted twice.
func TestNotesAreWrittenSynchronously(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	logs := filepath.Join(dir, "db", "store", "abc", "abcdef", "deduplication_logs")
	if err := os.MkdirAll(logs, 0o750); err != nil {
		t.Fatal(err)
	}
	synchronous := func(name string) bool {
		t.Helper()
		path := filepath.Join(logs, name)
		f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o640)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		flags, err := unix.IoctlGetInt(int(f.Fd()), unix.FS_IOC_GETFLAGS)
		if err != nil {
			t.Skipf("a file system without such flags: %v", err)
		}
		return flags&syncFlag != 0
	}
	if synchronous("deduplication_log_1.txt") {
		t.Fatal("at first")
	}
	for range 2 {
		err := noteSynchronously(dir)
		if errors.Is(err, unix.EOPNOTSUPP) {
			t.Skipf("a file system without this flag: %v", err)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if !synchronous("deduplication_log_1.txt") || !synchronous("deduplication_log_2.txt") {
		t.Error("a log that was there, or the next, is not")
	}
}

func TestWithoutLogsNothingIsToBeDone(t *testing.T) {
	t.Parallel()
	if err := noteSynchronously(t.TempDir()); err != nil {
		t.Error(err)
	}
}
