package trace_test

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/throughline-io/throughline/pkg/trace"
)

// twin reads a table that the front end's tests read too.
func twin(t *testing.T, file string, into any) {
	t.Helper()
	doc, err := os.ReadFile("../../testdata/" + file)
	if err == nil {
		err = json.Unmarshal(doc, into)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestFold(t *testing.T) {
	t.Parallel()
	var table [][2]string
	twin(t, "fold.json", &table)
	for _, row := range table {
		if got := trace.Fold(row[0]); got != row[1] {
			t.Errorf("%q is folded to %q, want %q", row[0], got, row[1])
		}
	}
}

func TestFormatDuration(t *testing.T) {
	t.Parallel()
	var table [][2]json.RawMessage
	twin(t, "duration.json", &table)
	for _, row := range table {
		var ns int64
		var want string
		if json.Unmarshal(row[0], &ns) != nil || json.Unmarshal(row[1], &want) != nil {
			t.Fatalf("the row %s cannot be read", row)
		}
		if got := trace.FormatDuration(ns); got != want {
			t.Errorf("%d ns are %q, want %q", ns, got, want)
		}
	}
}
