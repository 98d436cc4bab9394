package store

import (
	"bytes"
	"cmp"
	"context"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/throughline-io/throughline/pkg/span"
)

// What everything has is what shows that nothing is forgotten where columns are packed.
func TestEverythingHasAValueInEveryField(t *testing.T) {
	t.Parallel()
	v := reflect.ValueOf(everything()).Elem()
	for i := range v.NumField() {
		if v.Field(i).IsZero() {
			t.Errorf("%s has none", v.Type().Field(i).Name)
		}
	}
}

// Numbers of every length, and texts with what else says where a value ends.
func TestDetailsOfAnyLengthReadBack(t *testing.T) {
	t.Parallel()
	var want []*span.Span
	for shift := range 64 {
		x := everything()
		x.Passage, x.CaptureSeq, x.PID = 1<<shift, 1<<shift-1, uint32(1<<shift)
		x.Links = strings.Repeat("\x00", 9*shift)
		x.Agent = strings.Repeat("a", 37*shift)
		want = append(want, x, &span.Span{ID: 1, Links: "\x00\x00"}, &span.Span{ID: 2, Agent: "c", XResponseID: "\x00"})
	}
	got, err := decode(readable(batch(want...)))
	if err != nil {
		t.Fatal(err)
	}
	if diff := gocmp.Diff(want, got, spanEqual, addrEqual); diff != "" {
		t.Error("(-want +got):\n" + diff)
	}
}

// A span of code has none of what is captured: it takes no byte.
func TestDetailsLeaveOutZerosAtTheEnd(t *testing.T) {
	t.Parallel()
	b := new(block)
	b.reset(1, 1)
	b.details(batch(&span.Span{ID: 1, Attributes: []span.Attribute{{Key: "k", Value: "v", Type: span.AttributeString}}}), []string{""})
	if data := bytes.Join(b.body(nil), nil); !bytes.HasSuffix(data, []byte("String\x03\x01\x01s")) {
		t.Errorf("%q", data)
	}
}

func TestDamagedDetailsAreAnError(t *testing.T) {
	t.Parallel()
	for _, packed := range []string{"\x01", "\x09123456789", "\x01\x05four", "\x08\xff\xff\xff\xff\xff\xff\xff\xff", "\x00\x00\x01"} {
		if err := new(details).unpack(packed); err == nil {
			t.Errorf("%q is read", packed)
		}
	}
}

// Rows that were stored when each value had a column of its own read as before, and are searched as
// before.
func TestRowsOfColumnsArePacked(t *testing.T) {
	t.Parallel()
	s := unmigrated(t, 14)
	large := &span.Span{ID: span.NewID(start, 2), Source: span.APP, TraceID: traceID(1), Start: start, Links: strings.Repeat("l", 70_000), Passage: math.MaxUint64, Goroutine: 1 << 40}
	old := everything()
	old.PassageRule = span.RuleUnknown // nobody said then
	want := []*span.Span{old, large, {ID: span.NewID(start, 3), Source: span.NET, TraceID: traceID(1), Start: start}}
	insertColumns(t, s, batch(want...))
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	fresh := app(4, traceID(1), 4)
	fresh.Start, fresh.ScopeName = start, "lib"
	insert(t, s, batch(fresh))
	byID := func(a, b *span.Span) int { return cmp.Compare(a.ID, b.ID) }
	got := trace(t, s, traceID(1).String()).Spans
	want = append(want, fresh)
	slices.SortFunc(want, byID)
	slices.SortFunc(got, byID)
	if diff := gocmp.Diff(want, got, spanEqual, addrEqual); diff != "" {
		t.Error("(-before +after):\n" + diff)
	}
	for key, n := range map[string]int{"scope_name": 2, "any_value": 2} {
		if ids := found(t, s, SearchQuery{Filters: []Filter{{Key: key, Values: []string{"lib"}}}}); len(ids) != n {
			t.Errorf("%s = lib finds %x, want %d spans", key, ids, n)
		}
	}
	left := text(t, s, "SELECT DISTINCT column FROM system.parts_columns WHERE active AND database = currentDatabase() AND table = 'spans'")
	for _, column := range strings.Fields(left) {
		if packed[column] {
			t.Errorf("column %s is still there", column)
		}
	}
	if err := s.step(t.Context(), steps(t)[15]); err != nil { // by a server that was told of it too late
		t.Error(err)
	}
}

// Packing takes minutes where much is stored: what it is made of stays until it is done, also where
// the server is stopped meanwhile.
func TestColumnsStayUntilTheyArePacked(t *testing.T) {
	t.Parallel()
	s := unmigrated(t, 14)
	want := everything()
	want.PassageRule = span.RuleUnknown // nobody said then
	insertColumns(t, s, batch(want))
	execute(t, s, "SYSTEM STOP MERGES spans")
	stopped, stop := context.WithTimeout(t.Context(), time.Second)
	defer stop()
	if err := s.Migrate(stopped); err == nil {
		t.Fatal("the schema is new, and nothing was packed")
	}
	execute(t, s, "SYSTEM START MERGES spans")
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if diff := gocmp.Diff([]*span.Span{want}, trace(t, s, want.TraceID.String()).Spans, spanEqual, addrEqual); diff != "" {
		t.Error("(-before +after):\n" + diff)
	}
}

// insertColumns stores a batch as it was until version 14 of the schema.
func insertColumns(t *testing.T, s *Store, batch *span.Batch) {
	t.Helper()
	var groups, buckets = make([]uint64, batch.Len()), make([]uint32, batch.Len())
	var e edges
	e.reset()
	e.derive(batch, groups, buckets)
	table := batch.Strings.Strings()
	for name, build := range map[string]func(*block){"assoc": e.block, "spans": func(b *block) {
		b.reset(len(batch.Columns())-len(laterDetails)+3, batch.Len())
		b.fixed("bucket", "DateTime", memory(buckets))
		b.fixed("grp", "UInt64", memory(groups))
		for _, c := range batch.Columns() {
			if slices.Contains(laterDetails, c.Name) {
				continue
			}
			switch data := c.Data.(type) {
			case *span.Symbols:
				b.symbols(c.Name, *data, table)
			case *span.Text:
				b.text(c.Name, data)
			case *span.Attributes:
				b.attributes(data, table)
			case interface{ Bytes() []byte }:
				b.fixed(c.Name, fixedType(c.Data), data.Bytes())
			}
		}
	}} {
		if err := s.send(t.Context(), new(block), name, "", build); err != nil {
			t.Fatal(err)
		}
	}
}

func steps(t *testing.T) []migration {
	t.Helper()
	all, err := schema{}.migrations()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// unmigrated is a store with the schema of a version.
func unmigrated(t *testing.T, version int) *Store {
	t.Helper()
	s := openAs(t, "owner", "older_"+formatUint(uint64(counter.Add(1))))
	if _, err := s.stepsDone(t.Context(), schema{database: s.config.Database}); err != nil {
		t.Fatal(err)
	}
	for _, m := range steps(t)[:version] {
		if err := s.step(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	return s
}
