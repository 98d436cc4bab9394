package spool

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// A segment that the store refuses does not come again; it lies there with the reason.
func TestAPoisonSegmentIsSetAside(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	l := open(t, dir, onDemand)
	put(t, l, 1)
	if err := l.Seal(t.Context()); err != nil {
		t.Fatal(err)
	}
	s := next(t, l)
	put(t, l, 2)
	if err := l.SetAside(s, "the store says: type mismatch"); err != nil {
		t.Fatal(err)
	}
	if s := l.Stats(); s.Aside != 1 || s.SetAside != 1 || s.AsideBytes == 0 || s.Segments != 1 {
		t.Fatalf("%+v", s)
	}
	l.Close()
	l = open(t, dir, onDemand)
	if got := consume(t, l); !slices.Equal(got, []uint64{2}) {
		t.Fatalf("got %v", got)
	}
	why, err := os.ReadFile(filepath.Join(dir, "aside", fileName(s.Number, s.ID)+".txt"))
	if err != nil || !strings.Contains(string(why), "type mismatch") {
		t.Fatalf("%q, %v", why, err)
	}
	// Moved back by hand, it is given again.
	name := fileName(s.Number, s.ID)
	l.Close()
	if err := os.Rename(filepath.Join(dir, "aside", name), filepath.Join(dir, name)); err != nil {
		t.Fatal(err)
	}
	if got := consume(t, open(t, dir, onDemand)); !slices.Equal(got, []uint64{1}) {
		t.Fatalf("got %v", got)
	}
}

func TestAsideIsBounded(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	l := open(t, dir, Options{SegmentRows: 1, SegmentAge: time.Hour, AsideBytes: 2 * (headerSize + frameSize + 100)})
	for n := range uint64(5) {
		put(t, l, n)
		if err := l.SetAside(next(t, l), "poison"); err != nil {
			t.Fatal(err)
		}
	}
	if s := l.Stats(); s.Aside != 2 || s.SetAside != 5 || s.AsideDropped != 3 || s.Bytes != 0 {
		t.Fatalf("%+v", s)
	}
	left, _ := filepath.Glob(filepath.Join(dir, "aside", "*"))
	if len(left) != 4 || !strings.HasPrefix(filepath.Base(left[0]), "0000000000000004") {
		t.Fatalf("%v", left)
	}
}

// One record that the store refuses is kept, its neighbours go on; a restart that meets it
// again does not keep it twice.
func TestAPoisonRecordIsKept(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	l := open(t, dir, Options{SegmentAge: time.Hour, AsideBytes: 2 * 100})
	put(t, l, upTo(4)...)
	if err := l.Seal(t.Context()); err != nil {
		t.Fatal(err)
	}
	s := next(t, l)
	for _, place := range []int{1, 1, 2, 3} {
		if err := l.KeepRecord(s, place, record(uint64(place), 100), "too large for the store"); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.Done(s); err != nil {
		t.Fatal(err)
	}
	if s := l.Stats(); s.Aside != 2 || s.AsideBytes != 200 || s.AsideDropped != 1 {
		t.Fatalf("%+v", s)
	}
	kept, _ := filepath.Glob(filepath.Join(dir, "aside", "*"+recordSuffix))
	for n, path := range kept {
		b, err := os.ReadFile(path)
		if err != nil || number(t, b) != uint64(n+2) {
			t.Fatalf("%s: %v", path, err)
		}
		if why, err := os.ReadFile(path + ".txt"); err != nil || !strings.Contains(string(why), "too large") {
			t.Fatalf("%q, %v", why, err)
		}
	}
}
