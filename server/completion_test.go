package server

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/throughline-io/throughline/pkg/otlp/document"
	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/trace/tracetest"
	"github.com/throughline-io/throughline/test/compare"
)

// ask posts a question and gives the answer back; header is key and value pairs.
func (r *running) post(t testing.TB, path string, body []byte, header ...string) (int, []byte) {
	t.Helper()
	req, err := http.NewRequest(http.MethodPost, r.http+path, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, answer
}

// shop makes WebShop traces of which ids differ from those of other tests.
var shop = sync.OnceValue(func() func(ago time.Duration) []*span.Span {
	var mu sync.Mutex
	shop := tracetest.NewShop(uint64(os.Getpid())<<20 | 0xc0de)
	return func(ago time.Duration) []*span.Span {
		mu.Lock()
		defer mu.Unlock()
		return shop.Trace(time.Now().Add(-ago).UnixNano())
	}
})

// seenByAgents is a WebShop trace, of which agents pushed what they saw, and the APM has the rest.
func (r *running) seenByAgents(t testing.TB, ago time.Duration) (all, code []*span.Span) {
	t.Helper()
	all = shop()(ago)
	var seen []*span.Span
	for _, s := range all {
		if s.Source == span.APP {
			code = append(code, s)
		} else {
			seen = append(seen, s)
		}
	}
	r.push(t, seen)
	return all, code
}

// asOTLP is code as an SDK sends it: with the address of its caller, where it has one.
func asOTLP(t testing.TB, code []*span.Span) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := document.Write(&b, otlpItems(code)); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func otlpItems(code []*span.Span) (items []document.Item) {
	for _, s := range code {
		one := *s
		if s.Kind == span.KindServer {
			one.Attributes = append(slices.Clone(s.Attributes),
				span.Attribute{Key: "network.peer.address", Value: s.Client.Addr().String(), Type: span.AttributeString},
				span.Attribute{Key: "network.peer.port", Value: s.Client.String()[strings.LastIndex(s.Client.String(), ":")+1:], Type: span.AttributeInt})
		}
		if s.Protocol == "HTTP" {
			one.Attributes = append(one.Attributes, span.Attribute{Key: "http.request.method", Value: "GET", Type: span.AttributeString})
		}
		items = append(items, document.Item{Span: &one, Resource: []span.Attribute{{Key: "service.name", Value: s.Service, Type: span.AttributeString}}})
	}
	return items
}

// An APM hands in its 46 spans, which are stored nowhere here, and gets the 54 others with the
// parents of all.
func TestCompletionFindsWhatAgentsSawOfAnAPMsTrace(t *testing.T) {
	t.Parallel()
	r := server(t)
	_, code := r.seenByAgents(t, 10*time.Minute)
	r.seenByAgents(t, 10*time.Minute) // another trace of the same shop, at the same time
	if len(code) != 46 {
		t.Fatalf("%d spans of code", len(code))
	}
	body := asOTLP(t, code)
	for name, header := range map[string][]string{"JSON": {"Content-Type", "application/json"}, "JSON in gzip": {"Content-Type", "application/json", "Content-Encoding", "gzip"}} {
		sent := body
		if len(header) > 2 {
			sent = zipped(t, body)
		}
		status, answer := r.post(t, "/api/v1/trace/complete", sent, header...)
		if status != http.StatusOK {
			t.Fatalf("%s: %d %s", name, status, answer)
		}
		if differences, err := compare.Traces(tracetest.ExpectedJSON(), answer); err != nil || len(differences) > 0 {
			t.Errorf("%s: not the reference trace: %v %v", name, err, differences)
		}
	}
}

func zipped(t testing.TB, body []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write(body); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// deepFlowBody is code as DeepFlow's API takes it.
func deepFlowBody(t testing.TB, code []*span.Span) []byte {
	t.Helper()
	type appSpan struct {
		TraceID      string `json:"trace_id"`
		SpanID       string `json:"span_id"`
		ParentSpanID string `json:"parent_span_id"`
		Kind         int    `json:"span_kind"`
		Start        int64  `json:"start_time_us"`
		End          int64  `json:"end_time_us"`
	}
	var list []appSpan
	for _, s := range code {
		list = append(list, appSpan{s.TraceID.String(), s.SpanID.String(), s.ParentSpanID.String(), int(s.Kind), s.Start / 1000, s.End() / 1000})
	}
	body, err := json.Marshal(map[string]any{"max_iteration": 30, "network_delay_us": 3000000, "app_spans": list})
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// DeepFlow's form has no more than ids, kinds and times.
func TestCompletionInDeepFlowsForm(t *testing.T) {
	t.Parallel()
	r := server(t)
	all, code := r.seenByAgents(t, 20*time.Minute)
	status, answer := r.post(t, "/v1/stats/querier/tracing-completion-by-external-app-spans", deepFlowBody(t, code), "Content-Type", "application/json")
	var got struct {
		Status string `json:"OPT_STATUS"`
		Data   struct {
			Tracing []struct {
				ID      string `json:"deepflow_span_id"`
				Parent  string `json:"deepflow_parent_span_id"`
				Source  int    `json:"signal_source"`
				TapSide string `json:"tap_side"`
				Start   int64  `json:"start_time_us"`
			} `json:"tracing"`
		} `json:"DATA"`
	}
	if err := json.Unmarshal(answer, &got); err != nil || status != http.StatusOK || got.Status != "SUCCESS" {
		t.Fatalf("%d %v: %.500s", status, err, answer)
	}
	parent := map[string]string{}
	sources := map[int]int{}
	for _, s := range got.Data.Tracing {
		parent[s.ID] = s.Parent
		sources[s.Source]++
	}
	if sources[4] != 46 || sources[3] != 20 || sources[0] != 34 {
		t.Errorf("spans by signal_source: %v, want 46 of OpenTelemetry (4), 20 of eBPF (3) and 34 of packets (0)", sources)
	}
	name := func(i int) string {
		if i < 0 {
			return ""
		}
		if all[i].Source == span.APP {
			return all[i].SpanID.String()
		}
		return span.FormatID(all[i].ID)
	}
	for i, p := range tracetest.Parents() {
		if got, ok := parent[name(i)]; !ok || got != name(p) {
			t.Errorf("span %d: parent %q (there: %v), want span %d, %q", i+1, got, ok, p+1, name(p))
		}
	}
}

// What is wrong with a question is said, in the form of the API that was asked.
func TestCompletionSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	r := server(t)
	const deepFlow, ours = "/v1/stats/querier/tracing-completion-by-external-app-spans", "/api/v1/trace/complete"
	one := func(change string) string {
		return `{"app_spans":[{"trace_id":"` + strings.Repeat("ab", 16) + `","span_id":"` + strings.Repeat("cd", 8) + `","parent_span_id":"","span_kind":2,"start_time_us":1790000000000000,"end_time_us":1790000000000001` + change + `}]}`
	}
	for _, c := range []struct {
		path, body, media string
		want              int
		says              string
	}{
		{deepFlow, `{`, "application/json", 400, "cannot be read as JSON"},
		{deepFlow, `{}`, "application/json", 400, "app_spans is empty"},
		{deepFlow, one(`,"trace_id":"x"`), "application/json", 400, "app_spans[0]: trace_id"},
		{deepFlow, one(`,"span_id":"1234"`), "application/json", 400, "app_spans[0]: span_id"},
		{deepFlow, one(`,"span_kind":6`), "application/json", 400, "span_kind 6"},
		{deepFlow, one(`,"end_time_us":5`), "application/json", 400, "end_time_us 5"},
		{deepFlow, one(`,"start_time_us":-1`), "application/json", 400, "start_time_us"},
		{ours, ``, "application/json", 400, "no OTLP"},
		{ours, `{"resourceSpans":[]}`, "application/json", 400, "no span in the body"},
		{ours, "\x0a\xff", "application/x-protobuf", 400, "no OTLP"},
		{ours, `{}`, "text/plain", 415, "want application/json"},
		{ours + "?form=x", `{}`, "application/json", 400, "unknown parameter"},
	} {
		status, answer := r.post(t, c.path, []byte(c.body), "Content-Type", c.media)
		says := field(t, answer, "error") + field(t, answer, "DESCRIPTION")
		if status != c.want || !strings.Contains(says, c.says) {
			t.Errorf("%s %.60q: %d %s, want %d and %q", c.path, c.body, status, answer, c.want, c.says)
		}
	}
	if status, answer := r.post(t, deepFlow, bytes.Repeat([]byte(" "), 17<<20), "Content-Type", "application/json"); status != http.StatusRequestEntityTooLarge || field(t, answer, "OPT_STATUS") != "INVALID_POST_DATA" {
		t.Errorf("17 MiB: %d %s", status, answer)
	}
	if status, _ := r.post(t, ours, zipped(t, bytes.Repeat([]byte(" "), 17<<20)), "Content-Type", "application/json", "Content-Encoding", "gzip"); status != http.StatusRequestEntityTooLarge {
		t.Errorf("17 MiB in gzip: %d", status)
	}
	if status, _ := r.post(t, ours, []byte(`{}`), "Sec-Fetch-Site", "cross-site"); status != http.StatusForbidden {
		t.Errorf("from a page of another origin: %d, want 403", status)
	}
	many := "[" + strings.Repeat(`{"trace_id":"1","span_id":"cdcdcdcdcdcdcdcd","span_kind":2,"start_time_us":1,"end_time_us":1},`, 20_000) +
		`{"trace_id":"1","span_id":"cdcdcdcdcdcdcdcd","span_kind":2,"start_time_us":1,"end_time_us":1}]`
	if status, answer := r.post(t, deepFlow, []byte(`{"app_spans":`+many+`}`)); status != 400 || !strings.Contains(field(t, answer, "DESCRIPTION"), "too many spans: 20001") {
		t.Errorf("20,001 spans: %d %s", status, answer)
	}
	// Nothing was seen: the spans come back alone.
	if status, answer := r.post(t, deepFlow, []byte(one(""))); status != 200 || strings.Count(string(answer), "deepflow_span_id") != 1 {
		t.Errorf("a trace that no agent saw: %d %s", status, answer)
	}
}

// Two requests are served at a time, and the code says of neither who called it: no caller is
// better than a wrong one. What carries the ids is found all the same.
func TestCompletionDoesNotGuessAmongCallers(t *testing.T) {
	t.Parallel()
	r := server(t)
	_, code := r.seenByAgents(t, 30*time.Minute)
	other := shop()(30 * time.Minute)
	shift := code[0].Start - other[0].Start - 200_000
	for _, s := range other {
		s.Start += shift
	}
	r.push(t, slices.DeleteFunc(other, func(s *span.Span) bool { return s.Source == span.APP }))
	status, answer := r.post(t, "/v1/stats/querier/tracing-completion-by-external-app-spans", deepFlowBody(t, code))
	if n := strings.Count(string(answer), `"deepflow_span_id"`); status != http.StatusOK || n != 94 {
		t.Errorf("%d with %d spans, want the 94 without the caller's: %.300s", status, n, answer)
	}
	if !strings.Contains(field(t, answer, "DESCRIPTION"), "12 spans that agents saw") {
		t.Errorf("what was left out: %q", field(t, answer, "DESCRIPTION"))
	}
}
