package plugin

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/throughline-io/throughline/pkg/store"
)

// ledgerStore is a store with a ledger, and with a newest span for some sources.
type ledgerStore struct {
	fakeStore
	ledger []store.LedgerRow
	newest map[string]int64
}

func (s *ledgerStore) Search(_ context.Context, q store.SearchQuery) (store.Found, error) {
	if at := s.newest[q.Source]; at > 0 {
		return store.Found{Rows: []store.SearchRow{{Start: at}}}, s.err
	}
	return store.Found{}, s.err
}

func (s *ledgerStore) Ledger(context.Context, store.LedgerQuery) ([]store.LedgerRow, error) {
	return s.ledger, s.err
}

var noon = time.Unix(1_700_000_000, 0)

func overview(s *ledgerStore) *connected {
	i := newInstance(&s.fakeStore)
	i.store = s
	return i.connected(context.Background(), noon)
}

func (c *connected) has(t *testing.T, part string) {
	t.Helper()
	for _, a := range c.Advice {
		if strings.Contains(a.What+": "+a.Do, part) {
			return
		}
	}
	t.Errorf("no advice says %q: %+v", part, c.Advice)
}

func TestConnected(t *testing.T) {
	t.Parallel()
	ago := func(d time.Duration) int64 { return noon.Add(-d).UnixNano() }
	row := func(reporter string, boot uint64, at time.Duration, stage, source, what string, count uint64) store.LedgerRow {
		return store.LedgerRow{Reporter: reporter, Node: "n-" + reporter, Boot: boot, Started: ago(time.Hour), Time: ago(at), Stage: stage, Source: source, What: what, Count: count}
	}
	c := overview(&ledgerStore{
		newest: map[string]int64{"APP": ago(time.Second), "SYS": ago(2 * time.Second)},
		ledger: []store.LedgerRow{
			row("a", 1, time.Hour, "server", "", heardLine, 1),
			row("a", 2, time.Second, "server", "", heardLine, 1),
			row("a", 1, time.Hour, "export", "SYS", "dropped: queue full", 2),
			row("a", 2, time.Second, "export", "SYS", "dropped: queue full", 3),
			row("a", 2, time.Second, "sys", "SYS", "calls left out: port", 99),
			row("a", 7, 30*time.Minute, "server", "", silenceLine, uint64(time.Minute)),
			row("b", 1, 10*time.Minute, "server", "", heardLine, 1),
			row("b", 1, 10*time.Minute, "net", "NET", "in: packets behind the filter", 12),
			row("server", 1, time.Second, "ingest", "APP", "stored", 46),
		},
	})
	if !c.Store.OK || len(c.Agents) != 2 || !c.Agents[0].Alive || c.Agents[1].Alive {
		t.Fatalf("%+v", c)
	}
	if a := c.Agents[0]; a.Runs != 2 || a.Lost != 5 || a.Node != "n-a" || len(a.Blind) != 1 || a.Blind[0].To-a.Blind[0].From != 60_000 {
		t.Errorf("agent: %+v", a)
	}
	if s := c.Sources; s[0].Stored != 46 || s[0].Last != noon.UnixMilli()-1000 || s[1].Lost != 5 || s[2].Last != 0 {
		t.Errorf("sources: %+v", s)
	}
	if len(c.Losses) != 1 || c.Losses[0].Count != 5 || c.Losses[0].What != "dropped: queue full" {
		t.Errorf("what is left out is no loss: %+v", c.Losses)
	}
	c.has(t, "Agent b on node n-b has not been heard of since 2023-11-14 22:03:20 UTC")
	c.has(t, "of 12 packets seen, none was")
}

func TestNothingConnected(t *testing.T) {
	t.Parallel()
	c := overview(&ledgerStore{})
	if !c.Store.OK || len(c.Advice) != 1 {
		t.Errorf("%+v", c)
	}
	c.has(t, "because no agent has reported")
	// An agent and no spans: for every source what to do.
	c = overview(&ledgerStore{ledger: []store.LedgerRow{{Reporter: "a", Time: noon.UnixNano(), Stage: "server", What: heardLine, Count: 1}}})
	c.has(t, "OTEL_EXPORTER_OTLP_ENDPOINT")
	c.has(t, "--sys-variant")
	c.has(t, "CAP_NET_RAW")
}

// The overview answers where nothing else does.
func TestConnectedWithoutStore(t *testing.T) {
	t.Parallel()
	c := overview(&ledgerStore{fakeStore: fakeStore{err: errors.New("dial tcp: connection refused")}})
	if c.Store.OK || !strings.Contains(c.Store.Message, "Start the server") {
		t.Errorf("%+v", c.Store)
	}
	w := get(&Instance{fault: errors.New("no URL is set")}, "/connected")
	if w.Code != 200 || !strings.Contains(w.Body.String(), "no URL is set") || !json.Valid(w.Body.Bytes()) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}
