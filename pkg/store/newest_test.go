package store

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/throughline-io/throughline/pkg/span"
)

// asStored compares rows of searches with all that they have.
var asStored = cmp.AllowUnexported(SearchRow{})

// keeping gives a store that keeps the newest spans in memory, and one over the same that asks for them.
func keeping(t *testing.T) (kept, asked *Store) {
	t.Helper()
	kept = open(t)
	asked = openAs(t, "owner", kept.config.Database)
	if err := kept.KeepNewest(t.Context(), kept); err != nil {
		t.Fatal(err)
	}
	return kept, asked
}

// arrivals are batches as they come: traces one after the other, some spans late, twice, or ahead.
func arrivals(random *rand.Rand, from int64, batches, spans int) iter.Seq2[*span.Batch, error] {
	return func(yield func(*span.Batch, error) bool) {
		for n := range batches {
			b := &span.Batch{}
			for i := range spans {
				x := everything()
				x.Start = from + int64(n*spans+i)*1000
				switch random.IntN(50) {
				case 0:
					x.Start -= random.Int64N(20 * minute)
				case 1:
					x.Start += 30 * minute
				}
				x.ID = span.NewID(x.Start, random.Uint64())
				x.TraceID = traceID(byte((n*spans + i) / 40))
				x.Entity, x.ClientEntity, x.ServerEntity = 0, 0, 0
				x.RequestSeq, x.ResponseSeq, x.Passage = random.Uint32(), random.Uint32(), random.Uint64()
				if x.Point = span.PointClient; random.IntN(3) == 0 {
					x.Source, x.TraceID = span.NET, span.TraceID{}
				}
				if x.Source == span.SYS && random.IntN(4) == 0 {
					x.Point = span.PointServerProcess
				}
				b.Append(x)
				if random.IntN(30) == 0 {
					b.Append(x)
				}
			}
			if !yield(b, nil) {
				return
			}
		}
	}
}

// What is kept in memory is what the store would answer, in whatever order spans come.
func TestTheNewestAreTheSameFromMemory(t *testing.T) {
	t.Parallel()
	kept, asked := keeping(t)
	random := rand.New(rand.NewPCG(1, 2))
	statements := 0
	kept.config.Observe = func(context.Context) { statements++ }
	from := start
	for round := range 4 {
		if _, err := kept.InsertAll(t.Context(), fmt.Sprint("newest-", round), arrivals(random, from, 1+round%3, 1500)); err != nil {
			t.Fatal(err)
		}
		from += 4500 * 1000
		for _, scope := range []Scope{ScopeAll, ScopeRequests, ScopeRoots} {
			for _, at := range [][2]int64{{0, 0}, {start - minute, from + minute}, {from - 100_000, from + minute}, {from - 400_000, from - 200_000}, {0, start - minute}, {0, start + 31*minute}} {
				for _, limit := range []int{20, 300} {
					q := SearchQuery{Scope: scope, From: at[0], To: at[1], Limit: limit}
					want, err := asked.Search(t.Context(), q)
					if err != nil {
						t.Fatal(err)
					}
					got, err := kept.Search(t.Context(), q)
					if err != nil {
						t.Fatal(err)
					}
					if diff := cmp.Diff(want, got, asStored, addrEqual); diff != "" {
						t.Fatalf("round %d, %+v (-asked +kept):\n%s", round, q, diff)
					}
				}
			}
		}
	}
	statements = 0
	if rows := searched(t, kept, SearchQuery{From: start, To: from + 31*minute, Limit: 20}); len(rows) != 20 || statements > 0 {
		t.Errorf("%d rows by %d statements, want 20 by none", len(rows), statements)
	}
}

// What failed may be stored or not, so the store is asked for what is not newer.
func TestTheNewestAreAskedForAfterAFailure(t *testing.T) {
	t.Parallel()
	kept, asked := keeping(t)
	for n, fails := range []bool{false, true, false} {
		var all iter.Seq2[*span.Batch, error] = func(yield func(*span.Batch, error) bool) {
			for i := range 30 {
				x := app(uint64(100*n+i), traceID(byte(n)), byte(i))
				if !yield(batch(x), nil) {
					return
				}
			}
			if fails {
				yield(nil, errors.New("cut off"))
			}
		}
		if _, err := kept.InsertAll(t.Context(), fmt.Sprint(n), all); (err != nil) != fails {
			t.Fatal(err)
		}
		q := SearchQuery{From: start - minute, To: start + minute, Limit: 50}
		if diff := cmp.Diff(searched(t, asked, q), searched(t, kept, q), asStored, addrEqual); diff != "" {
			t.Errorf("after insert %d (-asked +kept):\n%s", n, diff)
		}
	}
}

// A store that is opened over spans knows the newest of them, and none of those that were dropped.
func TestTheNewestOfBeforeAreKnown(t *testing.T) {
	t.Parallel()
	kept, asked := keeping(t)
	for day := range 3 {
		b := &span.Batch{}
		for i := range 400 {
			x := app(uint64(i), traceID(byte(i)), 1)
			x.Start += int64(day)*24*60*minute + int64(i)
			x.ID = span.NewID(x.Start, uint64(i))
			b.Append(x)
		}
		insert(t, asked, b)
	}
	if err := kept.KeepNewest(t.Context(), kept); err != nil {
		t.Fatal(err)
	}
	statements := 0
	kept.config.Observe = func(context.Context) { statements++ }
	q := SearchQuery{From: start, To: start + 5*24*60*minute, Limit: 20}
	if diff := cmp.Diff(searched(t, asked, q), searched(t, kept, q), asStored, addrEqual); diff != "" || statements > 0 {
		t.Errorf("%d statements (-asked +kept):\n%s", statements, diff)
	}
	if _, _, err := kept.LimitSize(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	q.Limit = 1000
	if diff := cmp.Diff(searched(t, asked, q), searched(t, kept, q), asStored, addrEqual); diff != "" {
		t.Errorf("after days were dropped (-asked +kept):\n%s", diff)
	}
}
