package trace

import (
	"math/rand/v2"
	"slices"
	"testing"
)

func TestCoverFindsWhatHoldsAnInstant(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(1, 1))
	for n := range 70 {
		from, to := make([]int64, n), make([]int64, n)
		var ids []int32
		for i := range n {
			from[i] = rng.Int64N(40) - 20
			to[i] = from[i] + rng.Int64N(30)
			ids = append(ids, int32(i))
		}
		c := newCover(ids, func(id int32) (int64, int64) { return from[id], to[id] })
		for at := int64(-25); at < 60; at++ {
			var want, got []int32
			for i := range n {
				if from[i] <= at && at <= to[i] {
					want = append(want, int32(i))
				}
			}
			c.each(at, func(id int32) bool {
				got = append(got, id)
				return true
			})
			slices.Sort(got)
			if !slices.Equal(got, want) {
				t.Fatalf("%d intervals, at %d: %v, want %v", n, at, got, want)
			}
			var during []int32
			c.within(at, at+3, func(id int32) bool {
				during = append(during, id)
				return true
			})
			want = want[:0]
			for i := range n {
				if from[i] <= at+3 && at <= to[i] {
					want = append(want, int32(i))
				}
			}
			if slices.Sort(during); !slices.Equal(during, want) {
				t.Fatalf("%d intervals, within %d to %d: %v, want %v", n, at, at+3, during, want)
			}
			calls := 0
			c.each(at, func(int32) bool {
				calls++
				return calls < 2
			})
			if calls != min(2, len(got)) {
				t.Fatalf("%d calls after the second said stop", calls)
			}
		}
	}
}
