package server

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"gopkg.in/yaml.v3"

	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/trace/tracetest"
	"github.com/throughline-io/throughline/pkg/wire"
)

// The tests run whole servers with the embedded engine, whose program is built once, and
// talk to them as agents and users do.

var build = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "server-test")
	if err != nil {
		return "", err
	}
	buildDir = dir
	root, err := filepath.Abs("..")
	if err != nil {
		return "", err
	}
	binary := filepath.Join(dir, "throughline-store")
	cmd := exec.Command("go", "build", "-o", binary, "./cmd/throughline-store")
	cmd.Dir = root
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build throughline-store: %w\n%s", err, out)
	}
	return binary, nil
})

var buildDir string

func TestMain(m *testing.M) {
	if config := os.Getenv("THROUGHLINE_TEST_SERVER"); config != "" {
		serveForTest(config) // a child that a test kills
		return
	}
	code := m.Run()
	shared.stop()
	if shared != nil {
		os.RemoveAll(shared.dir)
	}
	os.RemoveAll(buildDir)
	os.Exit(code)
}

// library is where `npm install` puts the engine.
func library() string {
	if l := os.Getenv("THROUGHLINE_LIBCHDB"); l != "" {
		return l
	}
	root, _ := filepath.Abs("..")
	return filepath.Join(root, "node_modules/@chdb/lib-linux-x64-gnu/libchdb.so")
}

// running is a server under test.
type running struct {
	http, grpc string // base URL, target
	token      string
	dir        string
	cancel     context.CancelFunc
	done       chan struct{}
	err        error
	client     wire.IngestClient
	conn       *grpc.ClientConn
	tls        bool
}

// launch starts a server on dir and waits until it is well; change may alter its configuration.
func launch(dir string, change func(*Config)) (*running, error) {
	r, err := begin(dir, change)
	if err != nil {
		return nil, err
	}
	for {
		switch status, _, err := r.get("/healthz", nil); {
		case err == nil && status == http.StatusOK, r.tls: // with TLS, tests wait for themselves
			return r, nil
		}
		select {
		case <-r.done:
			return nil, fmt.Errorf("the server ended: %w", r.err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// begin starts a server on dir, whose store may still be starting.
func begin(dir string, change func(*Config)) (*running, error) {
	binary, err := build()
	if err != nil {
		return nil, err
	}
	entities := filepath.Join(dir, "entities.yaml")
	if err := os.WriteFile(entities, webshopEntities(), 0o600); err != nil {
		return nil, err
	}
	r := &running{token: "secret", dir: dir, done: make(chan struct{})}
	listening := make(chan struct{})
	c := Config{
		DataDir: filepath.Join(dir, "data"), GRPC: []string{"unix://" + filepath.Join(dir, "s")}, HTTP: []string{"127.0.0.1:0"},
		StoreBinary: binary, StoreLibrary: library(), StoreMemory: 1 << 30, FreshEvery: time.Nanosecond, Entities: entities, Token: r.token, Version: "test",
		Log: slog.New(slog.NewTextHandler(logs{}, nil)),
		Listening: func(g, h []net.Addr) {
			r.grpc, r.http = "unix://"+filepath.Join(dir, "s"), "http://"+h[0].String()
			close(listening)
		},
	}
	if change != nil {
		change(&c)
	}
	ctx, cancel := context.WithCancel(context.Background())
	r.cancel = cancel
	go func() { defer close(r.done); r.err = Run(ctx, c) }()
	select {
	case <-listening:
	case <-r.done:
		cancel()
		return nil, r.err
	}
	if r.conn, err = grpc.NewClient(r.grpc, grpc.WithTransportCredentials(insecure.NewCredentials())); err != nil {
		cancel()
		return nil, err
	}
	r.client, r.tls = wire.NewIngestClient(r.conn), c.Cert != ""
	return r, nil
}

func (r *running) stop() {
	if r == nil || r.cancel == nil {
		return
	}
	r.conn.Close()
	r.cancel()
	<-r.done
}

// logs goes to standard error when asked for.
type logs struct{}

func (logs) Write(b []byte) (int, error) {
	if os.Getenv("THROUGHLINE_TEST_LOG") != "" {
		return os.Stderr.Write(b)
	}
	return len(b), nil
}

// start runs a server of the test's own.
func start(t *testing.T, change func(*Config)) *running {
	t.Helper()
	needEngine(t)
	r, err := launch(shortDir(t), change)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.stop)
	return r
}

// shortDir is a temporary directory whose path fits a unix socket.
func shortDir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "tls")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

func needEngine(t testing.TB) {
	t.Helper()
	if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" {
		t.Skip("the embedded engine is for linux/amd64")
	}
	if _, err := os.Stat(library()); err != nil {
		t.Fatalf("%v: run `npm install` in the repository (it brings @chdb/lib-linux-x64-gnu), or set THROUGHLINE_LIBCHDB to libchdb.so", err)
	}
}

var (
	shared     *running
	sharedOnce sync.Once
	sharedErr  error
)

// server is the one that tests share which do not harm it.
func server(t testing.TB) *running {
	t.Helper()
	needEngine(t)
	sharedOnce.Do(func() {
		dir, err := os.MkdirTemp("", "tls")
		if err != nil {
			sharedErr = err
			return
		}
		shared, sharedErr = launch(dir, nil)
	})
	if sharedErr != nil {
		t.Fatal(sharedErr)
	}
	return shared
}

func webshopEntities() []byte {
	type entry struct {
		IP           string `yaml:"ip"`
		Pod          string `yaml:"pod"`
		Service      string `yaml:"service"`
		Workload     string `yaml:"workload"`
		WorkloadKind string `yaml:"workload_kind"`
		Namespace    string `yaml:"namespace"`
		Node         string `yaml:"node"`
	}
	var doc struct {
		Entities []entry `yaml:"entities"`
	}
	for _, e := range tracetest.WebShopEntities() {
		doc.Entities = append(doc.Entities, entry{e.IP, e.Pod, e.Service, e.Workload, e.WorkloadKind, e.Namespace, e.Node})
	}
	b, err := yaml.Marshal(doc)
	if err != nil {
		panic(err)
	}
	return b
}

// get asks the API; header is key and value pairs.
func (r *running) get(path string, query map[string]string, header ...string) (int, []byte, error) {
	req, err := http.NewRequest(http.MethodGet, r.http+path, nil)
	if err != nil {
		return 0, nil, err
	}
	q := req.URL.Query()
	for k, v := range query {
		q.Set(k, v)
	}
	req.URL.RawQuery = q.Encode()
	for i := 0; i < len(header); i += 2 {
		if header[i] == "Host" {
			req.Host = header[i+1]
		}
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return resp.StatusCode, body, err
}

// ask asks the API for JSON and expects 200.
func (r *running) ask(t testing.TB, path string, query map[string]string, v any) {
	t.Helper()
	status, body, err := r.get(path, query)
	if err != nil || status != http.StatusOK {
		t.Fatalf("GET %s: %d %s %v", path, status, body, err)
	}
	if err := json.Unmarshal(body, v); err != nil {
		t.Fatalf("GET %s: %v in %.200s", path, err, body)
	}
}

var sequences atomic.Uint64

// push sends spans as the agents of their nodes would, until the server has them.
func (r *running) push(t testing.TB, spans []*span.Span) {
	t.Helper()
	for node, b := range batches(spans) {
		req := &wire.PushRequest{Agent: "agent-" + node, Boot: 1, Sequence: sequences.Add(1), Batch: wire.Encode(b)}
		resp, err := r.client.Push(t.Context(), req)
		if err != nil || resp.GetAccepted() != uint64(b.Len()) {
			t.Fatalf("push of %s: %v, %v", node, resp, err)
		}
	}
}

// batches are the spans as each node's agent sends them, with the edges that it adds.
func batches(spans []*span.Span) map[string]*span.Batch {
	out := map[string]*span.Batch{}
	passages := map[uint64]span.GroupID{}
	for _, s := range spans {
		if s.Point == span.PointServerProcess && s.Passage != 0 {
			passages[s.Passage] = s.Group()
		}
	}
	for _, s := range spans {
		b := out[s.Node]
		if b == nil {
			b = new(span.Batch)
			out[s.Node] = b
		}
		sent := *s
		sent.Entity, sent.ClientEntity, sent.ServerEntity = 0, 0, 0 // tagging is the server's
		if sent.Source == span.SYS {
			sent.Service = ""
		}
		b.Append(&sent)
		switch {
		case s.Point == span.PointClientProcess && s.TraceID.IsZero() && s.Passage != 0 && passages[s.Passage] != 0:
			b.Edges = append(b.Edges, span.Edge{A: s.Group(), B: passages[s.Passage], Time: s.Start, Kind: span.EdgePassage})
		case s.Source == span.APP && s.Kind == span.KindServer && s.ParentSpanID.IsZero():
			for _, p := range spans {
				if p.Point == span.PointServerProcess && p.Client == s.Client && p.Start <= s.Start && s.Start <= p.Start+int64(p.ResponseStart) {
					b.Edges = append(b.Edges, span.Edge{A: s.Group(), B: span.WireGroup(p.RequestSeq, p.ResponseSeq), Time: s.Start, Kind: span.EdgeRoot})
				}
			}
		}
	}
	return out
}

var seeds atomic.Uint64

// webshop is a reference trace that began just now, like no other.
func webshop() []*span.Span {
	return tracetest.NewShop(uint64(os.Getpid())<<20 + seeds.Add(1)).Trace(time.Now().Add(-time.Second).UnixNano())
}

func traceIDOf(spans []*span.Span) string {
	for _, s := range spans {
		if !s.TraceID.IsZero() {
			return s.TraceID.String()
		}
	}
	return ""
}

func field(t testing.TB, body []byte, name string) string {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal(body, &m); err != nil {
		t.Fatalf("%v in %.200s", err, body)
	}
	s, _ := m[name].(string)
	return strings.TrimSpace(s)
}
