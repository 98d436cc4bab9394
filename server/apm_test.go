package server

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/protobuf/encoding/protojson"

	"github.com/throughline-io/throughline/pkg/otlp/document"
	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/trace/record"
	"github.com/throughline-io/throughline/pkg/trace/tracetest"
	"github.com/throughline-io/throughline/server/apm"
	"github.com/throughline-io/throughline/test/compare"
)

// answers are what an APM answers by path; any other path is a 404, or its page.
type answers struct {
	mu   sync.Mutex
	says map[string][]byte
	page bool
}

func (a *answers) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	path := r.URL.Path
	if r.Method == http.MethodPost {
		var asked struct {
			Variables struct{ TraceID string }
		}
		_ = json.NewDecoder(r.Body).Decode(&asked) // of what is none, nothing is known
		path += "?" + asked.Variables.TraceID
	}
	body, known := a.says[path]
	switch {
	case known:
		_, _ = w.Write(body)
	case r.Method == http.MethodPost:
		_, _ = w.Write([]byte(`{"data":{"trace":{"spans":[]}}}`))
	case a.page && !strings.HasPrefix(path, "/api/traces/"):
		_, _ = w.Write([]byte("<!doctype html>"))
	default:
		http.NotFound(w, r)
	}
}

func (a *answers) say(path string, body []byte) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.says[path] = body
}

// A trace of which each APM has the code, and agents pushed the rest, is one tree here: the reference's.
func TestCodeThatIsInAnAPMIsOneTreeWithWhatAgentsSaw(t *testing.T) {
	t.Parallel()
	have := map[string]*answers{}
	var apms []apm.Config
	for _, c := range []struct{ name, kind string }{{"jaeger", "jaeger"}, {"old jaeger", "jaeger"}, {"tempo", "tempo"}, {"old tempo", "tempo"}, {"skywalking", "skywalking"}} {
		a := &answers{says: map[string][]byte{}, page: c.name == "old jaeger"}
		have[c.name] = a
		web := httptest.NewServer(a)
		t.Cleanup(web.Close)
		apms = append(apms, apm.Config{Name: c.name, Kind: c.kind, URL: web.URL})
	}
	r := start(t, func(c *Config) { c.APMs = apms })
	for name, say := range map[string]func(id string, code []*span.Span){
		"jaeger": func(id string, code []*span.Span) {
			have["jaeger"].say("/api/v3/traces/"+id, []byte(`{"result":`+string(inProtoJSON(t, code))+`}`))
		},
		"old jaeger": func(id string, code []*span.Span) {
			have["old jaeger"].say("/api/traces/"+id, inJaegerJSON(t, code))
		},
		"tempo": func(id string, code []*span.Span) {
			have["tempo"].say("/api/v2/traces/"+id, []byte(`{"trace":`+string(inProtoJSON(t, code))+`,"metrics":{}}`))
		},
		"old tempo": func(id string, code []*span.Span) {
			have["old tempo"].say("/api/traces/"+id, []byte(strings.Replace(string(inProtoJSON(t, code)), "resourceSpans", "batches", 1)))
		},
	} {
		all, code := r.seenByAgents(t, 10*time.Minute)
		say(traceIDOf(all), code)
		status, answer, err := r.get("/api/v1/traces/"+traceIDOf(all), nil)
		if err != nil || status != http.StatusOK {
			t.Fatalf("%s: %d %s %v", name, status, answer, err)
		}
		if differences, err := compare.Traces(tracetest.ExpectedJSON(), answer); err != nil || len(differences) > 0 || field(t, answer, "truncated") != "" {
			t.Errorf("%s: not the reference trace: %v %v %s", name, err, differences, field(t, answer, "truncated"))
		}
		status, answer, err = r.get("/api/v1/traces/"+traceIDOf(all)+"/elsewhere", nil)
		elsewhere, readErr := record.ReadRecording(bytes.NewReader(answer))
		if err != nil || status != http.StatusOK || readErr != nil {
			t.Fatalf("%s: elsewhere: %d %v %v", name, status, err, readErr)
		}
		fromAPM := 0
		for _, s := range elsewhere.Spans {
			if s.Source == span.APP {
				fromAPM++
			}
		}
		if said := elsewhere.Said; fromAPM != 46 || len(elsewhere.Resources) == 0 || said.Truncated != "" || !said.Complete {
			t.Errorf("%s: elsewhere: %d spans of code, %d resources, %+v", name, fromAPM, len(elsewhere.Resources), said)
		}
	}

	const id = "5f2c1d0e9b8a47f6a3b2c1d0e9f8a7b6.57.17900000000000001" // as SkyWalking's agent for Java makes them
	all, code := inSkyWalking(shop()(10*time.Minute), id)
	have["skywalking"].say("/graphql?"+id, code)
	r.push(t, all)
	var got struct {
		Counts struct{ Total, App, Orphans int }
	}
	r.ask(t, "/api/v1/traces/"+span.SkyWalkingTraceID([]byte(id)).String(), nil, &got)
	if got.Counts.Total != 100 || got.Counts.App != 46 || got.Counts.Orphans != 0 {
		t.Errorf("skywalking: %+v, want the WebShop's 100 spans, 46 of code, none without a parent", got.Counts)
	}
	var ledger struct {
		Rows []struct {
			Stage, What string
			Count       int
		}
	}
	r.ask(t, "/api/v1/ledger", nil, &ledger)
	counted := map[string]int{}
	for _, row := range ledger.Rows {
		counted[row.Stage+": "+row.What] = row.Count
	}
	if counted["apm: skywalking: spans of code answered"] != 46 || counted["apm: old jaeger: has no such trace"] != 7 {
		t.Errorf("the ledger: %v", counted)
	}
}

func inProtoJSON(t *testing.T, code []*span.Span) []byte {
	t.Helper()
	data, err := document.Messages(otlpItems(code))
	if err != nil {
		t.Fatal(err)
	}
	b, err := protojson.Marshal(data)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// inJaegerJSON is code in the JSON of Jaeger's page.
func inJaegerJSON(t *testing.T, code []*span.Span) []byte {
	t.Helper()
	type tag struct {
		Key   string `json:"key"`
		Type  string `json:"type"`
		Value string `json:"value"`
	}
	type ref struct {
		Type  string `json:"refType"`
		Trace string `json:"traceID"`
		Span  string `json:"spanID"`
	}
	var spans []map[string]any
	processes := map[string]any{}
	for _, item := range otlpItems(code) {
		s := item.Span
		processes[s.Service] = map[string]any{"serviceName": s.Service}
		tags := []tag{{"span.kind", "string", strings.ToLower(s.Kind.String())}}
		for _, a := range s.Attributes {
			tags = append(tags, tag{a.Key, "string", a.Value})
		}
		var refs []ref
		if !s.ParentSpanID.IsZero() {
			refs = append(refs, ref{"CHILD_OF", s.TraceID.String(), s.ParentSpanID.String()})
		}
		spans = append(spans, map[string]any{
			"traceID": s.TraceID.String(), "spanID": s.SpanID.String(), "operationName": s.Endpoint, "references": refs, "processID": s.Service,
			"startTime": s.Start / 1e3, "duration": s.Duration / 1e3, "tags": tags,
		})
	}
	b, err := json.Marshal(map[string]any{"data": []any{map[string]any{"traceID": code[0].TraceID.String(), "spans": spans, "processes": processes}}})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// inSkyWalking is a trace whose services SkyWalking watches: what agents saw, where requests carry sw8,
// and the answer of its server, in which each span is a segment of its own.
func inSkyWalking(all []*span.Span, id string) (seen []*span.Span, answer []byte) {
	segment := func(of span.SpanID) string { return "segment." + of.String() }
	for _, s := range all {
		if s.Source == span.APP {
			continue
		}
		if !s.TraceID.IsZero() {
			s.TraceState = span.SkyWalkingTraceState([]byte(id))
			s.TraceID, s.SpanID = span.SkyWalkingTraceID([]byte(id)), span.SkyWalkingSpanID([]byte(segment(s.SpanID)), 0)
		}
		seen = append(seen, s)
	}
	var spans []string
	for _, s := range all {
		if s.Source != span.APP {
			continue
		}
		refs, peer, kind := "", "", map[span.Kind]string{span.KindServer: "Entry", span.KindClient: "Exit", span.KindInternal: "Local"}[s.Kind]
		if !s.ParentSpanID.IsZero() {
			refs = fmt.Sprintf(`{"traceId":%q,"parentSegmentId":%q,"parentSpanId":0,"type":"CROSS_PROCESS"}`, id, segment(s.ParentSpanID))
		}
		if s.Kind == span.KindServer {
			peer = s.Client.String()
		}
		spans = append(spans, fmt.Sprintf(`{"traceId":%q,"segmentId":%q,"spanId":0,"parentSpanId":-1,"refs":[%s],"serviceCode":%q,"serviceInstanceName":"i","startTime":%d,"endTime":%d,"endpointName":%q,"type":%q,"peer":%q,"component":"Tomcat","isError":false,"layer":"Http","tags":[{"key":"http.method","value":"GET"}],"logs":[]}`,
			id, segment(s.SpanID), refs, s.Service, s.Start/1e6, s.End()/1e6, s.Endpoint, kind, peer))
	}
	return seen, []byte(`{"data":{"trace":{"spans":[` + strings.Join(spans, ",") + `]}}}`)
}
