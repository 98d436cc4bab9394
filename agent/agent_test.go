package agent_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc"

	"github.com/throughline-io/throughline/agent"
	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/wire"
)

// server is an Ingest that remembers.
type server struct {
	wire.UnimplementedIngestServer
	address string

	mu      sync.Mutex
	spans   []*span.Span
	edges   []span.Edge
	reports []*wire.ReportRequest
}

func newServer(t *testing.T) *server {
	t.Helper()
	return newServerWith(t, func(grpc.ServiceRegistrar) {})
}

// newServerWith is one that answers further calls.
func newServerWith(t *testing.T, register func(grpc.ServiceRegistrar)) *server {
	t.Helper()
	path := filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	s := &server{address: "unix://" + path}
	g := grpc.NewServer()
	wire.RegisterIngestServer(g, s)
	register(g)
	go g.Serve(l)
	t.Cleanup(g.Stop)
	return s
}

func (s *server) Push(_ context.Context, r *wire.PushRequest) (*wire.PushResponse, error) {
	var b span.Batch
	if err := wire.Decode(r.Batch, &b); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.spans = slices.AppendSeq(s.spans, b.Spans())
	s.edges = append(s.edges, b.Edges...)
	return &wire.PushResponse{Accepted: uint64(b.Len())}, nil
}

func (s *server) Report(_ context.Context, r *wire.ReportRequest) (*wire.ReportResponse, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reports = append(s.reports, r)
	return &wire.ReportResponse{}, nil
}

// running is an agent that receives OTLP and captures nothing.
type running struct {
	stats agent.Stats
	end   func()
}

func run(t *testing.T, s *server, change func(*agent.Config)) *running {
	t.Helper()
	dir := t.TempDir()
	c := agent.Config{
		Name: "node0", Node: "node0", Server: s.address, SYS: "off", OTLPHTTP: "127.0.0.1:0", OTLPGRPC: "127.0.0.1:0", OTLPNative: "127.0.0.1:0",
		Stats: "unix://" + filepath.Join(dir, "stats"), Log: slog.New(slog.DiscardHandler),
	}
	if change != nil {
		change(&c)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- agent.Run(ctx, c) }()
	r := &running{end: sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})}
	t.Cleanup(r.end)
	eventually(t, "the agent is ready", func() bool {
		var err error
		r.stats, err = statsOf(c.Stats)
		select {
		case err := <-ended:
			ended <- err
			t.Fatalf("the agent ended: %v", err)
		default:
		}
		return err == nil && r.stats.Ready
	})
	return r
}

func statsOf(address string) (s agent.Stats, err error) {
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", strings.TrimPrefix(address, "unix://"))
	}}}
	response, err := client.Get("http://agent/")
	if err != nil {
		return s, err
	}
	defer response.Body.Close()
	return s, json.NewDecoder(response.Body).Decode(&s)
}

// eventually waits for something another goroutine does.
func eventually(t *testing.T, what string, done func() bool) {
	t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for !done() {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain: %s", what)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

const oneSpan = `{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}}]},"scopeSpans":[{"spans":[{"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174","name":"GET /x","startTimeUnixNano":"1790000000000000000"}]}]}]}`

func post(t *testing.T, address, path string) {
	t.Helper()
	response, err := http.Post("http://"+address+path, "application/json", strings.NewReader(oneSpan))
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusOK {
		t.Fatalf("POST %s: %s", path, response.Status)
	}
}

func TestAReceivedSpanIsStoredWhenItIsAnswered(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	r := run(t, s, nil)
	post(t, r.stats.OTLP[0], "/v1/traces")
	post(t, r.stats.OTLP[2], "/api/v1/otel/trace")
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.spans) != 2 {
		t.Fatalf("%d spans are stored", len(s.spans))
	}
	// The same span, sent twice, is the same span.
	if a, b := s.spans[0], s.spans[1]; a.ID != b.ID || a.Agent != "node0" || a.Node != "node0" || a.Service != "shop" {
		t.Errorf("stored %+v and %+v", a, b)
	}
}

func TestReportsSayWhatTheLedgerSays(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	r := run(t, s, nil)
	post(t, r.stats.OTLP[0], "/v1/traces")
	r.end()
	s.mu.Lock()
	defer s.mu.Unlock()
	last := s.reports[len(s.reports)-1]
	got := map[string]uint64{}
	for _, row := range last.Ledger {
		got[row.Stage+" "+row.Source+" "+row.What] = row.Count
	}
	if got["otlp APP in"] != 1 || got["otlp APP out"] != 1 || got["export APP in"] != 1 || got["export APP out"] != 1 {
		t.Errorf("ledger %v", got)
	}
	if last.Agent != "node0" || last.Boot != r.stats.Boot || last.Started == 0 {
		t.Errorf("report %v", last)
	}
}

func TestTheNextRunTellsForHowLongNobodyLooked(t *testing.T) {
	t.Parallel()
	s, dir := newServer(t), t.TempDir()
	keep := func(c *agent.Config) { c.StateDir = dir }
	first := run(t, s, keep)
	if len(first.stats.Blind) != 0 {
		t.Errorf("the first run was blind before: %v", first.stats.Blind)
	}
	first.end()
	ended := time.Now().UnixNano()
	second := run(t, s, keep)
	eventually(t, "the blind interval is reported", func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		for _, report := range s.reports {
			for _, row := range report.Ledger {
				if row.What == "blind" && report.Boot == second.stats.Boot {
					if row.From > ended || row.To < ended {
						t.Errorf("blind from %d to %d, though nobody looked at %d", row.From, row.To, ended)
					}
					return true
				}
			}
		}
		return false
	})
}

func TestASocketLeftByAKilledAgentIsNoHindrance(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "stats")
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	l.SetUnlinkOnClose(false) // as a killed agent leaves it
	l.Close()
	r := run(t, newServer(t), func(c *agent.Config) { c.Stats = "unix://" + path })
	if r.stats.Agent != "node0" {
		t.Errorf("stats %+v", r.stats)
	}
}

func TestPrintNeedsNoServer(t *testing.T) {
	t.Parallel()
	var out buffer
	r := run(t, &server{}, func(c *agent.Config) { c.Print = &out })
	post(t, r.stats.OTLP[0], "/v1/traces")
	r.end()
	var line struct{ Source, Service, Endpoint string }
	if err := json.Unmarshal(out.Bytes(), &line); err != nil || line.Source != "APP" || line.Service != "shop" || line.Endpoint != "GET /x" {
		t.Errorf("error %v, printed %s", err, out.Bytes())
	}
}

// buffer may be written and read at once. What it holds is not embedded: io.Copy would take its ReadFrom,
// which does not lock.
type buffer struct {
	mu   sync.Mutex
	held []byte
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.held = append(b.held, p...)
	return len(p), nil
}

func (b *buffer) Bytes() []byte {
	b.mu.Lock()
	defer b.mu.Unlock()
	return bytes.Clone(b.held)
}

func (b *buffer) String() string { return string(b.Bytes()) }

func TestAWrongConfigurationIsRefused(t *testing.T) {
	t.Parallel()
	for want, c := range map[string]agent.Config{
		"needs a name":              {Server: "x:1", SYS: "off"},
		"no server":                 {Name: "a", SYS: "off"},
		"unknown system call hooks": {Name: "a", Server: "x:1", SYS: "magic"},
		"is not a number":           {Name: "a", Server: "x:1", SYS: "off", OTLPHTTP: ":http-alt"},
		"open network namespace":    {Name: "a", Server: "x:1", SYS: "off", OTLPHTTP: ":0", Netns: "/nonexistent"},
	} {
		c.Log = slog.New(slog.DiscardHandler)
		if err := agent.Run(t.Context(), c); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one that says %q", err, want)
		}
	}
}
