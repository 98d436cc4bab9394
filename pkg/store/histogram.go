package store

import (
	"maps"
	"math"
	"slices"
)

// Histogram counts durations in 16 buckets for each power of two: 4.4 % wide, whatever the
// duration.
type Histogram map[uint16]uint64

const bucketsPerOctave = 16

// Slot is the bucket of a duration.
func Slot(ns uint64) uint16 { return uint16(bucketsPerOctave * math.Log2(float64(ns)+1)) }

// SlotStart is the shortest duration of a bucket, in ns.
func SlotStart(slot uint16) float64 { return math.Exp2(float64(slot)/bucketsPerOctave) - 1 }

func (h Histogram) add(slots []uint16, counts []uint64) {
	for i, s := range slots {
		h[s] += counts[i]
	}
}

// Merge adds another histogram's counts.
func (h Histogram) Merge(other Histogram) {
	for s, n := range other {
		h[s] += n
	}
}

// Count is how many durations there are.
func (h Histogram) Count() uint64 {
	total := uint64(0)
	for _, n := range h {
		total += n
	}
	return total
}

// Below is the share (0 to 1) of durations that are shorter than one, to the width of a
// bucket, of which it counts half; NaN of nothing.
func (h Histogram) Below(ns uint64) float64 {
	slot, below := Slot(ns), 0.0
	for s, n := range h {
		switch {
		case s < slot:
			below += float64(n)
		case s == slot:
			below += float64(n) / 2
		}
	}
	return below / float64(h.Count())
}

// Quantile is the duration in ns below which a share q (0 to 1) lies; NaN of nothing.
func (h Histogram) Quantile(q float64) float64 {
	total := h.Count()
	if total == 0 {
		return math.NaN()
	}
	rank, below := q*float64(total), 0.0
	slots := slices.Sorted(maps.Keys(h))
	for _, s := range slots {
		n := float64(h[s])
		if below+n >= rank && n > 0 {
			from, to := SlotStart(s), SlotStart(s+1)
			return from + (to-from)*max(0, rank-below)/n
		}
		below += n
	}
	return SlotStart(slots[len(slots)-1] + 1)
}
