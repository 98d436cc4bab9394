package server

import (
	"bytes"
	"flag"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/throughline-io/throughline/pkg/otlp/document"
	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/trace/tracetest"
	"github.com/throughline-io/throughline/pkg/wire"
	"github.com/throughline-io/throughline/test/compare"
)

// The programs that `go tool mage collectors` builds: OpenTelemetry's collector takes minutes.
var (
	collectorProgram = flag.String("collector", "", "OpenTelemetry's collector, for the tests with it")
	agentProgram     = flag.String("agent", "", "throughline, for the same tests")
)

// ways are how a collector is set up, by docs/apm.md, and what it sends to: the agent's address for
// collectors, its plain one, or a proxy that is busy at first.
var ways = map[string]struct {
	exporter string
	to       func(native, plain, busy string) string
	gateway  bool
}{
	"agent mode":             {exporter: "otlphttp: {traces_endpoint: 'http://%s/api/v1/otel/trace', tls: {insecure: true}, retry_on_failure: {enabled: true}}", to: first},
	"agent mode, newer name": {exporter: "otlp_http: {traces_endpoint: 'http://%s/api/v1/otel/trace'}", to: first},
	"plain host":             {exporter: "otlphttp: {endpoint: 'http://%s'}", to: func(_, plain, _ string) string { return plain }},
	"gateway mode":           {exporter: "otlphttp: {traces_endpoint: 'http://%s/api/v1/otel/trace'}", to: first, gateway: true},
	"a busy agent":           {exporter: "otlphttp: {traces_endpoint: 'http://%s/api/v1/otel/trace'}", to: func(_, _, busy string) string { return busy }},
}

func first(native, _, _ string) string { return native }

// What SDKs send to a collector, which sends it to an agent, is the WebShop's trace with what agents saw,
// whatever the mode; an agent that is busy is asked again, and nothing is lost.
func TestCollectorsPassTracesOn(t *testing.T) {
	if *collectorProgram == "" {
		t.Skip("go tool mage collectors runs it")
	}
	r := server(t)
	native, plain := freeAddress(t), freeAddress(t)
	spawn(t, native, *agentProgram, "agent", "--server", r.grpc, "--net", "off", "--sys-variant", "off", "--node", "node0", "--name", "otlp", "--otlp-grpc", "", "--otlp-http", plain, "--otlp-native", native, "--otlp-from", "all")
	for name, way := range ways {
		t.Run(name, func(t *testing.T) {
			busy, refused := busyAtFirst(t, native, 2)
			in := freeAddress(t)
			to := in
			if way.gateway {
				to = freeAddress(t)
			}
			runCollector(t, to, fmt.Sprintf(way.exporter, way.to(native, plain, busy)))
			if way.gateway {
				runCollector(t, in, fmt.Sprintf("otlphttp: {endpoint: 'http://%s'}", to))
			}
			all, code := r.seenByAgents(t, 0)
			r.linkRoots(t, all, code)
			resp, err := http.Post("http://"+in+"/v1/traces", "application/json", bytes.NewReader(ofPods(t, code)))
			if err != nil || resp.StatusCode != http.StatusOK {
				t.Fatalf("%v %v", resp, err)
			}
			resp.Body.Close()
			var diff []string
			until(t, "the trace is the WebShop's", func() bool {
				status, answer, err := r.get("/api/v1/traces/"+traceIDOf(all), nil)
				if err != nil || status != http.StatusOK {
					return false
				}
				diff, err = compare.Traces(tracetest.ExpectedJSON(), answer)
				return err == nil && len(diff) == 0
			})
			if way.to(native, plain, busy) == busy && refused.Load() != 2 {
				t.Errorf("refused %d times", refused.Load())
			}
		})
	}
}

// linkRoots pushes what an agent that has seen both says: which request a root's code answers.
func (r *running) linkRoots(t *testing.T, all, code []*span.Span) {
	t.Helper()
	b := new(span.Batch)
	for _, s := range code {
		for _, p := range all {
			if s.Kind == span.KindServer && s.ParentSpanID.IsZero() && p.Point == span.PointServerProcess && p.Client == s.Client {
				b.Edges = append(b.Edges, span.Edge{A: s.Group(), B: span.WireGroup(p.RequestSeq, p.ResponseSeq), Time: s.Start, Kind: span.EdgeRoot})
			}
		}
	}
	if _, err := r.client.Push(t.Context(), &wire.PushRequest{Agent: "edges", Boot: 1, Sequence: sequences.Add(1), Batch: wire.Encode(b)}); err != nil {
		t.Fatal(err)
	}
}

// ofPods is asOTLP with what a collector's Kubernetes processor adds by our settings.
func ofPods(t *testing.T, code []*span.Span) []byte {
	t.Helper()
	items := otlpItems(code)
	for i, s := range code {
		for key, value := range map[string]string{"k8s.pod.ip": s.PodIP.String(), "k8s.node.name": s.Node} {
			items[i].Resource = append(items[i].Resource, span.Attribute{Key: key, Value: value, Type: span.AttributeString})
		}
	}
	var b bytes.Buffer
	if err := document.Write(&b, items); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func runCollector(t *testing.T, in, exporter string) {
	t.Helper()
	name, _, _ := bytes.Cut([]byte(exporter), []byte(":"))
	file := filepath.Join(t.TempDir(), "collector.yaml")
	text := fmt.Sprintf("receivers: {otlp: {protocols: {http: {endpoint: '%s'}}}}\nexporters: {%s}\nservice:\n  telemetry: {metrics: {level: none}}\n  pipelines: {traces: {receivers: [otlp], exporters: [%s]}}\n", in, exporter, name)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	spawn(t, in, *collectorProgram, "--config", "file:"+file)
}

// busyAtFirst is an agent's address at which so many requests are refused for now.
func busyAtFirst(t *testing.T, agent string, times int64) (address string, refused *atomic.Int64) {
	t.Helper()
	refused = new(atomic.Int64)
	proxy := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: agent})
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		if refused.Load() < times {
			refused.Add(1)
			w.Header().Set("Retry-After", "1")
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		proxy.ServeHTTP(w, q)
	}))
	t.Cleanup(s.Close)
	return s.Listener.Addr().String(), refused
}

// spawn runs a program until the test ends, and waits until it listens.
func spawn(t *testing.T, listens, program string, args ...string) {
	t.Helper()
	var said bytes.Buffer
	c := exec.Command(program, args...)
	c.Stdout, c.Stderr = &said, &said
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.Process.Kill()
		_ = c.Wait()
		if t.Failed() {
			t.Logf("%s said:\n%s", filepath.Base(program), said.String())
		}
	})
	until(t, program+" listens", func() bool {
		conn, err := net.Dial("tcp", listens)
		if err == nil {
			conn.Close()
		}
		return err == nil
	})
}
