package store

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/throughline-io/throughline/pkg/span"
)

// A list's traces are of the same kinds of spans: who goes from one to the next asks once, and then
// for kinds that were not seen yet.
func TestWhatIsUsualIsAskedOnceForTracesOfAboutTheSameTime(t *testing.T) {
	t.Parallel()
	s := open(t)
	insert(t, s, calls(t, s, 100, start))
	served := Hop{"db", "GET /items/{id}", span.PointServerProcess}
	nobody := Hop{Service: "nobody"}
	statements := 0
	s.config.Observe = func(context.Context) { statements++ }
	at := usualEnd(start) - usualRound + 1
	for _, c := range []struct {
		what string
		hops []Hop
		at   int64
		want int
	}{
		{"the first trace", []Hop{served, nobody}, at, 1},
		{"the same again, also what is not there", []Hop{served, nobody}, at, 1},
		{"at the end of the five minutes", []Hop{nobody, served}, at + usualRound - 1, 1},
		{"one kind more", []Hop{served, {Service: "another"}}, at, 2},
		{"another five minutes", []Hop{served}, at + usualRound, 3},
	} {
		got, err := s.Usual(t.Context(), c.hops, c.at)
		if err != nil {
			t.Fatal(err)
		}
		if len(got) != min(len(got), 1) || slices.Contains(c.hops, served) != (got[served].Count() > 0) || statements != c.want {
			t.Errorf("%s: %v after %d statements, want %d", c.what, got, statements, c.want)
		}
	}
}

func TestWhatIsUsualIsReadAgainWhileItsDayGoesOn(t *testing.T) {
	t.Parallel()
	hop, to := []Hop{{Service: "web"}}, usualEnd(start)
	for _, c := range []struct {
		read, asked int64 // after the end of the day
		known       bool
	}{
		{-3 * minute, -3*minute + usualFresh, true},
		{-3 * minute, -3*minute + usualFresh + 1, false},
		{usualLate, usualLate + usualFresh + 1, false},
		{usualLate + 1, usualLate + 1000*minute, true},
	} {
		var cache usualCache
		cache.put(hop, to, to+c.read, map[Hop]Histogram{hop[0]: {Slot(1e6): 1}})
		found := map[Hop]Histogram{}
		if missing := cache.get(hop, to, to+c.asked, found); (len(missing) == 0) != c.known || (len(found) == 1) != c.known {
			t.Errorf("%+v: missing %v, found %v", c, missing, found)
		}
	}
}

func TestWhatIsKeptOfTheUsualHasABound(t *testing.T) {
	t.Parallel()
	var cache usualCache
	for i := range 3 * maxUsual {
		cache.put([]Hop{{Service: fmt.Sprint(i)}}, 0, 0, nil)
		if len(cache.days) > maxUsual {
			t.Fatalf("%d hops after %d", len(cache.days), i+1)
		}
	}
}
