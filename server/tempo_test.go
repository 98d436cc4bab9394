package server

import (
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	tracev1 "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/trace/tracetest"
)

// stored is a WebShop trace that agents pushed whole.
func (r *running) stored(t testing.TB, ago time.Duration) []*span.Span {
	t.Helper()
	all := shop()(ago)
	r.push(t, all)
	return all
}

// ids are the spans' ids in OpenTelemetry.
func ids(all []*span.Span) []string {
	out := make([]string, len(all))
	for i, s := range all {
		if out[i] = span.FormatID(s.ID); s.Source == span.APP {
			out[i] = s.SpanID.String()
		}
	}
	return out
}

// wantTree fails where parents, by id, are not those of the reference trace.
func wantTree(t *testing.T, way string, all []*span.Span, parents map[string]string) {
	t.Helper()
	id := ids(all)
	if len(parents) != len(all) {
		t.Errorf("%s: %d spans, want %d", way, len(parents), len(all))
	}
	for i, p := range tracetest.Parents() {
		want := ""
		if p >= 0 {
			want = id[p]
		}
		if got, ok := parents[id[i]]; !ok || got != want {
			t.Errorf("%s: span %d has parent %q (there: %v), want %q", way, i+1, got, ok, want)
		}
	}
}

func parentsOf(data *tracev1.TracesData) map[string]string {
	parents := map[string]string{}
	for _, r := range data.ResourceSpans {
		for _, scope := range r.ScopeSpans {
			for _, s := range scope.Spans {
				parents[hex.EncodeToString(s.SpanId)] = hex.EncodeToString(s.ParentSpanId)
			}
		}
	}
	return parents
}

// Grafana's Tempo data source asks for a trace in protobuf at /api/v2/traces (older ones at
// /api/traces), others ask in JSON: system calls and packets are spans of the one tree.
func TestTempoAnswersTheTree(t *testing.T) {
	t.Parallel()
	r := server(t)
	all := r.stored(t, 40*time.Minute)
	id := traceIDOf(all)
	for _, prefix := range []string{"", "/tempo"} {
		status, body, err := r.get(prefix+"/api/traces/"+id, nil, "Accept", "application/protobuf")
		data := &tracev1.TracesData{}
		if err != nil || status != http.StatusOK || proto.Unmarshal(body, data) != nil {
			t.Fatalf("%d %v %.100q", status, err, body)
		}
		wantTree(t, prefix+" v1 in protobuf", all, parentsOf(data))
	}
	_, body, _ := r.get("/api/v2/traces/"+id, nil, "Accept", "application/protobuf")
	number, _, n := protowire.ConsumeTag(body)
	message, m := protowire.ConsumeBytes(body[n:])
	data := &tracev1.TracesData{}
	if err := proto.Unmarshal(message, data); err != nil || number != 1 || n+m != len(body) {
		t.Fatalf("field %d, %d of %d bytes, %v", number, n+m, len(body), err)
	}
	wantTree(t, "v2 in protobuf", all, parentsOf(data))

	type resourceSpans []struct {
		ScopeSpans []struct {
			Spans []struct{ SpanID, ParentSpanID []byte }
		}
	}
	var v1 struct{ Batches resourceSpans }
	var v2 struct {
		Trace struct{ ResourceSpans resourceSpans }
	}
	r.ask(t, "/api/traces/"+id, map[string]string{"start": "1", "end": "4000000000"}, &v1)
	r.ask(t, "/api/v2/traces/"+id, nil, &v2)
	for way, list := range map[string]resourceSpans{"v1 in JSON": v1.Batches, "v2 in JSON": v2.Trace.ResourceSpans} {
		parents := map[string]string{}
		for _, rs := range list {
			for _, ss := range rs.ScopeSpans {
				for _, s := range ss.Spans {
					parents[hex.EncodeToString(s.SpanID)] = hex.EncodeToString(s.ParentSpanID)
				}
			}
		}
		wantTree(t, way, all, parents)
	}
	if status, _, _ := r.get("/api/v2/traces/"+strings.Repeat("ab", 16), nil); status != http.StatusNotFound {
		t.Errorf("a trace that is not there: %d", status)
	}
}

// tempoSearch is the answer to a search.
type tempoSearch struct{ Traces []tempoTrace }

type tempoTrace struct {
	TraceID, RootServiceName, RootTraceName string
	SpanSets                                []struct {
		Spans   []struct{ SpanID, DurationNanos string }
		Matched int
	}
}

// jaegerTraces are traces of Jaeger's JSON API.
type jaegerTraces struct{ Data []jaegerTrace }

type jaegerTrace struct {
	TraceID string
	Spans   []struct {
		SpanID, ProcessID, OperationName string
		References                       []struct{ SpanID string }
		StartTime                        int64
	}
	Processes map[string]struct{ ServiceName string }
}

// The searches that Explore's form and Traces Drilldown make of their fields.
func TestTempoSearches(t *testing.T) {
	t.Parallel()
	r := server(t)
	all := r.stored(t, 0)
	id := traceIDOf(all)
	find := func(q map[string]string) (found bool, a tempoSearch) {
		t.Helper()
		q["limit"], q["spss"] = "1000", "3"
		r.ask(t, "/api/search", q, &a)
		return slices.ContainsFunc(a.Traces, func(f tempoTrace) bool {
			return f.TraceID == id && f.RootServiceName == "web-shop" && f.RootTraceName == "full-test-1" && len(f.SpanSets) == 1 && len(f.SpanSets[0].Spans) == 1 && f.SpanSets[0].Matched > 0
		}), a
	}
	for q, want := range map[string]bool{
		`{}`: true, `{nestedSetParent<0 && true}`: true, `{resource.service.name="svc-order" && name="createorder-1"}`: true,
		`{resource.service.name="db-demo"}`: true, // which nobody instrumented
		`{resource.service.name=~"svc-.*" && kind=server} | select(status, resource.service.name)`: true,
		`{name="full-test-1" || name="nothing"}`:                                                   true,
		`{resource.service.name="nobody"}`:                                                         false,
		`{duration>1h}`:                                                                            false,
		`{status=error && resource.service.name="web-shop"}`:                                       false,
		`{false}`: false,
	} {
		if found, a := find(map[string]string{"q": q}); found != want {
			t.Errorf("%s: found %v, want %v: %+v", q, found, want, a)
		}
	}
	if found, a := find(map[string]string{"tags": "service.name=svc-order", "minDuration": "1us", "maxDuration": "1h"}); !found {
		t.Errorf("by tags: %+v", a)
	}
	for q, says := range map[string]string{
		"q=" + url.QueryEscape("{ } >> { }"): "between spansets", "q=" + url.QueryEscape("{"): "TraceQL, at", "q=" + url.QueryEscape("{status=late}"): "late", "q=" + url.QueryEscape(`{duration>"soon"}`): "soon", "limit=x": "want a number", "start=x": "no Unix time", "start=5&end=4": "before start", "minDuration=x": "length of time",
	} {
		if status, body, _ := r.get("/api/search?"+q, nil); status != 400 || !strings.Contains(field(t, body, "error"), says) {
			t.Errorf("%s: %d %s, want 400 and %q", q, status, body, says)
		}
	}
	if status, body, _ := r.get("/api/metrics/query_range", map[string]string{"q": "{} | rate()"}); status != http.StatusNotImplemented {
		t.Errorf("metrics: %d %s", status, body)
	}
}

func TestTempoTags(t *testing.T) {
	t.Parallel()
	r := server(t)
	r.stored(t, 0)
	status, body, _ := r.get("/api/echo", nil)
	if status != 200 || string(body) != "echo" {
		t.Errorf("echo: %d %s", status, body)
	}
	var v2 struct {
		Scopes []struct {
			Name string
			Tags []string
		}
	}
	r.ask(t, "/api/v2/search/tags", nil, &v2)
	named := map[string][]string{}
	for _, s := range v2.Scopes {
		named[s.Name] = s.Tags
	}
	if !slices.Contains(named["resource"], "service.name") || !slices.Contains(named["intrinsic"], "duration") {
		t.Errorf("scopes: %v", named)
	}
	var v1 struct{ TagNames, TagValues []string }
	r.ask(t, "/api/search/tags", nil, &v1)
	r.ask(t, "/api/search/tag/service.name/values", nil, &v1)
	if !slices.Contains(v1.TagNames, "service.name") || !slices.Contains(v1.TagValues, "web-shop") {
		t.Errorf("names and values: %v", v1)
	}
	for name, want := range map[string][2]string{"resource.service.name": {"string", "svc-order"}, ".service.name": {"string", "db-demo"}, "status": {"keyword", "error"}, "kind": {"keyword", "server"}, "name": {"string", "full-test-1"}} {
		var a struct {
			TagValues []struct{ Type, Value string }
		}
		r.ask(t, "/api/v2/search/tag/"+name+"/values", map[string]string{"q": "{}"}, &a)
		if !slices.Contains(a.TagValues, struct{ Type, Value string }{want[0], want[1]}) {
			t.Errorf("%s: %v, want %v", name, a.TagValues, want)
		}
	}
}

// What Jaeger's interface asks: services, operations, a search, a trace.
func TestJaegerAnswersTheTree(t *testing.T) {
	t.Parallel()
	r := server(t)
	all := r.stored(t, 0)
	id := traceIDOf(all)
	var names struct{ Data []string }
	r.ask(t, "/jaeger/api/services", nil, &names)
	if !slices.Contains(names.Data, "svc-order") || !slices.Contains(names.Data, "db-demo") {
		t.Errorf("services: %v", names.Data)
	}
	r.ask(t, "/jaeger/api/services/web-shop/operations", nil, &names)
	if !slices.Contains(names.Data, "full-test-1") {
		t.Errorf("operations: %v", names.Data)
	}
	var operations struct{ Data []struct{ Name string } }
	r.ask(t, "/jaeger/api/operations", map[string]string{"service": "web-shop"}, &operations)
	if len(operations.Data) == 0 {
		t.Error("no operations of a service")
	}
	tree := func(way string, a jaegerTraces) {
		t.Helper()
		at := slices.IndexFunc(a.Data, func(d jaegerTrace) bool {
			return d.TraceID == id
		})
		if at < 0 {
			t.Errorf("%s: not among %d traces", way, len(a.Data))
			return
		}
		parents := map[string]string{}
		for _, s := range a.Data[at].Spans {
			parents[s.SpanID] = ""
			for _, ref := range s.References {
				parents[s.SpanID] = ref.SpanID
			}
			if a.Data[at].Processes[s.ProcessID].ServiceName == "" || s.OperationName == "" || s.StartTime == 0 {
				t.Errorf("%s: %+v", way, s)
			}
		}
		wantTree(t, way, all, parents)
	}
	var one, found jaegerTraces
	r.ask(t, "/jaeger/api/traces/"+id, nil, &one)
	tree("by id", one)
	r.ask(t, "/jaeger/api/traces", map[string]string{"service": "svc-order", "operation": "createorder-1", "tags": `{"span.kind":"server"}`, "lookback": "1h", "limit": "100", "minDuration": "1us", "maxDuration": ""}, &found)
	tree("by service, operation and tags", found)

	status, body, _ := r.get("/jaeger/api/v3/traces/"+id, nil)
	var v3 struct{ Result json.RawMessage }
	if err := json.Unmarshal(body, &v3); err != nil || status != 200 || strings.Count(string(v3.Result), `"spanId"`) != 100 {
		t.Errorf("version 3: %d %v, %d spans", status, err, strings.Count(string(v3.Result), `"spanId"`))
	}
	for path, says := range map[string]string{"/jaeger/api/operations": "service is missing", "/jaeger/api/traces?tag=x": "want key:value", "/jaeger/api/traces?tags=x": "JSON object", "/jaeger/api/traces?lookback=x": "length of time"} {
		if status, body, _ := r.get(path, nil); status != 400 || !strings.Contains(field(t, body, "error"), says) {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
}
