package server

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/throughline-io/throughline/pkg/store"
	"github.com/throughline-io/throughline/server/ingest"
	"github.com/throughline-io/throughline/server/query"
	"github.com/throughline-io/throughline/server/text"
)

const (
	// ledgerEvery is how often the ledger is stored: what it said last before both an agent
	// and the server were killed is that old.
	ledgerEvery = 30 * time.Second
	// restoredDays is how far back a starting server looks for agents.
	restored = 7 * 24 * time.Hour

	reporter = "server" // the server's own lines
	// Lines about an agent that the server, not the agent, adds.
	serverStage = "server"
	silence     = "blind: not heard of"
)

// rows are the ledger as it stands: what each agent reported last, what the server says of
// it, and the server's own counts.
func (s *Server) rows(now int64) []ingest.LedgerRow {
	var rows []ingest.LedgerRow
	total := map[string]ingest.Count{}
	var repeated uint64
	failed := map[string]uint64{}
	for _, a := range s.ingest.Agents().All() {
		rows = append(append(rows, a.Past...), a.Ledger...)
		for _, b := range a.Blind {
			rows = append(rows, ingest.LedgerRow{Agent: a.Name, Node: a.Node, Boot: uint64(b.To), Time: b.To, Stage: serverStage, What: silence, From: b.From, To: b.To})
		}
		for source, c := range a.Sources {
			t := total[source]
			t.Stored += c.Stored
			t.Rejected += c.Rejected
			total[source] = t
		}
		repeated += a.Repeated
		for code, n := range a.Failed {
			failed[code] += n
		}
	}
	own := func(source, what string, n uint64) {
		if n > 0 {
			rows = append(rows, ingest.LedgerRow{Agent: reporter, Boot: s.boot, Time: now, Stage: "ingest", Source: source, What: what, Count: n})
		}
	}
	for source, c := range total {
		own(source, "stored", c.Stored)
		own(source, "left out", c.Rejected)
	}
	own("", "pushes repeated", repeated)
	came, dropped := s.ingest.WatchReports()
	own("", "reports of what is watched", came)
	own("", "left out: reports of what is watched", dropped)
	j, _ := s.ingest.Journal()
	own("", "pushes set aside: the store never takes them", j.SetAside)
	own("", "stored, not in metrics", j.Uncounted)
	own("", "dropped: the store was too large", s.dropped.Load())
	own("", "stored, in metrics without its name", j.Folded)
	if s.export != nil {
		for what, n := range s.export.Counts() {
			rows = append(rows, ingest.LedgerRow{Agent: reporter, Boot: s.boot, Time: now, Stage: "export", What: what, Count: n})
		}
	}
	if s.apms != nil {
		for what, n := range s.apms.Counts() {
			rows = append(rows, ingest.LedgerRow{Agent: reporter, Boot: s.boot, Time: now, Stage: "apm", What: what, Count: n})
		}
	}
	for code, n := range failed {
		own("", "pushes failed: "+code, n)
	}
	slices.SortFunc(rows, func(a, b ingest.LedgerRow) int {
		return cmp.Or(cmp.Compare(a.Agent, b.Agent), cmp.Compare(a.Boot, b.Boot), cmp.Compare(a.Stage, b.Stage), cmp.Compare(a.Source, b.Source), cmp.Compare(a.What, b.What), cmp.Compare(a.From, b.From))
	})
	type key struct {
		agent, stage, what string
		from, to           int64
	}
	told := map[key]bool{} // every run of an agent tells of the intervals before it
	return slices.DeleteFunc(rows, func(r ingest.LedgerRow) bool {
		k := key{r.Agent, r.Stage, r.What, r.From, r.To}
		again := r.To != 0 && told[k]
		told[k] = true
		return again
	})
}

// storeLedger notes the ledger in the store. Counts are since a start, so a note that
// fails is made up for by the next. An interval is stored as its end and its length.
func (s *Server) storeLedger(ctx context.Context) {
	if s.backend.Ready() != nil {
		return
	}
	started := map[string]int64{reporter: s.started.UnixNano()}
	for _, a := range s.ingest.Agents().All() {
		started[a.Name] = a.Started
	}
	var rows []store.LedgerRow
	for _, r := range s.rows(time.Now().UnixNano()) {
		boot, at, count := r.Boot, r.Time, r.Count
		if r.To != 0 {
			boot, at, count = uint64(r.To), r.To, uint64(max(0, r.To-r.From)) // a line for each interval
		}
		rows = append(rows, store.LedgerRow{Time: at, Reporter: r.Agent, Node: r.Node, Boot: boot, Started: started[r.Agent],
			Stage: r.Stage, Source: r.Source, What: r.What, Count: count})
	}
	for _, a := range s.ingest.Agents().All() { // that an agent was there, whatever it counted
		if a.LastReport > 0 {
			rows = append(rows, store.LedgerRow{Time: a.LastReport, Reporter: a.Name, Node: a.Node, Boot: a.Boot, Started: a.Started, Stage: serverStage, What: heard, Count: 1})
		}
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	if err := s.backend.PutLedger(ctx, rows); err != nil && ctx.Err() == nil {
		s.config.Log.Warn("the ledger was not stored", "error", err)
	}
	if err := s.backend.PutWatched(ctx, s.ingest.Watched()); err != nil && ctx.Err() == nil {
		s.config.Log.Warn("what agents look at was not stored", "error", err)
	}
}

// heard is the line that says when an agent was last heard of.
const heard = "heard of"

// interval reports whether a stored line is an interval.
func interval(r *store.LedgerRow) bool {
	return r.What == silence || r.Stage == "agent" && r.What == "blind"
}

// restoreLedger tells the registry of agents what earlier runs of the server heard.
func (s *Server) restoreLedger(ctx context.Context) {
	rows, err := s.backend.Ledger(ctx, store.LedgerQuery{From: time.Now().Add(-restored).UnixNano(), What: []string{heard, silence}})
	if err != nil {
		if ctx.Err() == nil {
			s.config.Log.Warn("what earlier runs heard of agents was not read", "error", err)
		}
		return
	}
	byName := map[string]*ingest.Agent{}
	for i := range rows {
		r := &rows[i]
		if r.Reporter == reporter || r.What != heard && r.What != silence {
			continue
		}
		a := byName[r.Reporter]
		if a == nil {
			a = &ingest.Agent{Name: r.Reporter}
			byName[r.Reporter] = a
		}
		switch {
		case r.What == silence:
			a.Blind = append(a.Blind, ingest.Interval{From: r.Time - int64(r.Count), To: r.Time})
		case r.Time > a.LastReport:
			a.Node, a.Boot, a.Started, a.LastReport = r.Node, r.Boot, r.Started, r.Time
		}
	}
	var agents []ingest.Agent
	for _, a := range byName {
		slices.SortFunc(a.Blind, func(x, y ingest.Interval) int { return cmp.Compare(x.From, y.From) })
		agents = append(agents, *a)
	}
	s.ingest.Agents().Restore(agents)
}

// ledger answers /api/v1/ledger: how it stands from memory, earlier times from the store.
func (s *Server) ledger(ctx context.Context, q query.LedgerQuery) (any, error) {
	out := text.Ledger{Rows: []text.LedgerRow{}}
	if q.From == 0 && q.To == 0 && !q.History {
		for _, r := range s.rows(time.Now().UnixNano()) {
			if q.Agent == "" || q.Agent == r.Agent {
				out.Rows = append(out.Rows, text.LedgerRow(r))
			}
		}
		return out, nil
	}
	rows, err := s.backend.Ledger(ctx, store.LedgerQuery{From: q.From, To: q.To, Reporter: q.Agent, History: q.History})
	if err != nil {
		return nil, err
	}
	for i := range rows {
		r := &rows[i]
		if r.What == heard {
			continue
		}
		row := text.LedgerRow{Agent: r.Reporter, Node: r.Node, Boot: r.Boot, Time: r.Time, Stage: r.Stage, Source: r.Source, What: r.What, Count: r.Count}
		if interval(r) {
			row.From, row.To, row.Count = r.Time-int64(r.Count), r.Time, 0
		}
		out.Rows = append(out.Rows, row)
	}
	return out, nil
}
