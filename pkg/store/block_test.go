package store

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/throughline-io/throughline/pkg/span"
)

// readable is a batch as the store answers with it: of the block that Insert posts what is read.
func readable(b *span.Batch) []byte {
	w, read := new(block), newSpanRows().results
	columns := slices.DeleteFunc(b.Columns(), func(c span.NamedColumn) bool {
		return !slices.ContainsFunc(read, func(r resultColumn) bool { return r.name == c.Name })
	})
	w.reset(len(read), b.Len())
	w.columns(b, columns)
	return bytes.Join(w.body(nil), nil)
}

func decode(data []byte) (all []*span.Span, err error) {
	r := newSpanRows()
	a := answer{data: data}
	err = a.blocks(r.results, func(rows int) error {
		all = r.append(all, rows)
		return nil
	})
	return all, err
}

// What is written can be read without an engine between.
func TestABlockReadsBack(t *testing.T) {
	t.Parallel()
	want := []*span.Span{everything(), {ID: 1, Source: span.NET}, {ID: 2, Source: span.APP, Attributes: []span.Attribute{{Key: "k", Value: "v", Type: 's'}}}}
	got, err := decode(readable(batch(want...)))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, spanEqual, addrEqual); diff != "" {
		t.Error("(-want +got):\n" + diff)
	}
}

// More words than a byte, or two, can number.
func TestLargeDictionaries(t *testing.T) {
	t.Parallel()
	s := open(t)
	for _, n := range []int{255, 256, 257, 65_535, 65_536, 65_537, 70_000} {
		b := &span.Batch{}
		for i := range n {
			x := app(uint64(i+1), traceID(1), 1)
			x.Service, x.Node = fmt.Sprint("s", i), "one"
			b.Append(x)
		}
		got, err := decode(readable(b))
		if err != nil {
			t.Fatalf("%d words: %v", n, err)
		}
		for i, x := range got {
			if x.Service != fmt.Sprint("s", i) || x.Node != "one" {
				t.Fatalf("%d words, row %d: %q %q", n, i, x.Service, x.Node)
			}
		}
		if n == 65_537 {
			insert(t, s, b)
			if got := text(t, s, "SELECT uniqExact(service), uniqExact(node) FROM spans"); got != "65537\t1" {
				t.Errorf("stored %s", got)
			}
		}
	}
}

func TestEveryShortPrefixOfAnAnswerFailsCleanly(t *testing.T) {
	t.Parallel()
	whole := readable(batch(everything(), everything()))
	for n := 1; n < len(whole); n++ {
		if got, err := decode(whole[:n]); err == nil {
			t.Fatalf("%d of %d bytes decode to %d spans", n, len(whole), len(got))
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(readable(batch(everything())))
	f.Add([]byte{0, 0})
	f.Fuzz(func(_ *testing.T, data []byte) {
		_, _ = decode(data) // must return
	})
}

func TestRandomBytesInAnAnswerFailCleanly(t *testing.T) {
	t.Parallel()
	whole := readable(batch(everything(), everything()))
	for range 3000 {
		bad := bytes.Clone(whole)
		for range 1 + rand.IntN(4) {
			bad[rand.IntN(len(bad))] = byte(rand.Uint32())
		}
		_, _ = decode(bad) // must return
	}
}

func TestAnErrorInTheMiddleOfAnAnswerIsFound(t *testing.T) {
	t.Parallel()
	msg := "Code: 241. DB::Exception: too much memory\n"
	frame := fmt.Sprintf("\r\n__exception__\r\nabcdefghijklmnop\r\n%s%d abcdefghijklmnop\r\n__exception__\r\n", msg, len(msg))
	for _, before := range []string{"", "rows", strings.Repeat("x", 100_000)} {
		var e *Error
		if err := streamedError([]byte(before + frame)); !errors.As(err, &e) || e.Code != 241 || !strings.Contains(e.Message, "too much memory") {
			t.Errorf("after %d bytes: got %v", len(before), err)
		}
	}
	if err := streamedError([]byte("whole")); err != nil {
		t.Errorf("no error in the answer, got %v", err)
	}
}

// Building a block allocates nothing once the writer has worked before.
func TestBuildingABlockDoesNotAllocate(t *testing.T) {
	b := &span.Batch{}
	for i := range uint32(20) {
		b.AppendBatch(shop(traceID(byte(i)), i*100+1))
	}
	w := new(insertWriter)
	build := func() {
		w.groups, w.buckets = grow(w.groups, b.Len()), grow(w.buckets, b.Len())
		w.edges.reset()
		w.edges.derive(b, w.groups, w.buckets)
		w.edges.block(&w.block)
		w.bodies = w.block.body(w.bodies[:0])
		w.block.spans(b, w.groups, w.buckets)
		w.bodies = w.block.body(w.bodies[:0])
	}
	build()
	// The list of columns is one, with the small values in it.
	if n := testing.AllocsPerRun(20, build); n > 3 {
		t.Errorf("%v allocations for %d spans", n, b.Len())
	}
}
