package ingest

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/throughline-io/throughline/pkg/wire"
)

func TestGapBetweenTwoRunsIsABlindInterval(t *testing.T) {
	t.Parallel()
	now := time.Unix(1000, 0)
	a := newAgents(10, func() time.Time { return now })
	report := func(at int64, boot uint64, started int64) {
		now = time.Unix(at, 0)
		a.reported(&wire.ReportRequest{Agent: "node0", Boot: boot, Started: started * 1e9, Now: at*1e9 + 5,
			Ledger: []*wire.LedgerRow{{Stage: "export", Source: "SYS", What: "in", Count: uint64(at)}}})
	}
	report(1000, 1, 990)
	report(1001, 1, 990)
	report(1010, 2, 1008) // killed and started again
	report(1011, 1, 990)  // a report of the first run that came late
	report(1012, 2, 1008)
	g := a.All()[0]
	want := []Interval{{From: 1001e9, To: 1010e9}}
	if d := cmp.Diff(want, g.Blind); d != "" {
		t.Errorf("blind intervals (-want +got):\n%s", d)
	}
	if g.Boot != 2 || g.Boots != 2 || g.ClockOffset != 5 {
		t.Errorf("agent %+v", g)
	}
	if seen := g.Sources["SYS"].Seen; seen != 1001+1012 || len(g.Ledger) != 1 || len(g.Past) != 1 || g.Past[0].Count != 1001 {
		t.Errorf("seen %d, want both runs' together; ledger %+v, past %+v", seen, g.Ledger, g.Past)
	}
}

func TestAgentsRestartedWhileTheServerWasAwayWereBlind(t *testing.T) {
	t.Parallel()
	now := time.Unix(2000, 0)
	a := newAgents(10, func() time.Time { return now })
	report := func(name string, boot uint64, started int64) {
		a.reported(&wire.ReportRequest{Agent: name, Boot: boot, Started: started * 1e9})
	}
	report("went on", 1, 900)
	report("restarted", 2, 1990)
	old := []Interval{{From: 500e9, To: 600e9}}
	a.Restore([]Agent{ // what the store remembers comes after the first reports
		{Name: "restarted", Boot: 1, Started: 900e9, LastReport: 1900e9, Blind: old},
		{Name: "silent", Boot: 1, Started: 900e9, LastReport: 1900e9},
		{Name: "went on", Boot: 1, Started: 900e9, LastReport: 1900e9},
	})
	now = time.Unix(2001, 0)
	report("silent", 2, 1995)
	got := map[string][]Interval{}
	for _, g := range a.All() {
		got[g.Name] = g.Blind
	}
	want := map[string][]Interval{
		"restarted": {{From: 500e9, To: 600e9}, {From: 1900e9, To: 2000e9}},
		"silent":    {{From: 1900e9, To: 2001e9}},
		"went on":   nil,
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("blind intervals (-want +got):\n%s", d)
	}
}

func TestSilentAgentsMakeRoomForNewOnes(t *testing.T) {
	t.Parallel()
	now := time.Unix(1000, 0)
	a := newAgents(2, func() time.Time { return now })
	for _, name := range []string{"a", "b", "a", "c"} {
		now = now.Add(time.Second)
		a.reported(&wire.ReportRequest{Agent: name, Boot: 1})
	}
	var names []string
	for _, g := range a.All() {
		names = append(names, g.Name)
	}
	if d := cmp.Diff([]string{"a", "c"}, names); d != "" {
		t.Errorf("agents (-want +got):\n%s", d)
	}
}

// Its clock was set back, and it was started again: what it says counts.
func TestAnAgentWhoseClockWasSetBackIsHeard(t *testing.T) {
	t.Parallel()
	a := newAgents(4, time.Now)
	report := func(boot uint64, started int64, version string) {
		a.reported(&wire.ReportRequest{Agent: "a", Boot: boot, Started: started, Version: version})
	}
	report(1, 1000, "one")
	report(2, 500, "two")
	if g := a.All()[0]; g.Version != "two" || g.Boots != 2 || len(g.Blind) != 1 {
		t.Errorf("after the restart: %+v", g)
	}
	report(1, 1000, "one") // late
	if g := a.All()[0]; g.Version != "two" || g.Boots != 2 {
		t.Errorf("after a late report of the run before: %+v", g)
	}
}
