package spool

import (
	"os"
	"slices"
	"testing"
	"time"
)

// mixed are sizes of records of which some are written past the page cache.
var mixed = []int{100, directBytes, 100, 200, 2 * directBytes, directBytes - frameSize, 50, directBytes + 1, 100}

// closed makes a log of one segment and closes it.
func closed(t *testing.T, dir string, sizes []int) (path string) {
	t.Helper()
	l := open(t, dir, onDemand)
	for n, size := range sizes {
		if _, err := l.Append(t.Context(), 1, record(uint64(n), size)); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return files(t, dir)[0]
}

// Large groups begin and end with a block, small ones lie close; all are read, by this run and the next.
func TestLargeGroupsFillBlocks(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	sizes := append(slices.Clone(mixed), windowBytes, 50, 2*windowBytes+1, directBytes)
	path := closed(t, dir, sizes)
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	l := open(t, dir, onDemand)
	s := l.Stats()
	if s.TornBytes != 0 || s.Bytes != info.Size() {
		t.Fatalf("a file of %d bytes: %+v", info.Size(), s)
	}
	segment := next(t, l)
	if got := read(t, segment); !slices.Equal(got, upTo(uint64(len(sizes)))) {
		t.Fatalf("got %v", got)
	}
	if err := l.Done(segment); err != nil {
		t.Fatal(err)
	}
	if s := l.Stats(); s.Damaged != 0 || s.Aside != 0 || s.Bytes != 0 {
		t.Fatalf("%+v", s)
	}
}

// What fills blocks counts as bytes of the log, while it lies there and not afterwards.
func TestFilledBlocksCountAsBytes(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	l := open(t, dir, Options{SegmentAge: time.Hour, MaxBytes: headerSize + 2*block + 3*(directBytes+block)})
	for n := range uint64(2) {
		if _, err := l.Append(t.Context(), 1, record(n, directBytes)); err != nil {
			t.Fatal(err)
		}
	}
	info, err := os.Stat(files(t, dir)[0])
	if err != nil {
		t.Fatal(err)
	}
	if s := l.Stats(); s.Bytes != info.Size() {
		t.Fatalf("a file of %d bytes is said to have %d", info.Size(), s.Bytes)
	}
	refused := uint64(0)
	for n := uint64(2); l.Stats().Refused == 0; n++ {
		_, err := l.Append(t.Context(), 1, record(n, directBytes))
		if err == nil && n > 3 {
			t.Fatalf("%d records were taken", n)
		}
		refused = n
	}
	if got := consume(t, l); !slices.Equal(got, upTo(refused)) {
		t.Fatalf("got %v", got)
	}
	if s := l.Stats(); s.Bytes != 0 {
		t.Fatalf("%+v", s)
	}
}

// A process dies in the middle of a large write: at any byte the records before are there, and nothing else is.
func TestATornLargeGroupIsCut(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := closed(t, dir, mixed)
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var ends []int // of the records
	end := headerSize
	for _, size := range mixed {
		if frameSize+size >= directBytes {
			end = upward(end)
		}
		end += frameSize + size
		ends = append(ends, end)
		if frameSize+size >= directBytes {
			end = upward(end)
		}
	}
	if end != len(content) {
		t.Fatalf("%d bytes, want %d", len(content), end)
	}
	for record, end := range ends {
		for _, cut := range []int{end - 1, end, end + 1, upward(end) - 1, upward(end), upward(end) + 1} {
			want := uint64(record + 1)
			if cut < end {
				want--
			}
			for next := record + 1; next < len(ends) && ends[next] <= cut; next++ {
				want++
			}
			torn(t, dir, path, content[:min(cut, len(content))], want)
			zero := slices.Clone(content[:min(cut, len(content))]) // blocks that were given room and not written
			torn(t, dir, path, append(zero, make([]byte, 2*block)...), want)
		}
	}
}

// torn starts a log whose newest file has this content.
func torn(t *testing.T, dir, path string, content []byte, want uint64) {
	t.Helper()
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	l := open(t, dir, onDemand)
	defer l.Close()
	if got := consume(t, l); !slices.Equal(got, upTo(want)) {
		t.Fatalf("%d bytes: %v, want %d", len(content), got, want)
	}
	if s := l.Stats(); s.Damaged != 0 || s.Aside != 0 {
		t.Fatalf("%d bytes: %+v", len(content), s)
	}
}

// A large record may reach the disk before its file's header does: it is no damage, now and later.
func TestAHeaderThatWasNotYetWrittenIsCompleted(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := closed(t, dir, []int{directBytes})
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	clear(content[:headerSize])
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	open(t, dir, onDemand).Close()
	l := open(t, dir, onDemand)
	put(t, l, 100) // now another is the newest
	l.Close()
	l = open(t, dir, onDemand)
	if got := consume(t, l); !slices.Equal(got, []uint64{0, 100}) {
		t.Fatalf("got %v", got)
	}
	if s := l.Stats(); s.Damaged != 0 || s.Aside != 0 || s.TornBytes != 0 {
		t.Fatalf("%+v", s)
	}
}

// A bit that turns over between groups is damage, and costs no record.
func TestABitFlipBetweenGroupsIsCounted(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := closed(t, dir, mixed)
	l := open(t, dir, onDemand) // the file is older than its newest segment
	put(t, l, 100)
	l.Close()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	content[block-1] ^= 1
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	l = open(t, dir, onDemand)
	if got := consume(t, l); !slices.Equal(got, append(upTo(uint64(len(mixed))), 100)) {
		t.Fatalf("got %v", got)
	}
	if s := l.Stats(); s.Damaged != 1 || s.Aside != 1 {
		t.Fatalf("%+v", s)
	}
}
