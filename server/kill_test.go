package server

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/trace"
	"github.com/throughline-io/throughline/pkg/wire"
	"github.com/throughline-io/throughline/server/text"
)

// fleet is agents that push, and push again what was not acknowledged.
type fleet struct {
	client wire.IngestClient
	acked  atomic.Uint64 // spans
	wg     sync.WaitGroup
	stop   chan struct{}

	mu     sync.Mutex
	traces []string // whole and acknowledged, each of perTrace spans
	fatal  error
}

const perTrace = 20

// load starts n agents whose spans carry the service.
func load(client wire.IngestClient, service string, n int) *fleet {
	f := &fleet{client: client, stop: make(chan struct{})}
	for i := range n {
		f.wg.Go(func() { f.agent(fmt.Sprintf("%s-%d", service, i), service) })
	}
	return f
}

func (f *fleet) agent(name, service string) {
	boot := rand.Uint64()
	counter := uint64(0)
	for sequence := uint64(1); ; sequence++ {
		select {
		case <-f.stop:
			return
		default:
		}
		b := new(span.Batch)
		var traces []string
		for range 10 {
			var id span.TraceID
			for i := range id {
				id[i] = byte(rand.Uint32())
			}
			traces = append(traces, id.String())
			for i := range perTrace {
				counter++
				start := time.Now().UnixNano()
				s := &span.Span{ID: span.NewID(start, boot+counter), Source: span.APP, Point: span.PointApp, TraceID: id, Start: start, Duration: 1000,
					Agent: name, Node: "node0", Service: service, Endpoint: "work"}
				s.SpanID[7] = byte(i + 1)
				if i > 0 {
					s.ParentSpanID[7] = 1
				}
				b.Append(s)
			}
		}
		req := &wire.PushRequest{Agent: name, Boot: boot, Sequence: sequence, Batch: wire.Encode(b)}
		for {
			ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
			resp, err := f.client.Push(ctx, req)
			cancel()
			if err == nil {
				f.acked.Add(resp.GetAccepted())
				f.mu.Lock()
				f.traces = append(f.traces, traces...)
				f.mu.Unlock()
				break
			}
			if strings.Contains(err.Error(), "InvalidArgument") {
				f.mu.Lock()
				f.fatal = err
				f.mu.Unlock()
				return
			}
			time.Sleep(20 * time.Millisecond)
		}
	}
}

// end waits for the agents' last pushes.
func (f *fleet) end() { close(f.stop); f.wg.Wait() }

// check says whether the store has what was acknowledged, each span once to a reader.
func (f *fleet) check(t *testing.T, r *running, service string) {
	t.Helper()
	if f.fatal != nil {
		t.Errorf("an agent was told to drop a batch: %v", f.fatal)
	}
	acked := fmt.Sprint(f.acked.Load())
	var distinct, rows, counted string
	until(t, acked+" spans are in the store", func() bool { // what lay in the log when it died takes its time
		_, n := r.statement(t, http.MethodPost, "SELECT uniqExact(trace_id, span_id), count() FROM spans WHERE service = '"+service+"'", nil, "X-ClickHouse-Key", r.token)
		distinct, rows, _ = strings.Cut(n, "\t")
		return distinct == acked
	})
	if _, counted = r.statement(t, http.MethodPost, "SELECT sum(requests_minute.count) FROM requests_minute WHERE service = '"+service+"'", nil, "X-ClickHouse-Key", r.token); counted != acked {
		t.Errorf("%s spans acknowledged, %s counted in metrics", acked, counted)
	}
	t.Logf("%s spans acknowledged, %s stored in %s rows, %s counted", acked, distinct, rows, counted)
	for i := 0; i < len(f.traces); i += 1 + len(f.traces)/50 {
		var p trace.Printed
		r.ask(t, "/api/v1/traces/"+f.traces[i], nil, &p)
		if p.Counts.Total != perTrace || p.Counts.Orphans != 0 {
			t.Errorf("trace %s: %+v, want %d spans", f.traces[i], p.Counts, perTrace)
		}
	}
	var found text.FoundSpans
	r.ask(t, "/api/v1/search", map[string]string{"service": service, "scope": "all", "limit": "5000"}, &found)
	seen := map[string]bool{}
	for _, s := range found.Spans {
		if seen[s.ID] {
			t.Errorf("search shows span %s twice", s.ID)
		}
		seen[s.ID] = true
	}
}

func TestStoreKilledUnderLoadLosesNothing(t *testing.T) {
	t.Parallel()
	r := start(t, nil)
	f := load(r.client, "store-killed", 4)
	const kills = 5
	killed := 0
	for i := range kills {
		before := f.acked.Load()
		until(t, "spans are stored", func() bool { return f.acked.Load() > before+2000 })
		until(t, fmt.Sprintf("kill %d: a store runs and dies", i), func() bool { // spans are acknowledged without one
			var s text.Status
			r.ask(t, "/api/v1/status", nil, &s)
			if s.Store.PID == 0 || s.Store.PID == killed || syscall.Kill(s.Store.PID, syscall.SIGKILL) != nil {
				return false
			}
			killed = s.Store.PID
			return true
		})
	}
	before := f.acked.Load()
	until(t, "spans are stored again", func() bool { return f.acked.Load() > before+2000 })
	f.end()
	f.check(t, r, "store-killed")
	var s text.Status
	r.ask(t, "/api/v1/status", nil, &s)
	if s.Store.State != "ok" || s.Store.Restarts != kills || s.Sources["APP"].Stored != f.acked.Load() {
		t.Errorf("status: store %+v, APP %+v; want %d restarts and %d stored", s.Store, s.Sources["APP"], kills, f.acked.Load())
	}
}

// child is a server in a process of its own.
type child struct {
	running
	cmd *exec.Cmd
}

// serveForTest is the child's main.
func serveForTest(config string) {
	var c Config
	if err := json.Unmarshal([]byte(config), &c); err != nil {
		panic(err)
	}
	c.Log = slog.New(slog.NewTextHandler(logs{}, nil))
	if err := Run(context.Background(), c); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// startChild starts a server on dir and waits until it answers.
func startChild(t *testing.T, dir, address string) *child {
	t.Helper()
	binary, err := build()
	if err != nil {
		t.Fatal(err)
	}
	config, err := json.Marshal(map[string]any{
		"DataDir": filepath.Join(dir, "data"), "GRPC": []string{"unix://" + filepath.Join(dir, "s")}, "HTTP": []string{address},
		"StoreBinary": binary, "StoreLibrary": library(), "StoreMemory": 1 << 30, "Token": "secret",
	})
	if err != nil {
		t.Fatal(err)
	}
	c := &child{running: running{http: "http://" + address, token: "secret"}, cmd: exec.Command(os.Args[0])}
	c.cmd.Env = append(os.Environ(), "THROUGHLINE_TEST_SERVER="+string(config))
	c.cmd.Stderr = os.Stderr
	if err := c.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	until(t, "the server answers", func() bool {
		status, _, err := c.get("/healthz", nil)
		return err == nil && status == http.StatusOK
	})
	return c
}

// freeAddress is one that nobody listens at.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// agentOf speaks to the server on dir, and finds it again soon after it was killed.
func agentOf(t *testing.T, dir string) wire.IngestClient {
	t.Helper()
	conn, err := grpc.NewClient("unix://"+filepath.Join(dir, "s"), grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithConnectParams(grpc.ConnectParams{Backoff: backoff.Config{BaseDelay: 50 * time.Millisecond, Multiplier: 1, MaxDelay: 50 * time.Millisecond}, MinConnectTimeout: time.Second}))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return wire.NewIngestClient(conn)
}

func (c *child) kill() {
	_ = c.cmd.Process.Kill()
	_ = c.cmd.Wait()
}

func TestServerKilledUnderLoadLosesNothing(t *testing.T) {
	t.Parallel()
	needEngine(t)
	dir := shortDir(t)
	address := freeAddress(t)
	c := startChild(t, dir, address)
	defer func() { c.kill() }()
	client := agentOf(t, dir)
	first := time.Now()
	report := func(name string, boot uint64, started time.Time) {
		until(t, "a report is heard", func() bool {
			_, err := client.Report(t.Context(), &wire.ReportRequest{Agent: name, Node: "node0", Boot: boot, Started: started.UnixNano(), Now: time.Now().UnixNano(),
				Ledger: []*wire.LedgerRow{{Stage: "agent", What: "blind", From: first.UnixNano() - 2e9, To: first.UnixNano() - 1e9}}})
			return err == nil
		})
	}
	report("went on", 1, first)
	report("restarted", 1, first)
	f := load(client, "server-killed", 4)
	for range 3 {
		before := f.acked.Load()
		until(t, "spans are stored", func() bool { return f.acked.Load() > before+2000 })
		until(t, "the agents are noted in the store", func() bool {
			_, n := c.statement(t, http.MethodPost, "SELECT uniqExact(reporter) FROM ledger WHERE what = 'heard of' AND reporter IN ('went on', 'restarted')", nil, "X-ClickHouse-Key", c.token)
			return n == "2"
		})
		c.kill()
		c = startChild(t, dir, address)
	}
	before := f.acked.Load()
	until(t, "spans are stored again", func() bool { return f.acked.Load() > before+2000 })
	report("went on", 1, first)
	report("restarted", 2, time.Now()) // while there was no server, for all we know
	f.end()
	f.check(t, &c.running, "server-killed")

	until(t, "the gap is in the ledger", func() bool {
		var ledger text.Ledger
		c.ask(t, "/api/v1/ledger", map[string]string{"agent": "restarted"}, &ledger)
		return slices.ContainsFunc(ledger.Rows, func(r text.LedgerRow) bool {
			return r.What == silence && r.From < r.To && r.From > first.Add(-time.Minute).UnixNano()
		})
	})
	var ledger text.Ledger
	c.ask(t, "/api/v1/ledger", map[string]string{"agent": "went on"}, &ledger)
	for _, r := range ledger.Rows {
		if r.What == silence {
			t.Errorf("an agent that went on is said to have been blind: %+v", r)
		}
	}
	// What was stored of it is the same.
	c.ask(t, "/api/v1/ledger", map[string]string{"agent": "went on", "from": "now-1h"}, &ledger)
	if !slices.ContainsFunc(ledger.Rows, func(r text.LedgerRow) bool {
		return r.Stage == "agent" && r.What == "blind" && r.From == first.UnixNano()-2e9 && r.To == first.UnixNano()-1e9
	}) {
		t.Errorf("the agent's own interval is not in the store: %+v", ledger.Rows)
	}
}

// A store that hangs costs disk, not memory, and agents do not notice.
func TestAStoreThatHangsCostsNoMemory(t *testing.T) {
	t.Parallel()
	needEngine(t)
	dir := shortDir(t)
	c := startChild(t, dir, freeAddress(t))
	defer func() { c.kill() }()
	f := load(agentOf(t, dir), "store-hangs", 4)
	until(t, "spans are acknowledged", func() bool { return f.acked.Load() > 2000 })
	var s text.Status
	c.ask(t, "/api/v1/status", nil, &s)
	if err := syscall.Kill(s.Store.PID, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	before := f.acked.Load()
	until(t, "spans are acknowledged while it hangs", func() bool { return f.acked.Load() > before+200_000 })
	if status, body, err := c.get("/healthz", nil); err != nil || status != http.StatusServiceUnavailable {
		t.Errorf("health while the store hangs: %d %s %v", status, body, err)
	}
	const most = 256 << 20 // the batches under way, and what the collector has not yet freed
	if n := peakMemory(t, c.cmd.Process.Pid); n > most {
		t.Errorf("the server took %d MiB, at most %d are right", n>>20, most>>20)
	}
	if err := syscall.Kill(s.Store.PID, syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	f.end()
	f.check(t, &c.running, "store-hangs")
}

// peakMemory is the most a process had, in bytes.
func peakMemory(t *testing.T, pid int) int64 {
	t.Helper()
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		if rest, found := strings.CutPrefix(line, "VmHWM:"); found {
			var kb int64
			if _, err := fmt.Sscan(rest, &kb); err != nil {
				t.Fatal(err)
			}
			return kb << 10
		}
	}
	t.Fatal("no VmHWM")
	return 0
}
