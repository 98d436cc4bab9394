package ingest

import (
	"cmp"
	"slices"
	"sync"
	"time"

	"google.golang.org/grpc/codes"

	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/wire"
)

const (
	maxLedgerRows = 4096 // of one report; real ones have a few dozen
	maxBlind      = 256  // intervals kept per agent, the newest
	maxEnded      = 8    // runs of an agent whose late reports are known as such
)

// Agent is what the server knows of one agent. Times are Unix nanoseconds by the server's
// clock, 0 for never.
type Agent struct {
	Name    string `json:"name"`
	Node    string `json:"node,omitempty"`
	Version string `json:"version,omitempty"`
	Boot    uint64 `json:"boot,string,omitempty"`
	Boots   int    `json:"boots"` // runs seen since the server started

	Started     int64 `json:"started,omitempty"`      // of this run, by the agent's clock
	FirstReport int64 `json:"first_report,omitempty"` // of this run that the server heard
	LastReport  int64 `json:"last_report,omitempty"`
	LastPush    int64 `json:"last_push,omitempty"`
	ClockOffset int64 `json:"clock_offset_ns"` // the agent's clock less the server's, at the last report

	Sources  map[string]*Count `json:"sources"`            // by source
	Repeated uint64            `json:"repeated,omitempty"` // pushes that came again while or after they were stored
	Failed   map[string]uint64 `json:"failed,omitempty"`   // pushes by gRPC code

	Ledger []LedgerRow `json:"-"`               // of this run
	Past   []LedgerRow `json:"-"`               // what earlier runs said last
	Blind  []Interval  `json:"blind,omitempty"` // when nothing can have been seen

	ended []uint64 // boots of runs before this one, the last few
}

// Count is what came of one source and when its newest span was stored.
type Count struct {
	Seen     uint64 `json:"seen"`      // by the agent's own ledger, all runs since the server started
	Stored   uint64 `json:"stored"`    // acknowledged by the store since the server started
	Rejected uint64 `json:"rejected"`  // left out by the server
	LastSpan int64  `json:"last_span"` // newest start, Unix nanoseconds

	before uint64 // seen by earlier runs
}

// Interval is from one moment to another, in Unix nanoseconds.
type Interval struct {
	From int64 `json:"from"`
	To   int64 `json:"to"`
}

// LedgerRow is one line of an agent's ledger, or of the server's about the agent.
type LedgerRow struct {
	Agent  string `json:"agent"`
	Node   string `json:"node,omitempty"`
	Boot   uint64 `json:"boot,string"`
	Time   int64  `json:"time"` // when the server heard it
	Stage  string `json:"stage"`
	Source string `json:"source,omitempty"`
	What   string `json:"what"`
	Count  uint64 `json:"count"`
	From   int64  `json:"from,omitempty"` // of an interval
	To     int64  `json:"to,omitempty"`
}

// Agents keeps what agents said of themselves, safe for concurrent use.
type Agents struct {
	mu      sync.Mutex
	byName  map[string]*Agent
	max     int
	now     func() time.Time
	changed chan struct{} // holds a value when an agent began a new run
}

func newAgents(limit int, now func() time.Time) *Agents {
	return &Agents{byName: map[string]*Agent{}, max: limit, now: now, changed: make(chan struct{}, 1)}
}

// Changed yields when an agent began a new run, which is worth storing at once.
func (a *Agents) Changed() <-chan struct{} { return a.changed }

// Restore takes in what an earlier run of the server heard: name, node, boot, start, last
// report and blind intervals of agents. An agent that was restarted while there was no
// server, and has reported since, was blind in between.
func (a *Agents) Restore(earlier []Agent) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, e := range earlier {
		g := a.byName[e.Name]
		if g == nil || g.LastReport == 0 {
			g = a.get(e.Name)
			g.Node, g.Boot, g.Started, g.LastReport = e.Node, e.Boot, e.Started, e.LastReport
		} else if g.Boot != e.Boot && e.Started < g.Started && e.LastReport < g.FirstReport {
			e.Blind = append(slices.Clone(e.Blind), Interval{e.LastReport, g.FirstReport})
		}
		g.Blind = append(slices.Clone(e.Blind), g.Blind...)
		g.trimBlind()
	}
}

func (g *Agent) trimBlind() {
	if n := len(g.Blind) - maxBlind; n > 0 {
		g.Blind = slices.Delete(g.Blind, 0, n)
	}
}

// All is a copy of what is known, by name.
func (a *Agents) All() []Agent {
	a.mu.Lock()
	defer a.mu.Unlock()
	out := make([]Agent, 0, len(a.byName))
	for _, g := range a.byName {
		c := *g
		c.Sources = make(map[string]*Count, len(g.Sources))
		for k, v := range g.Sources {
			n := *v
			c.Sources[k] = &n
		}
		c.Failed = make(map[string]uint64, len(g.Failed))
		for k, v := range g.Failed {
			c.Failed[k] = v
		}
		c.Ledger, c.Past, c.Blind = slices.Clone(g.Ledger), slices.Clone(g.Past), slices.Clone(g.Blind)
		out = append(out, c)
	}
	slices.SortFunc(out, func(x, y Agent) int { return cmp.Compare(x.Name, y.Name) })
	return out
}

// get is the agent's entry, made where it is new; a.mu is held.
func (a *Agents) get(name string) *Agent {
	g := a.byName[name]
	if g == nil {
		if len(a.byName) >= a.max {
			a.evict()
		}
		g = &Agent{Name: name, Sources: map[string]*Count{}, Failed: map[string]uint64{}}
		a.byName[name] = g
	}
	return g
}

// evict drops the agent that has been silent for longest; a.mu is held.
func (a *Agents) evict() {
	var silent *Agent
	for _, g := range a.byName {
		if silent == nil || heard(g) < heard(silent) {
			silent = g
		}
	}
	delete(a.byName, silent.Name)
}

func heard(g *Agent) int64 { return max(g.LastReport, g.LastPush) }

func (g *Agent) source(s string) *Count {
	c := g.Sources[s]
	if c == nil {
		c = &Count{}
		g.Sources[s] = c
	}
	return c
}

// pushed counts a push that the store has.
func (a *Agents) pushed(name string, b *span.Batch, rejected uint64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	g := a.get(name)
	g.LastPush = a.now().UnixNano()
	for i, s := range b.Source {
		c := g.source(s.String())
		c.Stored++
		c.LastSpan = max(c.LastSpan, b.Start[i])
	}
	if rejected > 0 {
		g.source("").Rejected += rejected
	}
}

func (a *Agents) repeated(name string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.get(name).Repeated++
}

func (a *Agents) failed(name string, code codes.Code) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.get(name).Failed[code.String()]++
}

// reported takes a heartbeat. A new run of the agent makes the time since the last one was
// heard of a blind interval: nobody was looking.
func (a *Agents) reported(r *wire.ReportRequest) {
	a.mu.Lock()
	defer a.mu.Unlock()
	now := a.now().UnixNano()
	g := a.get(r.GetAgent())
	switch {
	case g.Boot == r.GetBoot() && g.LastReport != 0:
	case g.LastReport != 0 && slices.Contains(g.ended, r.GetBoot()):
		return // of a run that has ended, late. Clocks do not tell: they are set back.
	default:
		if g.LastReport != 0 {
			if g.ended = append(g.ended, g.Boot); len(g.ended) > maxEnded {
				g.ended = slices.Delete(g.ended, 0, 1)
			}
			g.Blind = append(g.Blind, Interval{heard(g), now})
			g.trimBlind()
		}
		g.Boots++
		g.FirstReport = now
		select {
		case a.changed <- struct{}{}:
		default:
		}
		for _, c := range g.Sources {
			c.before = c.Seen
		}
		g.Past = append(g.Past, g.Ledger...)
		if n := len(g.Past) - maxLedgerRows; n > 0 {
			g.Past = slices.Delete(g.Past, 0, n)
		}
	}
	g.Node, g.Version, g.Boot, g.Started = r.GetNode(), r.GetVersion(), r.GetBoot(), r.GetStarted()
	g.LastReport, g.ClockOffset = now, r.GetNow()-now
	g.Ledger = g.Ledger[:0]
	for _, l := range r.GetLedger() {
		g.Ledger = append(g.Ledger, LedgerRow{
			Agent: g.Name, Node: g.Node, Boot: g.Boot, Time: now, Stage: l.GetStage(), Source: l.GetSource(), What: l.GetWhat(),
			Count: l.GetCount(), From: l.GetFrom(), To: l.GetTo(),
		})
		if l.GetStage() == "export" && l.GetWhat() == "in" {
			c := g.source(l.GetSource())
			c.Seen = c.before + l.GetCount()
		}
	}
}
