package plugin

import (
	"fmt"
	"net"
	"strings"
	"testing"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/backend/tracing"
	"github.com/grafana/grafana-plugin-sdk-go/experimental/datasourcetest"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/grafana/grafana-plugin-sdk-go/genproto/pluginv2"
)

// spansOfQueries are the spans that the plugin makes of its queries, for all tests: the SDK
// has one tracer for the process.
var spansOfQueries = tracetest.NewSpanRecorder()

func init() {
	tracing.InitDefaultTracer(sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spansOfQueries)).Tracer("test"))
}

// overTheProtocol serves the data source as Grafana drives it.
func overTheProtocol(t *testing.T) (*datasourcetest.TestPluginClient, backend.PluginContext) {
	t.Helper()
	settings, err := realStore()
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	served, err := datasourcetest.Manage(New, datasourcetest.ManageOpts{Address: l.Addr().String()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := served.Shutdown(); err != nil {
			t.Error(err)
		}
	})
	return served.Client, backend.PluginContext{Namespace: "default", PluginID: ID, DataSourceInstanceSettings: &settings}
}

// collected is a metric's value, 0 where it is not there.
func collected(t *testing.T, c *datasourcetest.TestPluginClient, name string, labels map[string]string) float64 {
	t.Helper()
	res, err := c.DiagnosticsClient.CollectMetrics(t.Context(), &pluginv2.CollectMetricsRequest{})
	if err != nil {
		t.Fatal(err)
	}
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(string(res.Metrics.Prometheus)))
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range families[name].GetMetric() {
		found := 0
		for _, l := range m.GetLabel() {
			if labels[l.GetName()] == l.GetValue() {
				found++
			}
		}
		if found == len(labels) {
			if h := m.GetHistogram(); h != nil {
				return float64(h.GetSampleCount())
			}
			return m.GetCounter().GetValue()
		}
	}
	return 0
}

// Not parallel: it compares figures of the whole process before and after.
func TestPluginTellsOfItself(t *testing.T) {
	client, plugin := overTheProtocol(t)
	of := func(name string, labels ...string) float64 {
		m := map[string]string{}
		for i := 0; i < len(labels); i += 2 {
			m[labels[i]] = labels[i+1]
		}
		return collected(t, client, "throughline_datasource_"+name, m)
	}
	read := func() map[string]float64 {
		return map[string]float64{
			"ok":         of("queries_total", "type", "search", "outcome", "ok"),
			"refused":    of("queries_total", "type", "search", "outcome", "refused"),
			"unknown":    of("queries_total", "type", "unknown", "outcome", "refused"),
			"rows":       of("rows_returned_total", "type", "search"),
			"statements": of("store_statements_total", "type", "search"),
			"limits":     of("limits_hit_total", "type", "search"),
			"durations":  of("query_duration_seconds", "type", "search"),
		}
	}
	before := read()
	var queries []backend.DataQuery
	for n, q := range []string{`{"queryType":"search","scope":"all","limit":2}`, `{"queryType":"search","minDuration":"long"}`, `{"queryType":"what is this"}`} {
		queries = append(queries, backend.DataQuery{RefID: fmt.Sprint(n), JSON: []byte(q), TimeRange: during})
	}
	if _, err := client.QueryData(t.Context(), &backend.QueryDataRequest{PluginContext: plugin, Queries: queries}); err != nil {
		t.Fatal(err)
	}
	after := read()
	for name, more := range map[string]float64{"ok": 1, "refused": 1, "unknown": 1, "rows": 2, "limits": 1, "durations": 2} {
		if got := after[name] - before[name]; got != more {
			t.Errorf("%s: %v more, want %v", name, got, more)
		}
	}
	if after["statements"] <= before["statements"] {
		t.Error("no statement was counted")
	}
	spans := map[string]sdktrace.ReadOnlySpan{}
	for _, s := range spansOfQueries.Ended() {
		attributes := attribute.NewSet(s.Attributes()...)
		outcome, _ := attributes.Value("throughline.outcome")
		spans[s.Name()+" "+outcome.AsString()] = s
	}
	ok := spans["throughline search ok"]
	if ok == nil || spans["throughline search refused"] == nil || spans["throughline unknown refused"].Status().Code != codes.Error {
		t.Fatalf("spans %v", spans)
	}
	attributes := attribute.NewSet(ok.Attributes()...)
	for _, key := range []attribute.Key{"throughline.query_type", "throughline.rows", "throughline.store_statements", "throughline.limited"} {
		if !attributes.HasValue(key) {
			t.Errorf("the span has no %s", key)
		}
	}
}
