package flow

import (
	"testing"

	"github.com/throughline-io/throughline/agent/ledger"
	"github.com/throughline-io/throughline/pkg/span"
)

// What nobody takes is bounded, and what is too much is counted.
func TestNobodyTakes(t *testing.T) {
	t.Parallel()
	var l ledger.Ledger
	table := NewTable(&l)
	for i := range uint32(most + 3) {
		table.Publish(&span.Span{RequestSeq: i}, Range{From: i}, Range{})
	}
	if got := table.Take(nil); len(got) != most || got[1].Span.RequestSeq != 1 || table.dropped.Load() != 3 || table.published.Load() != most+3 {
		t.Errorf("%d taken, %d of %d dropped", len(got), table.dropped.Load(), table.published.Load())
	}
	if got := table.Take(nil); len(got) != 0 {
		t.Errorf("%d taken twice", len(got))
	}
}
