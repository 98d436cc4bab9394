package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The document has the figures in the order of the cases, the last one measured of each, and how often each
// rule was right in all of them.
func TestTheTableOfSeveralRuns(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "figures.json")
	o := options{json: file}
	first, nginx, again := good(), good(), good()
	nginx.Case, nginx.Score.Rules = "nginx", map[string]*Tally{"passage": {Right: 999, Wrong: 1}}
	nginx.Score.Confidence["inferred"] = &Tally{Right: 998, Wrong: 2}
	nginx.Score.Statements.Right = 1000
	again.Score.Calls.Right, again.Score.Calls.Orphan = 1000, 1000
	for _, f := range []Figure{first, nginx, again} {
		if err := o.note(f); err != nil {
			t.Fatal(err)
		}
	}
	figures, err := readFigures(file)
	if err != nil || len(figures) != 2 {
		t.Fatal(figures, err)
	}
	got := table(figures)
	for _, want := range []string{
		"| go-http | 1 | 50.00 |  | 0 | 50.00 |", "| nginx | 1 | 100 | 100, 100 | 0 | 0 |", "49.90, **0.10 wrong**", "| passage | 999 | 1 | 99.90 % |", "| nginx | nginx with 2 workers",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	if strings.Index(got, "| go-http |") > strings.Index(got, "| nginx |") {
		t.Error("the order is not that of the cases")
	}
	if _, err := readFigures(filepath.Join(t.TempDir(), "none")); !os.IsNotExist(err) {
		t.Errorf("a file that is not there: %v", err)
	}
}

// One wrong link in many must not look like none.
func TestSharesAreNotRoundedToAllOrNothing(t *testing.T) {
	t.Parallel()
	for of, want := range map[float64]string{0: "0", 1: "100", 0.5: "50.00", 0.99999: "99.99", 0.00001: "0.01"} {
		if got := share(of); got != want {
			t.Errorf("%v: %s, want %s", of, got, want)
		}
	}
}
