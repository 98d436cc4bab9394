package plugin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"
)

var queryTypes = []string{"trace", "search", "variables", "metrics", "serviceMap", "annotations"}

// hostile are texts that have broken one program or another.
var hostile = []string{
	"'", `"`, "`", `\`, `\'`, "a\x00b", "\n\n", "\t", "';DROP TABLE spans;--", `\');DROP TABLE spans;--`, "') OR 1=1 --", "1 UNION ALL SELECT * FROM system.users",
	"%", "_", "*", "**", "{p0:String}", "{{.}}", "$__timeFilter", "${x}", "🙂", "\u202e", "NULL", `\N`, "*/", "/*", "-1", "1e400", "NaN", strings.Repeat("x", 4000), strings.Repeat("'", 20_000),
}

// wrong are values of every other JSON type.
var wrong = []any{nil, true, -1, 1.5, 1e300, []any{}, []any{"a", 5}, map[string]any{"a": "b"}, []any{map[string]any{"key": 5}}}

// properties are all properties of a query, with the name of their Go type.
func properties() map[string]reflect.Kind {
	out := map[string]reflect.Kind{}
	typ := reflect.TypeFor[query]()
	for n := range typ.NumField() {
		out[typ.Field(n).Tag.Get("json")] = typ.Field(n).Type.Kind()
	}
	return out
}

// base is a query of the type that is answered.
func base(queryType string) map[string]any {
	q := map[string]any{"queryType": queryType, "name": "service"}
	if queryType == "trace" {
		q["query"] = traceID
	}
	return q
}

// unclear reports what is wrong with the message of an error.
func unclear(message string) string {
	for _, leak := range []string{"SELECT id", "SELECT toString", "SELECT secret", "FROM spans", "FROM requests_minute", "FROM entities", "goroutine ", "panic", ".go:", "runtime error"} {
		if strings.Contains(message, leak) {
			return "it shows " + leak
		}
	}
	if message == "" || len(message) > 1000 {
		return fmt.Sprintf("its length is %d", len(message))
	}
	return ""
}

// Every property of every type of query, with every hostile text and every wrong type, on the
// real store: an answer, or a message that says what is wrong with the query. Then the next
// query works.
func TestHostileValuesInEveryProperty(t *testing.T) {
	t.Parallel()
	i := reading(t)
	type attempt struct {
		what string
		json []byte
	}
	var attempts []attempt
	try := func(what string, q map[string]any) {
		text, err := json.Marshal(q)
		if err != nil {
			t.Fatal(err)
		}
		attempts = append(attempts, attempt{what, text})
	}
	for _, typ := range queryTypes {
		for name, kind := range properties() {
			for n, value := range append(slices.Clone(wrong), anys(hostile)...) {
				if typ != "search" && n%8 != len(name)%8 { // all of them for one type, a part for the others
					continue
				}
				if text, ok := value.(string); ok {
					switch kind {
					case reflect.Slice:
						if name == "filters" {
							for _, f := range []any{
								map[string]any{"key": text, "operator": "=", "value": "a"}, map[string]any{"key": "service", "operator": text, "value": "a"},
								map[string]any{"key": "service", "operator": "!=", "value": text}, map[string]any{"key": "request_resource", "operator": "=|", "values": []string{text, "b"}},
							} {
								q := base(typ)
								q[name] = []any{f}
								try(fmt.Sprintf("%s with filter %.60q", typ, f), q)
							}
							continue
						}
						value = []any{text}
					}
				}
				q := base(typ)
				q[name] = value
				try(fmt.Sprintf("%s with %s = %.60q", typ, name, fmt.Sprint(value)), q)
			}
		}
	}
	for chunk := range slices.Chunk(attempts, 50) {
		req := &backend.QueryDataRequest{}
		for n, a := range chunk {
			req.Queries = append(req.Queries, backend.DataQuery{RefID: fmt.Sprint(n), JSON: a.json, TimeRange: during})
		}
		all, err := i.QueryData(t.Context(), req)
		if err != nil {
			t.Fatal(err)
		}
		for n, a := range chunk {
			res := all.Responses[fmt.Sprint(n)]
			if res.Error != nil {
				if why := unclear(res.Error.Error()); why != "" || res.Status != backend.StatusBadRequest || res.ErrorSource != backend.ErrorSourceDownstream {
					t.Errorf("%s: status %d, source %s, %q: %s", a.what, res.Status, res.ErrorSource, res.Error, why)
				}
				continue
			}
			if len(res.Frames) == 0 {
				t.Errorf("%s: no frames", a.what)
			}
			if _, err := json.Marshal(res); err != nil {
				t.Errorf("%s: the answer is no JSON: %v", a.what, err)
			}
		}
	}
	works(t, i)
}

func anys(texts []string) (all []any) {
	for _, t := range texts {
		all = append(all, t)
	}
	return all
}

// works checks that the store is whole and answers.
func works(t *testing.T, i *Instance) {
	t.Helper()
	for _, typ := range []string{"search", "metrics", "serviceMap", "variables"} {
		text, _ := json.Marshal(base(typ))
		res := ask(t, i, string(text))
		if res.Error != nil || len(res.Frames) == 0 || res.Frames[0].Rows() == 0 {
			t.Errorf("the %s after: %v, %v", typ, res.Error, res.Frames)
		}
	}
}

func TestHostileValuesInResourceCalls(t *testing.T) {
	t.Parallel()
	i := reading(t)
	for _, text := range hostile {
		e := url.QueryEscape(text)
		for _, path := range []string{
			"/span/" + url.PathEscape(text), "/values/" + url.PathEscape(text), "/values/service?namespace=" + e, "/values/service?pattern=" + e, "/values/service?from=" + e, "/values/service?limit=" + e,
			"/values/request_resource?workload=" + e + "&service=" + e + "&protocol=" + e, "/tag-keys?to=" + e, "/tag-values?key=" + e, "/tag-values?key=service&pattern=" + e,
			"/suggestions?field=" + e, "/suggestions?field=service&text=" + e, "/suggestions?field=attribute:" + e + "&text=" + e, "/" + url.PathEscape(text),
		} {
			w := get(i, path)
			if !json.Valid(w.Body.Bytes()) && w.Code != http.StatusMovedPermanently && w.Code != http.StatusTemporaryRedirect { // a path with // is another path
				t.Errorf("%.80s: %d, no JSON: %.200s", path, w.Code, w.Body)
			}
			if w.Code >= 500 || w.Code >= 400 && unclear(w.Body.String()) != "" {
				t.Errorf("%.80s: %d %s", path, w.Code, w.Body)
			}
		}
	}
	works(t, i)
}

// A range of any size is answered within the limits.
func TestAnyTimeRange(t *testing.T) {
	t.Parallel()
	i := reading(t)
	at := time.Unix(0, start)
	for name, r := range map[string]backend.TimeRange{
		"none": {}, "all of time": {From: time.Unix(1, 0), To: time.Unix(1<<33, 0)}, "backwards": {From: at.Add(time.Hour), To: at}, "nothing": {From: at, To: at},
		"before Unix": {From: time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC), To: at}, "after all": {From: at, To: time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)},
	} {
		for _, typ := range queryTypes {
			for _, format := range []string{"", "heatmap", "numeric", "table"} {
				q := base(typ)
				if q["format"] = format; format != "" && typ != "metrics" {
					continue
				}
				text, _ := json.Marshal(q)
				res, err := i.QueryData(t.Context(), &backend.QueryDataRequest{Queries: []backend.DataQuery{{RefID: "A", JSON: text, TimeRange: r}}})
				if err != nil {
					t.Fatal(err)
				}
				a := res.Responses["A"]
				if a.Error != nil && (a.Status != backend.StatusBadRequest || unclear(a.Error.Error()) != "") {
					t.Errorf("%s, %s %s: %d %v", name, typ, format, a.Status, a.Error)
				}
				for _, f := range a.Frames {
					if f.Rows() > 20_000 {
						t.Errorf("%s, %s %s: %d rows", name, typ, format, f.Rows())
					}
				}
			}
		}
	}
}

// The store is away, answers rubbish, or does not answer: every query and call says so, shows
// no secret, and the plugin goes on.
func TestStoresThatFail(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		serve http.HandlerFunc // nil: nothing listens
		want  string
	}{
		"away":          {nil, "nothing listens there"},
		"no ClickHouse": {func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>hello</html>") }, ""},
		"nothing":       {func(http.ResponseWriter, *http.Request) {}, ""},
		"bytes":         {func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte(strings.Repeat("\xff\x00\x7f", 1000))) }, ""},
		"cut off": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100000")
			w.Write([]byte("\x01\x01\x01a"))
		}, ""},
		"refuses": {func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, "Code: 516. DB::Exception: reader: Authentication failed", http.StatusForbidden)
		}, "access is refused"},
		"an old schema": {func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, "Code: 60. DB::Exception: Unknown table expression identifier 'spans' in scope SELECT secret FROM spans. (UNKNOWN_TABLE) (version 26.7)", 404)
		}, "tables are not there"},
		"out of memory": {func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, "Code: 241. DB::Exception: Memory limit exceeded: While executing X. (MEMORY_LIMIT_EXCEEDED)", 500)
		}, "Memory limit"},
		"does not answer": {func(_ http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body) // else it does not notice that the client leaves
			<-r.Context().Done()
		}, "in time"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			address := away(t)
			if c.serve != nil {
				server := httptest.NewServer(c.serve)
				t.Cleanup(server.Close)
				address = server.URL
			}
			i := instanceOf(t, backend.DataSourceInstanceSettings{URL: strings.Replace(address, "http://", "http://me:hidden1@", 1), JSONData: []byte(`{"timeoutSeconds":1}`), DecryptedSecureJSONData: map[string]string{"token": "hidden2"}})
			check := func(what, message string) {
				t.Helper()
				if why := unclear(message); why != "" || strings.Contains(message, "hidden") || !strings.Contains(message, c.want) {
					t.Errorf("%s: %q: %s; want %q", what, message, why, c.want)
				}
			}
			for range 2 {
				for _, typ := range queryTypes {
					text, _ := json.Marshal(base(typ))
					res := ask(t, i, string(text))
					if res.Error == nil && name == "nothing" {
						continue // an empty answer is an answer: there is nothing
					}
					if res.Error == nil {
						t.Errorf("%s: no error, %v", typ, res.Frames)
						continue
					}
					if res.ErrorSource != backend.ErrorSourceDownstream || res.Status < 500 {
						t.Errorf("%s: source %s, status %d", typ, res.ErrorSource, res.Status)
					}
					check(typ, res.Error.Error())
				}
				if name == "does not answer" {
					break // a second each
				}
			}
			for _, path := range []string{"/span/0000000000000001", "/values/service", "/tag-keys", "/suggestions?field=pod"} {
				w := get(i, path)
				if w.Code == http.StatusOK && name == "nothing" {
					continue
				}
				if w.Code < 500 && w.Code != http.StatusNotFound {
					t.Errorf("%s: %d", path, w.Code)
				}
				check(path, w.Body.String())
			}
		})
	}
}

// away is an address at which nothing listens.
func away(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return "http://" + l.Addr().String()
}

// The rules that Grafana's trace view applies to a frame (TraceView/utils/transform.ts and
// types/trace.ts), fed with every source of span.
func TestExploreTakesTheTraceFrame(t *testing.T) {
	t.Parallel()
	i := reading(t)
	found := ask(t, i, `{"queryType":"search","scope":"roots","source":"APP"}`)
	if found.Error != nil {
		t.Fatal(found.Error)
	}
	link, _ := found.Frames[0].FieldByName("trace")
	res := ask(t, i, `{"queryType":"trace","view":"trace","query":"`+link.At(0).(string)+`"}`)
	if res.Error != nil || len(res.Frames) != 1 {
		t.Fatalf("%d frames, %v: Explore takes one", len(res.Frames), res.Error)
	}
	raw, err := json.Marshal(res.Frames[0])
	if err != nil {
		t.Fatal(err)
	}
	var frame struct {
		Schema struct {
			Meta   struct{ PreferredVisualisationType string }
			Fields []struct{ Name, Type string }
		}
		Data struct{ Values [][]any }
	}
	if err := json.Unmarshal(raw, &frame); err != nil {
		t.Fatal(err)
	}
	if v := frame.Schema.Meta.PreferredVisualisationType; v != string(data.VisTypeTrace) {
		t.Errorf("the frame is for %q", v)
	}
	want := map[string]string{
		"traceID": "string", "spanID": "string", "parentSpanID": "string", "operationName": "string", "serviceName": "string", "serviceNamespace": "string", "serviceTags": "other",
		"startTime": "number", "duration": "number", "logs": "other", "references": "other", "tags": "other", "kind": "string", "statusCode": "number", "statusMessage": "string",
		"instrumentationLibraryName": "string", "instrumentationLibraryVersion": "string", "traceState": "string",
	}
	columns := map[string][]any{}
	for n, f := range frame.Schema.Fields {
		if want[f.Name] != f.Type {
			t.Errorf("field %s is a %s, want %q", f.Name, f.Type, want[f.Name])
		}
		columns[f.Name] = frame.Data.Values[n]
		delete(want, f.Name)
	}
	if len(want) > 0 {
		t.Errorf("fields missing: %v", want)
	}
	ids, sources := map[any]bool{}, map[string]int{}
	for _, id := range columns["spanID"] {
		if id == "" || ids[id] {
			t.Errorf("span id %q is empty or there twice: Explore would show nothing", id)
		}
		ids[id] = true
	}
	roots := 0
	for row := range columns["spanID"] {
		if columns["traceID"][row] != columns["traceID"][0] || columns["traceID"][row] == "" {
			t.Errorf("row %d is of trace %q", row, columns["traceID"][row])
		}
		switch parent := columns["parentSpanID"][row]; {
		case parent == "":
			roots++
		case !ids[parent]:
			t.Errorf("row %d has a parent that is not there", row)
		}
		if columns["operationName"][row] == "" || columns["serviceName"][row] == "" {
			t.Errorf("row %d has no name", row)
		}
		if at := columns["startTime"][row].(float64); at < 1.6e12 || at > 1.8e12 {
			t.Errorf("row %d starts at %v: want milliseconds", row, at)
		}
		if !slices.Contains([]any{"", "client", "server", "producer", "consumer", "internal"}, columns["kind"][row]) {
			t.Errorf("kind %q", columns["kind"][row])
		}
		if code := columns["statusCode"][row].(float64); code != 0 && code != 1 && code != 2 {
			t.Errorf("status %v", code)
		}
		tags := map[string]any{}
		for _, name := range []string{"tags", "serviceTags"} {
			for _, tag := range columns[name][row].([]any) { // an array whatever happens
				kv := tag.(map[string]any)
				if kv["key"] == "" || kv["key"] == nil {
					t.Errorf("row %d: a tag without key", row)
				}
				tags[kv["key"].(string)] = kv["value"]
			}
		}
		for _, l := range columns["logs"][row].([]any) {
			log := l.(map[string]any)
			if _, ok := log["timestamp"].(float64); !ok || log["fields"] == nil {
				t.Errorf("row %d: log %v", row, log)
			}
		}
		for _, r := range columns["references"][row].([]any) {
			ref := r.(map[string]any)
			if ref["traceID"] == "" || ref["spanID"] == "" {
				t.Errorf("row %d: reference %v", row, ref)
			}
		}
		source, _ := tags["throughline.source"].(string)
		sources[source]++
		if source != "APP" && (tags["throughline.hop"] == nil || tags["k8s.node.name"] == nil) {
			t.Errorf("row %d (%s) does not say its hop: %v", row, source, tags)
		}
	}
	if roots != 1 || sources["APP"] != 46 || sources["SYS"] != 20 || sources["NET"] != 34 {
		t.Errorf("%d roots, spans %v", roots, sources)
	}
}

// A query that the user leaves ends, and the store sees its client go.
func TestACancelledQueryEnds(t *testing.T) {
	t.Parallel()
	asked, gone := make(chan struct{}), make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		close(asked)
		<-r.Context().Done()
		close(gone)
	}))
	t.Cleanup(server.Close)
	i := instanceOf(t, backend.DataSourceInstanceSettings{URL: server.URL})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	answered := make(chan error)
	go func() {
		_, err := i.QueryData(ctx, &backend.QueryDataRequest{Queries: []backend.DataQuery{{RefID: "A", JSON: []byte(`{"queryType":"trace","query":"` + traceID + `"}`)}}})
		answered <- err
	}()
	<-asked
	cancel()
	if err := <-answered; !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	<-gone
}
