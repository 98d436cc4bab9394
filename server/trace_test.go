package server

import (
	"bufio"
	"bytes"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/trace"
	"github.com/throughline-io/throughline/pkg/trace/record"
	"github.com/throughline-io/throughline/pkg/trace/tracetest"
	"github.com/throughline-io/throughline/server/text"
	"github.com/throughline-io/throughline/test/compare"
)

func TestTraceIsFoundFromEveryOfItsIDs(t *testing.T) {
	t.Parallel()
	r := server(t)
	spans := webshop()
	r.push(t, webshop()) // others are in the store, too
	r.push(t, spans)
	entries := map[string]string{"trace id": traceIDOf(spans), "trace id in capitals": strings.ToUpper(traceIDOf(spans))}
	for i, s := range spans {
		switch {
		case i == 0:
			entries["the uninstrumented root"] = span.FormatID(s.ID)
		case s.Source == span.NET && s.Point == span.PointServerNode:
			entries["a packet"] = span.FormatID(s.ID)
		case s.Source == span.SYS && s.Protocol == "MySQL" && s.Point == span.PointServerProcess:
			entries["the database's side"] = span.FormatID(s.ID)
		case s.Source == span.APP:
			entries["an APP span"], entries["an OpenTelemetry span id"] = span.FormatID(s.ID), s.SpanID.String()
		}
	}
	for what, id := range entries {
		status, body, err := r.get("/api/v1/traces/"+id, nil)
		if err != nil || status != http.StatusOK {
			t.Errorf("from %s: %d %s %v", what, status, body, err)
			continue
		}
		differences, err := compare.Traces(tracetest.ExpectedJSON(), body)
		if err != nil || len(differences) > 0 {
			t.Errorf("from %s: not the reference trace: %v %v", what, err, differences)
		}
	}
}

func TestTraceInEveryFormat(t *testing.T) {
	t.Parallel()
	r := server(t)
	spans := webshop()
	r.push(t, spans)
	path := "/api/v1/traces/" + traceIDOf(spans)
	lines := func(format string) []string {
		t.Helper()
		status, body, err := r.get(path, map[string]string{"format": format, "from": "now-1h", "to": "now"})
		if err != nil || status != http.StatusOK {
			t.Fatalf("format %s: %d %s %v", format, status, body, err)
		}
		var out []string
		for sc := bufio.NewScanner(bytes.NewReader(body)); sc.Scan(); {
			out = append(out, sc.Text())
		}
		return out
	}
	tree := lines("tree")
	if want := "100 spans: 46 APP, 20 SYS, 34 NET"; !strings.Contains(tree[0], want) {
		t.Errorf("tree begins %q, want it to say %q", tree[0], want)
	}
	inferred := 0
	for _, l := range tree[1:] {
		if strings.Contains(l, "inferred: ") {
			inferred++
		}
	}
	if inferred != 2 {
		t.Errorf("%d links are marked as inferred, want the two of the database:\n%s", inferred, strings.Join(tree, "\n"))
	}
	if n := len(lines("table")); n != 101 {
		t.Errorf("table has %d lines, want a head and 100", n)
	}
	recorded, entities, err := record.Read(strings.NewReader(strings.Join(lines("spans"), "\n")))
	if err != nil || len(recorded) != 100 || len(entities) != 7 {
		t.Errorf("recording of %d spans and %d entities, error %v", len(recorded), len(entities), err)
	}
}

func TestBothEndsAreTagged(t *testing.T) {
	t.Parallel()
	r := server(t)
	spans := webshop()
	r.push(t, spans)
	var p trace.Printed
	r.ask(t, "/api/v1/traces/"+traceIDOf(spans), nil, &p)
	for i := range p.Spans {
		s := &p.Spans[i]
		if s.Source == "APP" {
			continue
		}
		for end, name := range map[string]trace.Text{"client": s.Client, "server": s.Server} {
			if name == "" || strings.Contains(string(name), ":") {
				t.Errorf("%s %s %s: the %s is %q, want a pod's name", s.Source, s.Point, s.Name, end, name)
			}
		}
	}
	var found text.FoundSpans
	r.ask(t, "/api/v1/search", map[string]string{"namespace": "webshop", "workload": "db-demo", "scope": "all", "protocol": "MySQL", "point": "s-p"}, &found)
	if len(found.Spans) == 0 || found.Spans[0].Client != "svc-order" || found.Spans[0].Server != "db-demo" || found.Spans[0].Service != "db-demo" {
		t.Errorf("search by the server's workload: %+v", found.Spans)
	}
	var values struct{ Values []string }
	r.ask(t, "/api/v1/values/namespace", nil, &values)
	if len(values.Values) != 1 || values.Values[0] != "webshop" {
		t.Errorf("namespaces: %v", values.Values)
	}
}

func TestSearchFindsTraces(t *testing.T) {
	t.Parallel()
	r := server(t)
	spans := webshop()
	r.push(t, spans)
	id := traceIDOf(spans)
	find := func(query map[string]string) (text.Found, bool) {
		var found text.FoundSpans
		query["from"], query["limit"] = "now-5m", "1000"
		r.ask(t, "/api/v1/search", query, &found)
		at := slices.IndexFunc(found.Spans, func(f text.Found) bool { return f.TraceID == id })
		if at < 0 {
			return text.Found{}, false
		}
		return found.Spans[at], true
	}
	// By its root, and by the database's system calls, which carry no trace id.
	for name, query := range map[string]map[string]string{
		"root": {"service": "web-shop", "source": "APP", "scope": "roots"}, "database": {"filter": "workload=db-demo", "source": "SYS"},
	} {
		f, ok := find(query)
		if !ok || f.Service != "web-shop" || f.Duration <= 0 || time.Since(time.Unix(0, f.Start)) > time.Hour || f.Trace == nil || f.Trace.Spans != len(spans) || f.Trace.Matched == 0 || f.Trace.Match == nil {
			t.Errorf("by the %s: %+v, trace %+v", name, f, f.Trace)
		}
	}
	if _, ok := find(map[string]string{"filter": "duration>=1h"}); ok {
		t.Error("found by a duration that no span has")
	}
	// No attribute of this name is stored, and the answer says so.
	var found text.FoundSpans
	r.ask(t, "/api/v1/search", map[string]string{"filter": "no.such.key=1"}, &found)
	if len(found.Nothing) != 1 || !strings.Contains(found.Nothing[0], "no attribute no.such.key") {
		t.Errorf("%+v", found)
	}
}

func TestWhatIsWrongWithARequestIsSaid(t *testing.T) {
	t.Parallel()
	r := server(t)
	f := func(path string, want int, says string) {
		t.Helper()
		status, body, err := r.get(path, nil)
		if err != nil {
			t.Fatal(err)
		}
		if status != want || !strings.Contains(field(t, body, "error"), says) {
			t.Errorf("GET %s: %d %s, want %d and %q", path, status, body, want, says)
		}
	}
	id := strings.Repeat("ab", 16)
	f("/api/v1/traces/"+id, 404, "not found")
	f("/api/v1/traces/"+id[:16], 404, "not found")
	f("/api/v1/traces/"+id[:15], 404, "not found") // leading zeros may be left out
	f("/api/v1/traces/"+strings.Repeat("0", 32), 400, "zeros")
	f("/api/v1/traces/"+strings.Repeat("g", 32), 400, "want hex digits")
	f("/api/v1/traces/..%2f..%2f..%2fetc%2fpasswd", 400, "want hex digits")
	f("/api/v1/traces/%27%20OR%201%3D1%20--%20%00%0a", 400, "want hex digits")
	f("/api/v1/traces/"+strings.Repeat("a", 9000), 400, "it has 9000 digits")
	f("/api/v1/traces/"+id+"?format=xml", 400, "want one of json, tree, table, spans")
	f("/api/v1/traces/"+id+"?max_spans=-1", 400, "a number from 1")
	f("/api/v1/traces/"+id+"?from=deepflow-doc", 400, "is no time")
	f("/api/v1/traces/"+id+"?form=now", 400, `unknown parameter "form"`)
	f("/api/v1/search?limit=1000000", 400, "a number from 1 to 10000")
	f("/api/v1/search?status=teapot", 400, "teapot")
	f("/api/v1/search?point=x", 400, "unknown observation point")
	f("/api/v1/search?filter=code", 400, "want a key")
	f("/api/v1/search?filter=code%3E%3Dx", 400, "is no number")
	f("/api/v1/search?from=now&to=now-1h", 400, "to is before from")
	f("/api/v1/search?service=%00", 400, "NUL")
	f("/api/v1/ledger?agent=a&agent=b", 400, "given 2 times")
	f("/api/v1/status?verbose=1", 400, "unknown parameter")
	f("/api/v1/nothing", 404, "/api/v1/search")
	f("/nothing", 404, "/api/v1/")
	for _, q := range []string{"'", "\\", "{x:String}", "%", "*'; DROP TABLE spans --", "\"`$(id)"} {
		var found text.FoundSpans
		r.ask(t, "/api/v1/search", map[string]string{"service": q, "request_resource": q, "attribute": q + "=" + q}, &found)
		if len(found.Spans) != 0 {
			t.Errorf("service %q was found %d times", q, len(found.Spans))
		}
	}
}

func TestOnlyGetAndOnlyThisOrigin(t *testing.T) {
	t.Parallel()
	r := server(t)
	for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodDelete, http.MethodOptions} {
		req, _ := http.NewRequest(method, r.http+"/api/v1/status", nil)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusMethodNotAllowed {
			t.Errorf("%s: %s", method, resp.Status)
		}
		for name := range resp.Header {
			if strings.HasPrefix(name, "Access-Control-") {
				t.Errorf("%s answers with %s", method, name)
			}
		}
	}
	if status, _, err := r.get("/api/v1/status", nil, "Host", "evil.example:20418"); err != nil || status != http.StatusForbidden {
		t.Errorf("a name that was pointed at loopback: %d %v, want 403", status, err)
	}
	if status, _, err := r.get("/api/v1/status", nil, "Host", "localhost:1"); err != nil || status != http.StatusOK {
		t.Errorf("localhost: %d %v", status, err)
	}
}
