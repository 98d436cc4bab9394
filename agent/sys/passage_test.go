package sys

import (
	"testing"
	"time"

	"github.com/throughline-io/throughline/agent/ledger"
	"github.com/throughline-io/throughline/pkg/span"
)

// passages is a table with a process of its own and what it says.
type passages struct {
	*passageTable
	process *process
	ledger  *ledger.Ledger
	edges   []span.Edge
}

func newPassages() *passages {
	p := &passages{process: &process{pid: 7}, ledger: new(ledger.Ledger)}
	p.passageTable = newPassageTable(1, 100, newCounts(p.ledger))
	return p
}

func (p *passages) edge(e span.Edge) { p.edges = append(p.edges, e) }
func (p *passages) socket() *socket  { return &socket{process: p.process} }

var (
	one    = executor{pid: 7, id: 1} // a thread
	gopher = executor{pid: 7, id: 1, goroutine: true}
	trace  = span.TraceID{1}
)

func TestAGoroutinesPassageLastsUntilTheNextRequest(t *testing.T) {
	t.Parallel()
	p := newPassages()
	if p.Tag(gopher, 0) != 0 {
		t.Error("a tag before any request")
	}
	s := p.socket()
	first := p.Begin(gopher, s, trace, 0)
	if p.Tag(gopher, 1) != first.id || first.id == 0 {
		t.Error("what is sent after a request was read is not of its passage")
	}
	first.answered = true
	p.End(first, 5, 2, p.edge)
	if p.Tag(gopher, 3) != first.id {
		t.Error("what is sent after the answer is not of the passage")
	}
	second := p.Begin(gopher, s, trace, 4)
	if p.Tag(gopher, 5) != second.id || second.id == first.id {
		t.Error("the next request did not begin another passage")
	}
	if p.Tag(one, 5) != 0 {
		t.Error("a thread has the passage of the goroutine with its number")
	}
}

// What a thread does after the answer may be anything: a timer's work, another pool's task.
func TestAThreadsPassageEndsWithItsAnswer(t *testing.T) {
	t.Parallel()
	p := newPassages()
	of := p.Begin(one, p.socket(), trace, 0)
	if p.Tag(one, 1) != of.id {
		t.Error("what is sent before the answer is not of the passage")
	}
	p.End(of, 5, 2, p.edge)
	if p.Tag(one, 3) != 0 {
		t.Error("what is sent after the answer is of the passage")
	}
}

// A pool's thread reads, another's answers: what a thread sends may be for anybody.
func TestAProcessThatHandsRequestsOnClaimsNothing(t *testing.T) {
	t.Parallel()
	p := newPassages()
	of := p.Begin(one, p.socket(), span.TraceID{}, 0)
	p.Join(of, 6, 1, p.edge)
	p.HandedOff(of)
	p.End(of, 5, 2, p.edge)
	p.Join(of, 6, 3, p.edge)
	if len(p.edges) != 0 || p.counts.edgesDropped.Load() != 2 {
		t.Errorf("edges %v, %d dropped", p.edges, p.counts.edgesDropped.Load())
	}
	if next := p.Begin(one, p.socket(), trace, 4); p.Tag(one, 5) != 0 || !next.shared {
		t.Error("the next request's thread is believed")
	}
}

// However many connections come and go, there is room for the passages of those that are there.
func TestAPassageEndsWithItsConnection(t *testing.T) {
	t.Parallel()
	p := newPassages()
	for i := range uint64(10_000) {
		now := int64(i) * int64(passageLinger) / 50
		of := p.Begin(executor{pid: 7, id: i + 1, goroutine: true}, p.socket(), trace, now)
		if of == nil {
			t.Fatalf("no room for the passage of connection %d", i)
		}
		p.End(of, 5, now, p.edge)
		p.Gone(of, now)
		p.Sweep(now)
	}
}

// One thread that reads a request while another is not answered serves several at once,
// and which of them a call is for cannot be told.
func TestEventLoopHasNoPassages(t *testing.T) {
	t.Parallel()
	p := newPassages()
	p.Begin(one, p.socket(), trace, 0)
	p.Begin(one, p.socket(), trace, 1)
	if p.Tag(one, 2) != 0 {
		t.Error("an event loop's call has a passage")
	}
	third := p.Begin(one, p.socket(), trace, 3)
	if p.Tag(one, 4) != 0 || !third.shared {
		t.Error("an event loop became a thread again")
	}
	p.End(third, 5, 6, p.edge)
	p.Begin(one, p.socket(), trace, 7)
	if p.Tag(one, 8) != 0 {
		t.Error("an event loop became a thread again when it had nothing to do")
	}
}

// Pipelined requests come in one read, but are served one after the other.
func TestPipelinedRequestsServedInTurn(t *testing.T) {
	t.Parallel()
	p := newPassages()
	s := p.socket()
	var begun [3]*passage
	for i := range begun {
		begun[i] = p.Begin(one, s, trace, int64(i))
	}
	for i, want := range begun {
		if p.Tag(one, 10) != want.id {
			t.Errorf("request %d is not the one being served", i)
		}
		p.End(want, 5, 11, p.edge)
	}
}

func TestEdges(t *testing.T) {
	t.Parallel()
	const call, request = span.GroupID(5), span.GroupID(6)
	for _, c := range []struct {
		name  string
		trace span.TraceID
		does  func(p *passages, of *passage)
		want  []span.Edge
	}{
		{"to the trace, at once", trace, func(p *passages, of *passage) {
			p.Join(of, call, 100, p.edge)
		}, []span.Edge{{A: call, B: span.TraceGroup(trace), Time: 100, Kind: span.EdgePassage}}},
		{"not before the request's sequence pair is known", span.TraceID{}, func(p *passages, of *passage) {
			p.Join(of, call, 100, p.edge)
		}, nil},
		{"to the request, when it ends", span.TraceID{}, func(p *passages, of *passage) {
			p.Join(of, call, 100, p.edge)
			p.End(of, request, 0, p.edge)
		}, []span.Edge{{A: call, B: request, Time: 100, Kind: span.EdgePassage}}},
		{"to the request, after its end", span.TraceID{}, func(p *passages, of *passage) {
			p.End(of, request, 0, p.edge)
			p.Join(of, call, 100, p.edge)
		}, []span.Edge{{A: call, B: request, Time: 100, Kind: span.EdgePassage}}},
		{"none within a group", span.TraceID{}, func(p *passages, of *passage) {
			p.End(of, call, 0, p.edge)
			p.Join(of, call, 100, p.edge)
		}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := newPassages()
			c.does(p, p.Begin(one, p.socket(), c.trace, 0))
			if len(p.edges) != len(c.want) || len(c.want) > 0 && p.edges[0] != c.want[0] {
				t.Errorf("edges %v, want %v", p.edges, c.want)
			}
		})
	}
}

func TestPassagesAreForgotten(t *testing.T) {
	t.Parallel()
	p := newPassages()
	s := p.socket()
	over := p.Begin(gopher, s, trace, 0)
	p.End(over, 5, 0, p.edge)
	latest := p.Begin(gopher, s, span.TraceID{}, 0)
	p.Join(latest, 5, 0, p.edge)

	p.Sweep(int64(passageLinger) + 1)
	if p.byID[over.id] != nil || p.byID[latest.id] == nil {
		t.Error("want the first passage forgotten, and the one that is going on kept")
	}
	p.Sweep(int64(passageIdle) + 1)
	if len(p.byID) != 0 || len(p.current) != 0 || p.process.passages != 0 {
		t.Errorf("%d passages left", len(p.byID))
	}
	if p.counts.edgesDropped.Load() != 1 {
		t.Error("the call that waited for its request's end was not counted")
	}
}

func TestPassageLimit(t *testing.T) {
	t.Parallel()
	p := newPassages()
	for i := range uint64(200) {
		p.Begin(executor{pid: 7, id: i + 1}, p.socket(), trace, 0)
	}
	if got := p.counts.passagesRefused.Load(); got != 100 || len(p.byID) != 100 {
		t.Errorf("%d refused, %d kept, want 100 of each", got, len(p.byID))
	}
	p.Drop(p.process)
	if len(p.byID) != 0 {
		t.Error("the process is gone and its passages are not")
	}
}

func TestSocketExpiry(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		socket socket
		idle   time.Duration
		want   bool
	}{
		{"in use", socket{}, time.Second, false},
		{"idle", socket{}, socketIdle + 1, true},
		{"waits for an answer", socket{open: 1}, socketIdle + 1, false},
		{"waits for ever", socket{open: 1}, socketForgotten + 1, true},
		{"closed a moment ago", socket{open: 1, closing: 1}, closeGrace, false},
		{"closed", socket{open: 1, closing: 1}, closeGrace + 2, true},
	} {
		if got := c.socket.expired(int64(c.idle)); got != c.want {
			t.Errorf("%s: expired %t, want %t", c.name, got, c.want)
		}
	}
}
