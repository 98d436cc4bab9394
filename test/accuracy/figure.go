package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"time"

	"github.com/throughline-io/throughline/demo/process"
	"github.com/throughline-io/throughline/pkg/span"
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
	load := fmt.Sprintf("r%08x", rand.Uint32())
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
		if err := s.product.settledCode(ctx, began, loaded); err != nil {
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
	const window, windows = 300 * time.Millisecond, 3
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
		least = min(least, (after-before)*time.Second/window)
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
			sc.made(r.ID, o, r.Resource)
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
