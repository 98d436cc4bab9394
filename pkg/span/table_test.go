package span

import (
	"fmt"
	"slices"
	"testing"
)

func TestATableHasEachStringOnce(t *testing.T) {
	t.Parallel()
	var table Table
	for round := range 3 { // what it had before it was emptied is not in it
		got := []Ref{table.Ref("a"), table.RefBytes([]byte("b")), table.Ref("a"), table.RefBytes([]byte("a")), table.Ref(""), table.Ref("b")}
		if want := []Ref{1, 2, 1, 1, 0, 2}; !slices.Equal(got, want) {
			t.Fatalf("round %d: references %v, want %v", round, got, want)
		}
		own := fmt.Sprint("only in round ", round)
		if r := table.Ref(own); r != 3 || table.String(r) != own {
			t.Fatalf("round %d: %q is %d", round, own, r)
		}
		if got, want := table.Strings(), []string{"", "a", "b", own}; !slices.Equal(got, want) || table.Len() != 4 {
			t.Fatalf("round %d: %d strings %q, want %q", round, table.Len(), got, want)
		}
		table.Reset()
		if table.Len() != 1 {
			t.Fatalf("%d strings after a reset", table.Len())
		}
	}
}

func TestATableThatIsFilledAgainDoesNotAllocate(t *testing.T) {
	var table Table
	words := [][]byte{[]byte("http.route"), []byte("GET"), []byte("/api/v2/items"), []byte("shop")}
	fill := func() {
		table.Reset()
		for _, w := range words {
			table.RefBytes(w)
			table.Ref(table.String(table.RefBytes(w)))
		}
	}
	fill()
	if n := testing.AllocsPerRun(100, fill); n != 0 {
		t.Errorf("%.0f allocations for words that it had before", n)
	}
}

// Words that do not come again must not stay for ever.
func TestWhatATableKeepsInMindIsBounded(t *testing.T) {
	t.Parallel()
	for name, length := range map[string]int{"many words": 10, "long words": 10_000} {
		var table Table
		for n := range 300 {
			table.Reset()
			if len(table.index) > maxWords || table.bytes > maxWordBytes {
				t.Fatalf("%s: an empty table keeps %d words, %d bytes", name, len(table.index), table.bytes)
			}
			for i := range 50 {
				table.RefBytes(fmt.Appendf(nil, "%0*d", length, 50*n+i))
			}
		}
	}
}
