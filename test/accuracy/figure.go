package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/throughline-io/throughline/demo/process"
	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/store"
	"github.com/throughline-io/throughline/pkg/trace"
)

// Figure is a row of the scoreboard.
type Figure struct {
	Case     string  `json:"case"`
	Way      string  `json:"way"`
	Requests int     `json:"requests"`
	Expected int     `json:"expected"` // calls of these requests
	Client   Loaded  `json:"client"`
	SYS      float64 `json:"sys"` // share of the spans expected that are stored
	NET      float64 `json:"net"`
	Doubled  int     `json:"doubled"` // spans beyond those expected
	Score    Score   `json:"score"`
	AgentUS  float64 `json:"agent_us"` // CPU of the agent for a request, in µs
	// Losses are what the agent counted as lost or not looked at.
	Losses map[string]uint64 `json:"losses,omitempty"`
	// Differs are traces that the HTTP API tells otherwise than they were scored.
	Differs int `json:"differs"`
}

// measure makes a load of requests and scores what the product says of them.
func (s *site) measure(ctx context.Context, w way, requests int) (f Figure, err error) {
	f = Figure{Case: s.c.Name, Way: w.name, Requests: requests, Expected: requests * s.c.calls()}
	load := "r" + strings.ToLower(rand8())
	idle, err := s.idle(ctx)
	if err != nil {
		return f, err
	}
	before, err := s.agent.ledger(ctx)
	if err != nil {
		return f, err
	}
	cpu, err := process.RunTime(s.agent.Pid())
	if err != nil {
		return f, err
	}
	began := time.Now()
	if f.Client, err = s.load(ctx, load, requests, w.connections, w.rate); err != nil {
		return f, err
	}
	loaded := time.Now()
	err = s.product.settled(ctx, load, requests*(s.c.sys()+s.c.net()), func() error {
		used, err := process.RunTime(s.agent.Pid())
		f.AgentUS = max(0, (used-cpu).Seconds()-idle.Seconds()*time.Since(began).Seconds()) * 1e6 / float64(requests)
		return err
	})
	if err != nil {
		return f, err
	}
	if s.c.SDK {
		if err := s.product.settledCode(ctx, began); err != nil {
			return f, err
		}
	}
	after, err := s.agent.ledger(ctx)
	if err != nil {
		return f, err
	}
	f.Losses = losses(before, after)
	return f, s.score(ctx, &f, load, began, loaded)
}

// idle is the CPU time that the agent takes in a second without requests: the least of some windows, the
// first of which still have to do with what was before.
func (s *site) idle(ctx context.Context) (time.Duration, error) {
	const window, windows = 300 * time.Millisecond, 5
	least := time.Second
	for range windows {
		before, err := process.RunTime(s.agent.Pid())
		if err != nil {
			return 0, err
		}
		if err := pause(ctx, window); err != nil {
			return 0, err
		}
		after, err := process.RunTime(s.agent.Pid())
		if err != nil {
			return 0, err
		}
		least = min(least, (after-before)*(time.Second/window))
	}
	return least, nil
}

// storedSpan is a row of a load or of a background job.
type storedSpan struct {
	ID       uint64 `json:"id"`
	Source   span.Source
	Point    span.Point
	Resource string `json:"request_resource"`
	Client   string
}

const spansOf = "SELECT DISTINCT id, source AS Source, point AS Point, request_resource, replaceOne(toString(client_ip), '::ffff:', '') AS Client FROM spans " +
	"WHERE bucket > now() - 7200 AND source IN (2, 3) AND "

// score reads what is stored of the load, and the trace of every request and call.
func (s *site) score(ctx context.Context, f *Figure, load string, began, ended time.Time) error {
	stored, err := rows[storedSpan](ctx, s.product, spansOf+fmt.Sprintf("(position(request_resource, '%s-') > 0 OR startsWith(request_resource, '/background/') AND start BETWEEN %d AND %d)", load, began.UnixNano(), ended.UnixNano()))
	if err != nil {
		return err
	}
	sc := newScoring(load, netip.MustParseAddr(s.addr("client")), s.c.sys())
	seen := map[span.Source]map[owner]int{span.SYS: {}, span.NET: {}}
	var requests []uint64
	for _, r := range stored {
		o := ownerOf(r.Resource)
		if !o.background {
			seen[r.Source][o]++
		}
		switch {
		case r.Source != span.SYS || r.Point != span.PointClientProcess:
		case r.Client == s.addr("client"):
			requests = append(requests, r.ID)
		default:
			sc.made(r.ID, o)
		}
	}
	f.count(seen, s.c)
	see := func(t *trace.Tree) { sc.tree(t) }
	if sc.score.Unread, err = s.product.read(ctx, requests, see); err != nil {
		return err
	}
	if _, err := s.product.read(ctx, sc.missed(), see); err != nil {
		return err
	}
	f.Score = sc.total(f.Expected)
	f.Differs, err = s.product.compare(ctx, requests)
	return err
}

// count says how many of the spans are there.
func (f *Figure) count(seen map[span.Source]map[owner]int, c Case) {
	share := func(source span.Source, each int) float64 {
		sum := 0
		for _, n := range seen[source] {
			sum += min(n, each)
			f.Doubled += max(0, n-each)
		}
		return float64(sum) / float64(f.Requests*each)
	}
	f.SYS, f.NET = share(span.SYS, c.sys()), share(span.NET, c.net())
}

// settled waits until the spans of a load are stored, or no more come; more is called whenever some came.
func (p *product) settled(ctx context.Context, load string, want int, more func() error) error {
	return p.still(ctx, fmt.Sprintf("source IN (2, 3) AND position(request_resource, '%s-') > 0", load), func(n int, quiet time.Duration) bool {
		return n >= want && quiet > 500*time.Millisecond || quiet > 4*time.Second
	}, more)
}

// settledCode waits until no more spans of code come: an SDK sends them twice a second.
func (p *product) settledCode(ctx context.Context, began time.Time) error {
	return p.still(ctx, fmt.Sprintf("source = 1 AND start > %d", began.UnixNano()), func(_ int, quiet time.Duration) bool {
		return quiet > 3*time.Second
	}, func() error { return nil })
}

// still counts spans until that many, which have been as many for so long, will do.
func (p *product) still(ctx context.Context, which string, done func(n int, quiet time.Duration) bool, more func() error) error {
	last, since := -1, time.Now()
	for limit := time.Now().Add(40 * time.Second); time.Now().Before(limit); {
		counted, err := rows[struct{ N int }](ctx, p, "SELECT uniqExact(id) AS N FROM spans WHERE bucket > now() - 7200 AND "+which)
		if err != nil {
			return err
		}
		if n := counted[0].N; n != last {
			last, since = n, time.Now()
			if err := more(); err != nil {
				return err
			}
		}
		if done(last, time.Since(since)) {
			return nil
		}
		if err := pause(ctx, 250*time.Millisecond); err != nil {
			return err
		}
	}
	return nil
}

// tracesAtOnce is how many traces are read together, as the list of requests reads them.
const tracesAtOnce = 200

// read assembles the traces of spans, each trace once, as the list of requests does. unread are those that
// are too large.
func (p *product) read(ctx context.Context, ids []uint64, see func(*trace.Tree)) (unread int, err error) {
	for len(ids) > 0 {
		now := ids[:min(len(ids), tracesAtOnce)]
		ids = ids[len(now):]
		texts := make([]string, len(now))
		for i, id := range now {
			texts[i] = span.FormatID(id)
		}
		read, err := p.store.Traces(ctx, store.TracesQuery{IDs: texts})
		if err != nil {
			return unread, err
		}
		unread += len(read.TooLarge)
		done := map[*store.TraceData]bool{}
		for i, text := range texts {
			if data := read.Traces[text]; data != nil && !done[data] {
				done[data] = true
				see(assemble(data))
			} else if slices.Contains(read.Left, text) {
				ids = append(ids, now[i])
			}
		}
	}
	return unread, nil
}

func assemble(data *store.TraceData) *trace.Tree {
	options := trace.Options{Entities: entitiesOf(data)}
	if data.Watched != nil {
		options.Watched = data.Watched.At
	}
	return trace.Assemble(data.Spans, options)
}

func entitiesOf(data *store.TraceData) trace.Entities {
	return func(id uint64) *span.Entity {
		if e, ok := data.Entities[id]; ok {
			return &e
		}
		return nil
	}
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// lost are words of the ledger's lines for what was not seen or not passed on.
var lost = []string{"drop", "lost", "refus", "given up", "gap", "malformed", "full", "not ", "without", "too ", "timeout", "unreadable", "skipped"}

// harmless are lines that have such words and are of no loss.
var harmless = []string{"other namespace", "packets without TCP"}

// losses is what the ledger counted between two times.
func losses(before, after map[string]uint64) map[string]uint64 {
	out := map[string]uint64{}
	for what, n := range after {
		if n > before[what] && !slices.ContainsFunc(harmless, func(word string) bool { return strings.Contains(what, word) }) && slices.ContainsFunc(lost, func(word string) bool { return strings.Contains(strings.ToLower(what), word) }) {
			out[what] = n - before[what]
		}
	}
	return out
}

func rand8() string { return fmt.Sprintf("%08x", rand.Uint32()) }
