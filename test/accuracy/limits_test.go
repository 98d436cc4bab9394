package main

import (
	"strings"
	"testing"
)

func good() Figure {
	return Figure{Case: "go-http", Way: "1", Requests: 1000, Expected: 2000, SYS: 1, NET: 1, Client: Loaded{Answered: 1000},
		Score: Score{Calls: Tally{Right: 2000}, Confidence: map[string]*Tally{"causal": {Right: 2000}}}}
}

func TestAGoodFigureExceedsNothing(t *testing.T) {
	t.Parallel()
	f := good()
	if faults := f.exceeded(true); len(faults) > 0 {
		t.Error(faults)
	}
}

// What must not be is told with its case, and with what is claimed.
func TestWhatExceedsItsLimit(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*Figure)
		want   string
		always bool // also where no floors hold
	}{
		"one wrong link that is called proven":  {func(f *Figure) { f.Score.Confidence["proven"] = &Tally{Wrong: 1} }, "proven", true},
		"more wrong causal links than may be":   {func(f *Figure) { f.Score.Confidence["causal"].Wrong = 2 }, "causal", true},
		"more wrong inferred links than may be": {func(f *Figure) { f.Score.Confidence["inferred"] = &Tally{Wrong: 11} }, "inferred", true},
		"requests that were not answered":       {func(f *Figure) { f.Client.Answered = 999 }, "999 of 1000", true},
		"an API that tells other traces":        {func(f *Figure) { f.Differs = 1 }, "HTTP API", true},
		"fewer right links than the floor":      {func(f *Figure) { f.Score.Calls.Right = 100 }, "under their request", false},
		"spans that are not there":              {func(f *Figure) { f.NET = 0.99 }, "99.00 %", false},
		"spans that are there twice":            {func(f *Figure) { f.Doubled = 3 }, "3 too many", false},
	} {
		f := good()
		c.change(&f)
		faults := strings.Join(f.exceeded(true), "\n")
		if !strings.Contains(faults, c.want) || !strings.HasPrefix(faults, "go-http at 1: ") {
			t.Errorf("%s: %q", name, faults)
		}
		if told := len(f.exceeded(false)) > 0; told != c.always {
			t.Errorf("%s: without floors told: %v", name, told)
		}
	}
	f := good()
	f.Score.Confidence["causal"].Wrong, f.Score.Confidence["inferred"] = 1, &Tally{Wrong: 10}
	if faults := f.exceeded(true); len(faults) > 0 {
		t.Error("what may be wrong is refused:", faults)
	}
}
