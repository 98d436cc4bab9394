package server

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/throughline-io/throughline/pkg/trace/tracetest"
	"github.com/throughline-io/throughline/server/apm"
	"github.com/throughline-io/throughline/test/compare"
)

var jaegerProgram = flag.String("jaeger", "", "Jaeger 2, for the test with it")

// jaegerConfig has a receiver of OTLP and keeps traces in memory, for the query API.
const jaegerConfig = `receivers: {otlp: {protocols: {http: {endpoint: '%[1]s'}}}}
processors: {batch: {timeout: 100ms}}
exporters: {jaeger_storage_exporter: {trace_storage: memory}}
extensions:
  jaeger_storage: {backends: {memory: {memory: {max_traces: 1000}}}}
  jaeger_query: {storage: {traces: memory}, http: {endpoint: '%[2]s'}, grpc: {endpoint: '%[3]s'}}
service:
  extensions: [jaeger_storage, jaeger_query]
  telemetry: {metrics: {level: none}}
  pipelines: {traces: {receivers: [otlp], processors: [batch], exporters: [jaeger_storage_exporter]}}
`

// jaeger runs a real Jaeger and says where it takes OTLP and answers queries.
func jaeger(t *testing.T) (otlp, query string) {
	t.Helper()
	if *jaegerProgram == "" {
		t.Skip("go tool mage jaeger runs it")
	}
	otlp, query = freeAddress(t), freeAddress(t)
	file := filepath.Join(t.TempDir(), "jaeger.yaml")
	if err := os.WriteFile(file, fmt.Appendf(nil, jaegerConfig, otlp, query, freeAddress(t)), 0o600); err != nil {
		t.Fatal(err)
	}
	spawn(t, otlp, *jaegerProgram, "--config", "file:"+file)
	return otlp, query
}

// The WebShop's code is in a real Jaeger, and what agents saw is here: asked for here, the trace is the
// reference's. What neither has is not found.
func TestJaegerIsAskedForCode(t *testing.T) {
	otlp, query := jaeger(t)
	r := start(t, func(c *Config) { c.APMs = []apm.Config{{Kind: "jaeger", URL: "http://" + query}} })
	all, code := r.seenByAgents(t, time.Minute)
	resp, err := http.Post("http://"+otlp+"/v1/traces", "application/json", bytes.NewReader(asOTLP(t, code)))
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	var answer []byte
	until(t, "Jaeger has the code", func() bool {
		var status int
		status, answer, err = r.get("/api/v1/traces/"+traceIDOf(all), nil)
		return err == nil && status == http.StatusOK && bytes.Contains(answer, []byte(`"app":46`))
	})
	if differences, err := compare.Traces(tracetest.ExpectedJSON(), answer); err != nil || len(differences) > 0 || field(t, answer, "truncated") != "" {
		t.Errorf("not the reference trace: %v %v %s", err, differences, field(t, answer, "truncated"))
	}
	if status, answer, err := r.get("/api/v1/traces/"+strings.Repeat("ab", 16), nil); err != nil || status != http.StatusNotFound {
		t.Errorf("a trace that nobody has: %d %s %v", status, answer, err)
	}
}

// The WebShop's trace, exported into a real Jaeger, is the reference's tree of 100 spans there.
func TestJaegerShowsExportedTraces(t *testing.T) {
	otlp, query := jaeger(t)
	r := start(t, func(c *Config) {
		c.Export.URL, c.Export.Sources, c.Export.Wait = "http://"+otlp, []string{"APP", "SYS", "NET"}, 200*time.Millisecond
	})
	all := r.stored(t, 0)
	var parents map[string]string
	until(t, "Jaeger has all spans", func() bool {
		resp, err := http.Get("http://" + query + "/api/traces/" + traceIDOf(all))
		if err != nil {
			return false
		}
		defer resp.Body.Close()
		parents, err = jaegerParents(json.NewDecoder(resp.Body))
		return err == nil && len(parents) == len(all)
	})
	wantTree(t, "Jaeger", all, parents)
}

// jaegerParents are the parents of the spans of a trace, by their ids, as Jaeger's JSON has them.
func jaegerParents(from *json.Decoder) (map[string]string, error) {
	var answer struct {
		Data []struct {
			Spans []struct {
				SpanID     string
				References []struct{ RefType, SpanID string }
			}
		}
	}
	if err := from.Decode(&answer); err != nil || len(answer.Data) != 1 {
		return nil, fmt.Errorf("%d traces: %w", len(answer.Data), err)
	}
	parents := map[string]string{}
	for _, s := range answer.Data[0].Spans {
		parents[s.SpanID] = ""
		for _, ref := range s.References {
			if strings.EqualFold(ref.RefType, "CHILD_OF") {
				parents[s.SpanID] = ref.SpanID
			}
		}
	}
	return parents, nil
}
