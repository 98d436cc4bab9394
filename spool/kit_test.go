package spool

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

// quiet options: segments are sealed on demand only.
var onDemand = Options{SegmentAge: time.Hour}

func open(t testing.TB, dir string, opt Options) *Log {
	t.Helper()
	l, err := Open(dir, opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

// record is the n-th record: its number and bytes that follow from it.
func record(n uint64, size int) []byte {
	b := binary.LittleEndian.AppendUint64(make([]byte, 0, max(size, 8)), n)
	r := rand.New(rand.NewPCG(n, uint64(size)))
	for len(b) < size {
		b = binary.LittleEndian.AppendUint64(b, r.Uint64())
	}
	return b[:max(size, 8)]
}

// number is which record these bytes are; it fails the test when they are none.
func number(t testing.TB, b []byte) uint64 {
	t.Helper()
	if len(b) < 8 {
		t.Fatalf("a record of %d bytes was read that nobody appended", len(b))
	}
	n := binary.LittleEndian.Uint64(b)
	if !bytes.Equal(b, record(n, len(b))) {
		t.Fatalf("a record of %d bytes was read that nobody appended", len(b))
	}
	return n
}

func put(t testing.TB, l *Log, numbers ...uint64) {
	t.Helper()
	for _, n := range numbers {
		if _, err := l.Append(t.Context(), 1, record(n, 100)); err != nil {
			t.Fatal(err)
		}
	}
}

// read gives the numbers of a segment's records.
func read(t testing.TB, s *Segment) (numbers []uint64) {
	t.Helper()
	r, err := s.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for r.Next() {
		numbers = append(numbers, number(t, r.Record()))
	}
	if r.Err() != nil {
		t.Fatal(r.Err())
	}
	return numbers
}

// consume reads and ends with every segment that is sealed by now.
func consume(t testing.TB, l *Log) (numbers []uint64) {
	t.Helper()
	if err := l.Seal(t.Context()); err != nil {
		t.Fatal(err)
	}
	for l.waiting() > 0 {
		s := next(t, l)
		numbers = append(numbers, read(t, s)...)
		if err := l.Done(s); err != nil {
			t.Fatal(err)
		}
	}
	return numbers
}

func (l *Log) waiting() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.sealed)
}

func next(t testing.TB, l *Log) *Segment {
	t.Helper()
	s, err := l.Next(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// files are the segments in a folder, oldest first.
func files(t testing.TB, dir string) []string {
	t.Helper()
	all, err := filepath.Glob(filepath.Join(dir, "*"+suffix))
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// written makes a folder with one closed segment and returns the file.
func written(t testing.TB, numbers ...uint64) (dir, path string, content []byte) {
	t.Helper()
	dir = t.TempDir()
	l := open(t, dir, onDemand)
	put(t, l, numbers...)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	path = files(t, dir)[0]
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return dir, path, content
}

func upTo(n uint64) (all []uint64) {
	for i := range n {
		all = append(all, i)
	}
	return all
}

// long is how often a test repeats: short, or as the environment says.
func long(t *testing.T, variable string, short int) int {
	if n, err := strconv.Atoi(os.Getenv(variable)); err == nil {
		t.Logf("%s: %d times", variable, n)
		return n
	}
	return short
}
