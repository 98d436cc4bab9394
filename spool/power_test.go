package spool

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"
)

// promise is from which operation of the disk to which one a record must be found.
type promise struct{ acknowledged, consumed, gone int }

// life appends, seals, consumes and sets aside at random, and returns what must be found when.
func life(t *testing.T, d *forgetfulDisk, dir string, seed uint64, repeats bool, fail func(op) error) map[uint64]promise {
	t.Helper()
	opt := Options{SegmentAge: time.Hour, SegmentRows: 12, GroupBytes: 2000, Repeats: repeats, disk: d}
	if seed%2 == 1 { // most groups are whole blocks
		opt.large = 1000
	}
	l := open(t, dir, opt)
	d.fail = fail
	promises := map[uint64]promise{}
	var mu sync.Mutex
	r := rand.New(rand.NewPCG(seed, 1))
	for step := range uint64(12) {
		var appenders sync.WaitGroup
		for worker := range 1 + r.Uint64N(4) {
			n, size := 10*step+worker, 8+r.IntN(1500)
			appenders.Go(func() {
				if _, err := l.Append(t.Context(), 1, record(n, size)); err == nil {
					mu.Lock()
					defer mu.Unlock()
					promises[n] = promise{acknowledged: d.now(), consumed: 1 << 30, gone: 1 << 30}
				}
			})
		}
		appenders.Wait()
		if r.IntN(3) == 0 {
			if err := l.Seal(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if l.waiting() > 0 && r.IntN(2) == 0 {
			s := next(t, l)
			numbers := read(t, s)
			end := l.Done
			if r.IntN(4) == 0 {
				end = func(s *Segment) error { return l.SetAside(s, "poison") }
			}
			began := d.now()
			err := end(s)
			for _, n := range numbers {
				p, ok := promises[n]
				if !ok {
					t.Fatalf("record %d was refused and given all the same", n)
				}
				p.consumed = began
				if err == nil && !repeats {
					p.gone = d.now()
				}
				promises[n] = p
			}
		}
	}
	return promises
}

// found is what a start on an image gives.
func found(t *testing.T, dir string) map[uint64]bool {
	t.Helper()
	l, err := Open(dir, Options{disk: &forgetfulDisk{}})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	all := map[uint64]bool{}
	for l.waiting() > 0 {
		for _, n := range read(t, next(t, l)) {
			if all[n] {
				t.Fatalf("record %d comes twice", n)
			}
			all[n] = true
		}
	}
	return all
}

// keeps checks every image that a loss of power may leave of one life.
func keeps(t *testing.T, seed uint64, repeats bool, fail func(op) error) {
	from, images := t.TempDir(), t.TempDir()
	d := &forgetfulDisk{}
	promises := life(t, d, from, seed, repeats, fail)
	r := rand.New(rand.NewPCG(seed, 2))
	for n := range d.ops {
		for _, luck := range []float64{0, 0.5, 1} {
			dir := filepath.Join(images, fmt.Sprint(n, luck))
			d.crash(t, from, dir, n+1, luck, r)
			got := found(t, dir)
			for record, p := range promises {
				if n+1 >= p.acknowledged && n+1 <= p.consumed && !got[record] {
					t.Fatalf("seed %d: power lost after operation %d of %d (%s), luck %v: record %d was acknowledged and is lost",
						seed, n+1, len(d.ops), d.ops[n].kind, luck, record)
				}
				if n+1 >= p.gone && got[record] {
					t.Fatalf("seed %d: power lost after operation %d: record %d was done and comes again", seed, n+1, record)
				}
			}
			if err := os.RemoveAll(dir); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// Power is lost after any operation of the disk. THROUGHLINE_SPOOL_LIVES makes it long.
func TestPowerLossKeepsWhatWasAcknowledged(t *testing.T) {
	t.Parallel()
	for seed := range long(t, "THROUGHLINE_SPOOL_LIVES", 8) {
		keeps(t, uint64(seed), false, nil)
	}
}

// Where segments may come again, no more is lost.
func TestPowerLossOfALogThatRepeats(t *testing.T) {
	t.Parallel()
	for seed := range long(t, "THROUGHLINE_SPOOL_LIVES", 8) {
		keeps(t, uint64(seed), true, nil)
	}
}

// The disk fails now and then in any operation, and power is lost after any other. A failed
// sync drops what it should have written, and no later sync brings that back.
func TestPowerLossOfAFailingDiskKeepsWhatWasAcknowledged(t *testing.T) {
	t.Parallel()
	for _, failure := range []error{syscall.ENOSPC, syscall.EIO} {
		for seed := range long(t, "THROUGHLINE_SPOOL_LIVES", 8) {
			r := rand.New(rand.NewPCG(uint64(seed), 3))
			keeps(t, uint64(seed), false, func(o op) error {
				if r.IntN(8) == 0 && !(o.kind == "syncDir" && r.IntN(2) == 0) {
					return failure
				}
				return nil
			})
		}
	}
}

// What a disk does decides what the sender is told, and whether the log goes on.
func TestFailuresOfTheDisk(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		operation string
		failure   error
		want      error
		goesOn    bool
	}{
		{"write", syscall.ENOSPC, ErrFull, true},
		{"write", syscall.EDQUOT, ErrFull, true},
		{"write", syscall.EIO, ErrBroken, false},
		{"write", syscall.EROFS, ErrBroken, false},
		{"sync", syscall.ENOSPC, ErrFull, true},
		{"sync", syscall.EIO, ErrBroken, false},
		{"create", syscall.ENOSPC, ErrFull, true},
		{"create", syscall.EMFILE, ErrFull, true},
		{"create", syscall.EROFS, ErrBroken, false},
		{"syncDir", syscall.EIO, ErrBroken, false},
	} {
		t.Run(fmt.Sprint(c.operation, c.failure), func(t *testing.T) {
			t.Parallel()
			fails := false // read and written between appends only
			d := &forgetfulDisk{fail: func(o op) error {
				if fails && o.kind == c.operation {
					return c.failure
				}
				return nil
			}}
			l := open(t, t.TempDir(), Options{SegmentAge: time.Hour, disk: d})
			put(t, l, 1)
			if c.operation == "create" || c.operation == "syncDir" { // these come with a new segment
				if err := l.Seal(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			fails = true
			for range 2 {
				if _, err := l.Append(t.Context(), 1, record(2, 100)); !errors.Is(err, c.want) || !errors.Is(err, c.failure) {
					t.Fatalf("got %v", err)
				}
			}
			if full := l.Stats().Full; errors.Is(full, c.failure) != c.goesOn {
				t.Fatalf("a full disk is told as %v", full)
			}
			fails = false
			_, err := l.Append(t.Context(), 1, record(3, 100))
			if goesOn := err == nil; goesOn != c.goesOn {
				t.Fatalf("afterwards: %v", err)
			}
			want := 1
			if c.goesOn {
				want = 2
			}
			if got := consume(t, l); len(got) != want || got[0] != 1 {
				t.Fatalf("the consumer got %v", got)
			}
			if s := l.Stats(); (s.Broken == nil) != c.goesOn || s.Full != nil || s.Refused+s.Failed < 2 || s.Bytes != 0 {
				t.Fatalf("%+v", s)
			}
		})
	}
}
