package engine_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/throughline-io/throughline/server/engine"
)

// A merge that finds the disk full puts a part of empty files in place of what it has read, and says that all is well.
// What it has read is there again once the store was started anew, and nothing is written before there is room.
func TestAMergeOnAFullDiskLosesNothing(t *testing.T) {
	t.Parallel()
	dir := smallDisk(t, 256<<20)
	e := start(t, dir)
	ask(t, e, "CREATE TABLE numbers (k UInt64, "+columns("c%02d UInt64 CODEC(ZSTD(3))")+") ENGINE = MergeTree ORDER BY k SETTINGS min_bytes_for_wide_part = 0")
	ask(t, e, "SYSTEM STOP MERGES numbers")
	for n := range 4 {
		ask(t, e, fmt.Sprintf("INSERT INTO numbers SELECT number, %s FROM numbers(40000)", columns(fmt.Sprintf("intDiv(number, 1000) + %d AS c%%02d", n))))
	}
	const sum = "SELECT sum(c00), sum(c29) FROM numbers"
	want := ask(t, e, sum)
	for n := range 30 { // a merge needs more than it reads, which the engine does not foresee
		ask(t, e, fmt.Sprintf("ALTER TABLE numbers MODIFY COLUMN c%02d UInt64 CODEC(NONE)", n))
	}
	ballast := filepath.Join(dir, "ballast")
	fillUpTo(t, ballast, dir, 24<<20)
	ask(t, e, "SYSTEM START MERGES numbers")
	_, merged := query(t, e, "OPTIMIZE TABLE numbers FINAL") // it may also be killed meanwhile
	if err := e.Trusted(func() error { return nil }); !errors.Is(err, engine.ErrNoRoom) {
		t.Fatalf("a write to a full disk: %v, want ErrNoRoom; the merge: %v; %s", err, merged, ask(t, e, "SELECT name, active, rows, bytes_on_disk, (SELECT free_space FROM system.disks) FROM system.parts WHERE table = 'numbers'"))
	}
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	if err := e.Trusted(func() error { return nil }); err != nil {
		t.Errorf("with room again: %v", err)
	}
	got, err := query(t, e, sum)
	for err != nil || e.Restarts() == 0 { // it ends and starts
		if got, err = query(t, e, sum); t.Context().Err() != nil {
			t.Fatal(err)
		}
	}
	if got != want {
		t.Errorf("%s gives %q, before %q", sum, got, want)
	}
}

// columns is a list of 30 columns.
func columns(format string) string {
	var all []string
	for n := range 30 {
		all = append(all, fmt.Sprintf(format, n))
	}
	return strings.Join(all, ", ")
}

func ask(t *testing.T, e *engine.Engine, sql string) string {
	t.Helper()
	answer, err := query(t, e, sql)
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return answer
}

func query(t *testing.T, e *engine.Engine, sql string) (string, error) {
	t.Helper()
	client := http.Client{Transport: &http.Transport{DialContext: e.DialContext, DisableKeepAlives: true}}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, engine.URL, strings.NewReader(sql))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-ClickHouse-Key", e.Secret())
	resp, err := client.Do(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = errors.New(string(body))
	}
	return string(body), err
}

// smallDisk is a file system of its own.
func smallDisk(t *testing.T, size int64) string {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("not root: a file system cannot be mounted")
	}
	image, dir := filepath.Join(t.TempDir(), "image"), t.TempDir()
	if err := errors.Join(os.WriteFile(image, nil, 0o600), os.Truncate(image, size)); err != nil {
		t.Fatal(err)
	}
	for _, argv := range [][]string{{"mkfs.ext4", "-q", "-m", "0", image}, {"mount", "-o", "loop", image, dir}} {
		if out, err := exec.Command(argv[0], argv[1:]...).CombinedOutput(); err != nil {
			t.Fatalf("%s: %v: %s", argv[0], err, out)
		}
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// fillUpTo writes a file until a disk has so much left.
func fillUpTo(t *testing.T, name, dir string, left uint64) {
	t.Helper()
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var disk syscall.Statfs_t
	for {
		if err := syscall.Statfs(dir, &disk); err != nil {
			t.Fatal(err)
		}
		free := disk.Bavail * uint64(disk.Bsize)
		if free <= left {
			return
		}
		if _, err := f.Write(make([]byte, min(free-left, 1<<20))); err != nil {
			t.Fatal(err)
		}
		if err := f.Sync(); err != nil {
			t.Fatal(err)
		}
	}
}
