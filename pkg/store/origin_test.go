package store

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/throughline-io/throughline/pkg/span"
)

// Rows that were stored before origin and asked were packed read as before: at once, and when the store
// has packed them.
func TestRowsWithoutOriginAreRead(t *testing.T) {
	t.Parallel()
	s := unmigrated(t, 17)
	odd := &span.Span{ID: span.NewID(start, 2), Source: span.NET, TraceID: traceID(1), Start: start, Code: math.MinInt32, Service: strings.Repeat("s", 300),
		StatusMessage: strings.Repeat("m", 70_000), ServerEntity: math.MaxUint64, Entity: 1 << 40, Domain: "\x00"}
	want := []*span.Span{everything(), odd, {ID: span.NewID(start, 3), TraceID: traceID(1), Start: start}}
	byID := func(a, b *span.Span) int { return cmp.Compare(a.ID, b.ID) }
	slices.SortFunc(want, byID)
	b := batch(want...)
	groups, buckets := make([]uint64, b.Len()), make([]uint32, b.Len())
	var e edges
	e.reset()
	e.derive(b, groups, buckets)
	for name, build := range map[string]func(*block){"assoc": e.block, "spans": func(w *block) {
		columns := slices.DeleteFunc(b.Columns(), func(c span.NamedColumn) bool { return packed[c.Name] })
		table := b.Strings.Strings()
		w.reset(len(columns)+4, b.Len())
		w.fixed("bucket", "DateTime", memory(buckets))
		w.fixed("grp", "UInt64", memory(groups))
		w.plain(columns, table)
		w.texts(b)
		w.details(b, table)
	}} {
		if err := s.send(t.Context(), new(block), name, "", build); err != nil {
			t.Fatal(err)
		}
	}
	execute(t, s, "SYSTEM STOP MERGES spans")
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	read := func(when string) {
		got := trace(t, s, traceID(1).String()).Spans
		slices.SortFunc(got, byID)
		if diff := gocmp.Diff(want, got, spanEqual, addrEqual); diff != "" {
			t.Errorf("%s (-want +got):\n%s", when, diff)
		}
	}
	read("from the columns")
	execute(t, s, "SYSTEM START MERGES spans")
	if err := s.rewritten(t.Context()); err != nil {
		t.Fatal(err)
	}
	read("packed by the store")
}

// Spans of one process after the other, and back.
func TestOriginsThatChangeReadBack(t *testing.T) {
	t.Parallel()
	var want []*span.Span
	for i := range 40 {
		x := everything()
		x.ID, x.Service, x.Node, x.Code = uint64(i+1), strings.Repeat("s", i/3%4), strings.Repeat("n", i/5%3), int32(-i)
		x.Point = span.Point(i % 2)
		want = append(want, x)
	}
	got, err := decode(readable(batch(want...)))
	if err != nil {
		t.Fatal(err)
	}
	if diff := gocmp.Diff(want, got, spanEqual, addrEqual); diff != "" {
		t.Error("(-want +got):\n" + diff)
	}
}
