package plugin

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/throughline-io/throughline/pkg/store"
	"github.com/throughline-io/throughline/pkg/trace/words"
)

const (
	// connectedFor is how far back the overview looks.
	connectedFor = 24 * time.Hour
	// quietAfter is when an agent counts as gone: the server stores every ten seconds when
	// it heard of it.
	quietAfter = 40 * time.Second
	// maxLines bounds the lines of losses that are sent, the largest first.
	maxLines = 50
)

// ledgerReader is a store that keeps what agents and server counted.
type ledgerReader interface {
	Ledger(ctx context.Context, q store.LedgerQuery) ([]store.LedgerRow, error)
}

// connected is what there is: the answer of GET connected, times in Unix ms.
type connected struct {
	Now     int64             `json:"now"`
	Hours   float64           `json:"hours"` // how far back it looks
	Store   connectedStore    `json:"store"`
	Agents  []connectedAgent  `json:"agents"`
	Sources []connectedSource `json:"sources"`
	Losses  []connectedLine   `json:"losses"`
	More    int               `json:"moreLosses,omitempty"` // lines that are left out
	Advice  []advice          `json:"advice"`               // what is missing, the most important first
}

type connectedStore struct {
	OK      bool   `json:"ok"`
	Where   string `json:"where"`
	Message string `json:"message,omitempty"`
}

type connectedAgent struct {
	Name    string          `json:"name"`
	Node    string          `json:"node"`
	Started int64           `json:"started"`
	Heard   int64           `json:"heard"` // last report
	Alive   bool            `json:"alive"`
	Runs    int             `json:"runs"`
	Lost    uint64          `json:"lost"`
	Blind   []connectedTime `json:"blind,omitempty"`
}

type connectedTime struct {
	From int64 `json:"from"`
	To   int64 `json:"to"`
}

type connectedSource struct {
	Source string `json:"source"`
	Last   int64  `json:"last"`   // start of the newest span, 0: none
	Stored uint64 `json:"stored"` // as the server counted
	Lost   uint64 `json:"lost"`
}

type connectedLine struct {
	Reporter string `json:"reporter"`
	Stage    string `json:"stage"`
	Source   string `json:"source,omitempty"`
	What     string `json:"what"`
	Count    uint64 `json:"count"`
}

// advice is something that is not there, why, and what to do.
type advice struct {
	What string `json:"what"`
	Do   string `json:"do"`
	// Optional is what a setup does without that sends OpenTelemetry alone.
	Optional bool `json:"optional,omitempty"`
}

// connectedResource is GET connected. It answers where the store does not, too: that is
// what it is for.
func (i *Instance) connectedResource(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), healthTimeout)
	defer cancel()
	answer(w, http.StatusOK, i.connected(ctx, time.Now()))
}

func (i *Instance) connected(ctx context.Context, now time.Time) *connected {
	c := &connected{
		Now: now.UnixMilli(), Hours: connectedFor.Hours(), Store: connectedStore{Where: i.where},
		Agents: []connectedAgent{}, Sources: []connectedSource{}, Losses: []connectedLine{}, Advice: []advice{},
	}
	fail := func(message string) *connected {
		c.Store.Message = message
		c.Advice = []advice{{What: "The store cannot be read", Do: message}}
		return c
	}
	if i.fault != nil {
		return fail(i.fault.Error())
	}
	if err := i.store.Ping(ctx); err != nil {
		return fail(i.diagnose(err))
	}
	since := now.Add(-connectedFor).UnixNano()
	last, rows, err := i.newest(ctx, since)
	if err != nil {
		return fail(i.diagnose(err))
	}
	c.Store.OK = true
	c.read(rows, now)
	for n := range c.Sources {
		c.Sources[n].Last = last[c.Sources[n].Source] / int64(time.Millisecond)
	}
	c.advise(rows)
	return c
}

var sources = []string{"APP", "SYS", "NET"}

// newest is the start of each source's newest span, and the ledger.
func (i *Instance) newest(ctx context.Context, since int64) (map[string]int64, []store.LedgerRow, error) {
	var (
		group errgroup.Group
		rows  []store.LedgerRow
		at    = make([]int64, len(sources))
	)
	for n, source := range sources {
		group.Go(func() error {
			found, err := i.store.Search(ctx, store.SearchQuery{From: since, Source: source, Scope: store.ScopeAll, Limit: 1})
			if err == nil && len(found.Rows) > 0 {
				at[n] = found.Rows[0].Start
			}
			return err
		})
	}
	group.Go(func() (err error) {
		if s, ok := i.store.(ledgerReader); ok {
			rows, err = s.Ledger(ctx, store.LedgerQuery{From: since})
		}
		return err
	})
	if err := group.Wait(); err != nil {
		return nil, nil, fmt.Errorf("read what is connected: %w", err)
	}
	last := map[string]int64{}
	for n, source := range sources {
		last[source] = at[n]
	}
	return last, rows, nil
}

// The server's own lines, and those it adds about agents.
const (
	serverReporter = "server"
	heardLine      = "heard of"
	silenceLine    = "blind: not heard of"
	blindLine      = "blind"
)

// lost reports whether a line of the ledger counts something that should have been seen.
// What is ignored or left out is not wanted; a push that failed is sent again.
func lost(what string) bool {
	for _, sign := range []string{"dropped: ", "lost: ", "refused: "} {
		if strings.Contains(what, sign) {
			return what != "requests refused: come back later" // the sender keeps it
		}
	}
	return false
}

// read sums the ledger up: runs of an agent together.
func (c *connected) read(rows []store.LedgerRow, now time.Time) {
	agents := map[string]*connectedAgent{}
	boots := map[string]map[uint64]bool{}
	bySource := map[string]*connectedSource{}
	for _, name := range sources {
		bySource[name] = &connectedSource{Source: name}
	}
	type key struct{ reporter, stage, source, what string }
	lines := map[key]uint64{}
	for _, r := range rows {
		if r.Reporter == serverReporter {
			if s := bySource[r.Source]; s != nil && r.Stage == "ingest" && r.What == "stored" {
				s.Stored += r.Count
			}
		} else {
			a := agents[r.Reporter]
			if a == nil {
				a = &connectedAgent{Name: r.Reporter}
				agents[r.Reporter], boots[r.Reporter] = a, map[uint64]bool{}
			}
			switch {
			case r.What == silenceLine, r.Stage == "agent" && r.What == blindLine: // its end and its length
				a.Blind = append(a.Blind, connectedTime{From: unixMilli(r.Time - int64(r.Count)), To: unixMilli(r.Time)})
				continue
			case r.What == heardLine:
				boots[r.Reporter][r.Boot] = true
			}
			if at := unixMilli(r.Time); at >= a.Heard {
				a.Heard, a.Node, a.Started = at, r.Node, unixMilli(r.Started)
			}
			if lost(r.What) {
				a.Lost += r.Count
			}
		}
		if lost(r.What) && r.Count > 0 {
			lines[key{r.Reporter, r.Stage, r.Source, r.What}] += r.Count
			if s := bySource[r.Source]; s != nil {
				s.Lost += r.Count
			}
		}
	}
	for _, name := range sources {
		c.Sources = append(c.Sources, *bySource[name])
	}
	for name, a := range agents {
		a.Runs = len(boots[name])
		a.Alive = a.Heard > now.Add(-quietAfter).UnixMilli()
		slices.SortFunc(a.Blind, func(x, y connectedTime) int { return cmp.Compare(x.From, y.From) })
		c.Agents = append(c.Agents, *a)
	}
	slices.SortFunc(c.Agents, func(x, y connectedAgent) int { return cmp.Compare(x.Name, y.Name) })
	for k, n := range lines {
		c.Losses = append(c.Losses, connectedLine{k.reporter, k.stage, k.source, k.what, n})
	}
	slices.SortFunc(c.Losses, func(x, y connectedLine) int {
		return cmp.Or(cmp.Compare(y.Count, x.Count), cmp.Compare(x.Reporter, y.Reporter), cmp.Compare(x.What, y.What))
	})
	c.More = max(0, len(c.Losses)-maxLines)
	c.Losses = c.Losses[:len(c.Losses)-c.More]
}

func unixMilli(ns int64) int64 { return ns / int64(time.Millisecond) }

// advise says why something is not there, and what to do.
func (c *connected) advise(rows []store.LedgerRow) {
	add := func(what, do string) { c.Advice = append(c.Advice, advice{What: what, Do: do}) }
	code := slices.ContainsFunc(c.Sources, func(s connectedSource) bool { return s.Source == "APP" && s.Last > 0 })
	maybe := func(what, do string) { c.Advice = append(c.Advice, advice{What: what, Do: do, Optional: code}) }
	spans := slices.ContainsFunc(c.Sources, func(s connectedSource) bool { return s.Last > 0 })
	if len(c.Agents) == 0 && !spans {
		add("Nothing yet, because no agent has reported in the last 24 hours",
			"Start one on each node: throughline agent --server HOST:20033. Where one runs, its log says why it does not reach the server")
		return
	}
	for _, a := range c.Agents {
		if !a.Alive {
			add(fmt.Sprintf("Agent %s on node %s has not been heard of since %s", a.Name, a.Node, time.UnixMilli(a.Heard).UTC().Format("2006-01-02 15:04:05 UTC")),
				"See whether it runs and reaches the server's gRPC address (20033); if the node is gone for good, this line goes after a day")
		}
	}
	// How far a source's events got, by the agents' counts.
	got := func(stage, what string) (n uint64) {
		for _, r := range rows {
			if r.Stage == stage && r.What == what {
				n += r.Count
			}
		}
		return n
	}
	for _, s := range c.Sources {
		if s.Last > 0 {
			continue
		}
		switch s.Source {
		case "APP":
			if n := got("otlp", "requests refused: malformed") + got("otlp", "requests refused: content type or encoding"); n > 0 {
				add(fmt.Sprintf("No spans from code yet, for the agents refused %s with spans", words.Count(n, "request")), "The sender's log has the reason; the agent takes OTLP as protobuf or JSON, plain, gzip or zstd")
				continue
			}
			add("No spans from code yet, because no program has sent any", "Set OTEL_EXPORTER_OTLP_ENDPOINT=http://NODE:4318 (HTTP) or http://NODE:4317 (gRPC) for your instrumented programs, with NODE their own node")
		case "SYS":
			if n := got("sys", "calls read"); n > 0 {
				add(fmt.Sprintf("No spans from system calls yet: of %s read, none was an HTTP/1.1 or MySQL request", words.Count(n, "call")), "Send a request without TLS to a pod on an agent's node")
				continue
			}
			maybe("No spans from system calls yet, because no agent reads them", "Run the agent as root (CAP_BPF, CAP_PERFMON), on Linux 5.4 or newer, not with --sys-variant off; its log names what is missing")
		case "NET":
			if n := got("net", "in: packets behind the filter"); n > 0 {
				add(fmt.Sprintf("No spans from the network yet: of %s seen, none was an HTTP/1.1 or MySQL request", words.Count(n, "packet")), "Send a request without TLS between two pods")
				continue
			}
			maybe("No spans from the network yet, because no agent captures packets", "Run the agent with CAP_NET_RAW and CAP_NET_ADMIN, in the node's network namespace (--netns), not with --net off")
		}
	}
}
