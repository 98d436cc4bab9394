package causality

import (
	"testing"

	"github.com/throughline-io/throughline/agent/ledger"
	"github.com/throughline-io/throughline/pkg/span"
)

// table is a table with a process of its own and what it says.
type table struct {
	*Table
	process Process
	edges   []span.Edge
}

func newTable() *table {
	t := new(table)
	t.Table = New(Config{Seed: 1, Limit: 100, Ledger: new(ledger.Ledger), Edge: func(e span.Edge) { t.edges = append(t.edges, e) }})
	return t
}

func (t *table) at(e Executor, now int64) *Moment {
	return &Moment{Process: &t.process, Executor: e, Thread: uint32(e.ID), Time: now}
}

// begins is a request whose header an executor reads.
func (t *table) begins(e Executor, by *Connection, trace span.TraceID, now int64) *Passage {
	return t.Begin(t.at(e, now), by, trace)
}

// claims is the passage to which a call of an executor would belong.
func (t *table) claims(e Executor, now int64) *Passage {
	p, _ := t.calls(e, now)
	return p
}

// calls begins a call, of a kind of its own.
func (t *table) calls(e Executor, now int64) (*Passage, span.PassageRule) {
	on, m := new(Connection), t.at(e, now)
	p, claim := t.Call(t.Claim(m, on), m, on, uint64(now))
	return p, claim.Rule()
}

// answers says that a request's answer begins.
func (t *table) answers(p *Passage, now int64) { t.Answering(p.by, t.at(p.executor, now), now) }

var (
	byThread = Claim(span.RuleThread)
	one      = Executor{PID: 7, ID: 1} // a thread
	gopher   = Executor{PID: 7, ID: 1, Goroutine: true}
	trace    = span.TraceID{1}
)

// However many connections come and go, there is room for the passages of those that are there.
func TestAPassageEndsWithItsConnection(t *testing.T) {
	t.Parallel()
	p := newTable()
	for i := range uint64(10_000) {
		now := int64(i) * int64(passageLinger) / 50
		of := p.begins(Executor{PID: 7, ID: i + 1, Goroutine: true}, new(Connection), trace, now)
		if of == nil {
			t.Fatalf("no room for the passage of connection %d", i)
		}
		p.End(of, 5, now)
		p.Gone(of, now)
		p.Sweep(now)
	}
}

func TestEdges(t *testing.T) {
	t.Parallel()
	const call, request = span.GroupID(5), span.GroupID(6)
	for _, c := range []struct {
		name  string
		trace span.TraceID
		does  func(p *table, of *Passage)
		want  []span.Edge
	}{
		{"to the trace, at once", trace, func(p *table, of *Passage) {
			p.Join(of, byThread, call, 100)
		}, []span.Edge{{A: call, B: span.TraceGroup(trace), Time: 100, Kind: span.EdgePassage}}},
		{"not before the request's sequence pair is known", span.TraceID{}, func(p *table, of *Passage) {
			p.Join(of, byThread, call, 100)
		}, nil},
		{"to the request, when it ends", span.TraceID{}, func(p *table, of *Passage) {
			p.Join(of, byThread, call, 100)
			p.End(of, request, 0)
		}, []span.Edge{{A: call, B: request, Time: 100, Kind: span.EdgePassage}}},
		{"to the request, after its end", span.TraceID{}, func(p *table, of *Passage) {
			p.End(of, request, 0)
			p.Join(of, byThread, call, 100)
		}, []span.Edge{{A: call, B: request, Time: 100, Kind: span.EdgePassage}}},
		{"none within a group", span.TraceID{}, func(p *table, of *Passage) {
			p.End(of, call, 0)
			p.Join(of, byThread, call, 100)
		}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := newTable()
			c.does(p, p.begins(one, new(Connection), c.trace, 0))
			if len(p.edges) != len(c.want) || len(c.want) > 0 && p.edges[0] != c.want[0] {
				t.Errorf("edges %v, want %v", p.edges, c.want)
			}
		})
	}
}

func TestPassagesAreForgotten(t *testing.T) {
	t.Parallel()
	p := newTable()
	s := new(Connection)
	over := p.begins(gopher, s, trace, 0)
	p.End(over, 5, 0)
	latest := p.begins(gopher, s, span.TraceID{}, 0)
	p.Join(latest, byThread, 5, 0)

	p.Sweep(int64(passageLinger) + 1)
	if p.byID[over.ID] != nil || p.byID[latest.ID] == nil {
		t.Error("want the first passage forgotten, and the one that is going on kept")
	}
	p.Sweep(int64(passageIdle) + 1)
	if len(p.byID) != 0 || len(p.rules[0].(*onExecutor).current) != 0 || p.process.passages != 0 {
		t.Errorf("%d passages left", len(p.byID))
	}
	if p.edgesDropped.Load() != 1 {
		t.Error("the call that waited for its request's end was not counted")
	}
}

func TestPassageLimit(t *testing.T) {
	t.Parallel()
	p := newTable()
	for i := range uint64(200) {
		p.begins(Executor{PID: 7, ID: i + 1}, new(Connection), trace, 0)
	}
	if got := p.refused.Load(); got != 100 || len(p.byID) != 100 {
		t.Errorf("%d refused, %d kept, want 100 of each", got, len(p.byID))
	}
	p.Drop(&p.process)
	if len(p.byID) != 0 {
		t.Error("the process is gone and its passages are not")
	}
}
