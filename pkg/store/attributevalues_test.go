package store

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/throughline-io/throughline/pkg/span"
)

// seenNow has the values that are kept seen at the time of these tests, which is not that of the clock.
func seenNow(t *testing.T, s *Store) {
	t.Helper()
	execute(t, s, "INSERT INTO attribute_values SELECT key, place, value, toDateTime(1800000000, 'UTC') FROM attribute_values")
}

// Values are offered that only older spans have, the frequent of the newest first, and no spans are
// read for them beyond the newest slice.
func TestValuesOfOlderSpansAreOffered(t *testing.T) {
	t.Parallel()
	s := open(t)
	b := &span.Batch{}
	for i := range 600 {
		x := app(uint64(i+1), traceID(byte(i)), byte(i))
		x.TraceID[1], x.Start = byte(i>>8), start-int64(i)*minute
		x.Attributes = []span.Attribute{{Key: "tier", Value: []string{"gold", "silver", "gold"}[i%3]}, {Key: "url.full", Value: "x"}}
		if i == 599 {
			x.Attributes, x.Endpoint, x.StatusMessage, x.Code = []span.Attribute{{Key: "tier", Value: "bronze"}, {Key: "tier2", Value: "only"}}, "GET /old", "gone", 410
		}
		b.Append(x)
	}
	insert(t, s, b)
	seenNow(t, s)
	for name, want := range map[string][]string{
		"tier": {"gold", "silver", "bronze"}, "tier2": {"only"}, "name": {"GET /old"}, "status_message": {"gone"}, "code": {"410"},
	} {
		ctx, why := told(t.Context())
		got, err := s.Values(ctx, ValuesQuery{Name: name, From: start - 1000*minute, To: start})
		if err != nil || !slices.Equal(got, want) || len(*why) != 0 {
			t.Errorf("%s: %q, told %q, %v; want %q", name, got, *why, err, want)
		}
	}
	if got, err := s.Values(t.Context(), ValuesQuery{Name: "tier", Pattern: "*RON*", From: start - 1000*minute, To: start}); err != nil || !slices.Equal(got, []string{"bronze"}) {
		t.Errorf("by a pattern: %q, %v", got, err)
	}
	if n := text(t, s, "SELECT count() FROM attribute_values WHERE key = 'url.full'"); n != "0" {
		t.Error("values that nobody looks for are kept")
	}
}

// A key with very many values takes no more room than others, and says that there are more.
func TestKeysWithVeryManyValues(t *testing.T) {
	t.Parallel()
	s := open(t)
	for n := range 3 {
		b := &span.Batch{}
		for i := range 2000 {
			x := app(uint64(n*2000+i+1), traceID(byte(i)), byte(i))
			x.Attributes = []span.Attribute{{Key: "order", Value: fmt.Sprintf("o-%d-%04d", n, i)}}
			b.Append(x)
		}
		insert(t, s, b)
	}
	seenNow(t, s)
	if n := text(t, s, "SELECT uniqExact(value) FROM attribute_values WHERE key = 'order'"); n != fmt.Sprint(maxValuesOfKey+1) {
		t.Errorf("%s rows", n)
	}
	ctx, why := told(t.Context())
	got, err := s.Values(ctx, ValuesQuery{Name: "order", Limit: 10, From: start - minute, To: start + minute})
	if err != nil || len(got) != 10 || len(*why) == 0 || !strings.Contains(strings.Join(*why, " "), "more") {
		t.Errorf("%q, told %q, %v", got, *why, err)
	}
}

// What is met again and again is looked at once.
func TestValuesAreSentOnce(t *testing.T) {
	t.Parallel()
	s := open(t)
	f := func() *freshValues {
		n := newNewcomers(s)
		n.values.ofBatch(checkout(1, start))
		return &n.values
	}
	first := f()
	if len(first.values) == 0 {
		t.Fatal("no values")
	}
	if err := s.putValues(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	if again := f(); len(again.values) != 0 {
		t.Errorf("%d values again", len(again.values))
	}
	s.Forget()
	if again := f(); len(again.values) != len(first.values) {
		t.Errorf("%d values after all was forgotten, want %d", len(again.values), len(first.values))
	}
}

func BenchmarkFreshValues(b *testing.B) {
	batch := mixed(250, 0)
	s := &Store{}
	n := newNewcomers(s)
	n.values.ofBatch(batch)
	s.offered.sent.add(slices.Collect(func(yield func(uint64) bool) {
		for id := range n.values.values {
			if !yield(id) {
				return
			}
		}
	}), n.now)
	for b.Loop() {
		n := newNewcomers(s)
		n.values.ofBatch(batch)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*batch.Len()), "ns/span")
}
