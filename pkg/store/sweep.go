package store

import (
	"cmp"
	"time"
)

// A search goes through its time in slices of whole minutes, the newest first, until it has
// enough or has looked long enough: rows lie by minute, so the newest spans cost the same
// however many are stored, and no search reads everything before it answers.

const (
	firstSlice = minute
	// widest is how much longer a slice may be than the one before, where that took next to no
	// time.
	widest = 64
	// allSlice is the length beyond which the rest of a time without a begin is one slice.
	allSlice = 64 * 24 * 60 * minute
	// searchTime is how long a search looks for more.
	searchTime = 5 * time.Second
)

// slice is a part of the time in whole minutes, as Unix ns: from the first to before the second;
// 0 is open.
type slice struct{ from, to int64 }

// newestFirst is the order of the spans of a slice. The start alone is the same order.
func (s slice) newestFirst() string {
	if s.from > 0 && s.to > 0 && s.to-s.from <= 2*firstSlice {
		return "start DESC"
	}
	return "bucket DESC, start DESC"
}

// sweep goes through a time.
type sweep struct {
	from   int64 // where it ends; 0: nowhere
	at     slice // the last that was given
	width  int64
	budget time.Duration
	began  time.Time // the whole
	given  time.Time // the last slice; zero before the first
}

// newSweep goes from to, or where that is 0 from whatever is the newest, back to from.
func newSweep(from, to int64, budget time.Duration) *sweep {
	now := time.Now()
	w := &sweep{from: from, width: firstSlice, budget: cmp.Or(budget, searchTime), began: now}
	if to > 0 {
		w.at.from = to/minute*minute + minute
		// The next minute has next to nothing, and so has one of which only the first moment is asked
		// for: a search that goes on where another stopped must come further.
		if w.at.from-now.UnixNano()/minute*minute == 2*minute || to%minute == 0 {
			w.width += minute
		}
	}
	return w
}

// next is the next slice; false at the end, or when the time for looking is over, which it never
// is before the first.
func (w *sweep) next() (slice, bool) {
	if !w.given.IsZero() && w.late() {
		return slice{}, false
	}
	return w.onward()
}

// onward is next, however long it takes.
func (w *sweep) onward() (slice, bool) {
	now := time.Now()
	if !w.given.IsZero() {
		if w.ended() {
			return slice{}, false
		}
		// As long as half of the time for all is expected to be enough for.
		longer := min(float64(w.budget)/2/float64(now.Sub(w.given)+1), widest)
		w.width = max(int64(longer*float64(w.width))/minute*minute, minute)
	}
	w.given = now
	w.at.to = w.at.from
	w.at.from = cmp.Or(w.at.to, now.UnixNano()/minute*minute) - w.width
	if w.at.from <= w.from || w.from == 0 && w.width > allSlice {
		w.at.from = w.from / minute * minute
	}
	return w.at, true
}

// late reports whether the time for looking is over.
func (w *sweep) late() bool { return time.Since(w.began) > w.budget }

// ended reports whether all of the time was gone through.
func (w *sweep) ended() bool { return w.at.from <= w.from }

// until is how far it came: 0 to the end.
func (w *sweep) until() int64 {
	if w.ended() {
		return 0
	}
	return w.at.from
}
