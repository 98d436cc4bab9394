package store

import (
	"fmt"
	"testing"
)

// A server that starts asks for two kinds of lines, and reads those of all agents and not what they
// counted: of 100 agents that is 40 times as much.
func TestTheLedgerIsReadAsFarAsItIsAskedFor(t *testing.T) {
	t.Parallel()
	s := open(t)
	var rows []LedgerRow
	for agent := range 100 {
		for counter := range 40 {
			what := "counter " + fmt.Sprint(counter)
			if counter == 0 {
				what = "heard of"
			}
			rows = append(rows, LedgerRow{Time: start, Reporter: fmt.Sprint("agent-", agent), Boot: 1, Started: start, Stage: "server", What: what, Count: 1})
		}
	}
	if err := s.PutLedger(t.Context(), rows); err != nil {
		t.Fatal(err)
	}
	got, err := s.Ledger(t.Context(), LedgerQuery{What: []string{"heard of", "silence"}})
	if err != nil || len(got) != 100 {
		t.Fatalf("%d rows, %v", len(got), err)
	}
	for _, r := range got {
		if r.What != "heard of" {
			t.Errorf("%+v", r)
		}
	}
}
