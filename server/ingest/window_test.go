package ingest

import (
	"errors"
	"math/rand/v2"
	"testing"
	"unsafe"
)

// ack brings a push about, and reports whether it was new.
func ack(w *window, r run, sequence uint64, at int64) bool {
	o, mine := w.begin(r, sequence, 1, at)
	if mine {
		w.end(r, sequence, o)
	}
	return mine
}

// Whatever the order in which pushes come, one that was acknowledged is known, and one that was
// not is never taken for one: that would be spans lost.
func TestAWindowNeverTakesAPushForAcknowledgedThatWasNot(t *testing.T) {
	t.Parallel()
	for _, first := range []uint64{0, 1, 5000} {
		w, r, acked := newWindow(4), run{"a", 1}, map[uint64]bool{}
		known := 0
		for range 20_000 {
			// Workers of an agent are near each other; some pushes stay behind.
			sequence := first + uint64(len(acked)) + uint64(rand.IntN(40))
			if rand.IntN(50) == 0 {
				sequence = first + uint64(rand.IntN(len(acked)+1))
			}
			o, mine := w.begin(r, sequence, 1, 0)
			switch {
			case !mine && !acked[sequence]:
				t.Fatalf("first %d: push %d was never acknowledged", first, sequence)
			case !mine:
				known++
			case rand.IntN(10) == 0:
				o.err = errors.New("no")
				w.end(r, sequence, o)
			default:
				w.end(r, sequence, o)
				acked[sequence] = true
			}
		}
		if known == 0 {
			t.Error("no push that came again was known")
		}
	}
}

func TestAWindowKnowsWhatComesAgainAfterARestart(t *testing.T) {
	t.Parallel()
	w := newWindow(4)
	for sequence := uint64(1); sequence <= 3000; sequence++ {
		if sequence != 2900 {
			ack(w, run{"a", 1}, sequence, 0)
		}
	}
	again := newWindow(4)
	if err := again.restore(w.snapshot()); err != nil {
		t.Fatal(err)
	}
	again.stored(run{"a", 1}, 3001) // what the log has beyond
	for sequence, fresh := range map[uint64]bool{1: false, 2899: false, 2900: true, 3001: false, 3002: true} {
		if ack(again, run{"a", 1}, sequence, 0) != fresh {
			t.Errorf("push %d: new is %v, want %v", sequence, !fresh, fresh)
		}
	}
	if err := again.restore([]byte("{")); err == nil {
		t.Error("half a snapshot is taken")
	}
}

// Ten thousand runs with a thousand pushes each were gigabytes once.
func TestAWindowIsSmallAndForgetsOldRuns(t *testing.T) {
	t.Parallel()
	if n := unsafe.Sizeof(pushes{}); n > 256 {
		t.Errorf("a run takes %d bytes", n)
	}
	w := newWindow(2)
	for i, r := range []run{{"a", 1}, {"b", 1}, {"c", 1}} {
		ack(w, r, 1, int64(i))
	}
	if len(w.runs) != 2 || w.runs[run{"a", 1}] != nil {
		t.Errorf("runs %v, want b and c", w.runs)
	}
}
