package plugin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
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
