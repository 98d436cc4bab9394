package plugin

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/grafana/grafana-plugin-sdk-go/backend"

	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/store"
	"github.com/throughline-io/throughline/pkg/trace/record"
	"github.com/throughline-io/throughline/pkg/trace/tracetest"
)

// asked is an instance whose server answers what APMs have.
func asked(t *testing.T, stored *store.TraceData, err error, answer http.HandlerFunc) *Instance {
	t.Helper()
	server := httptest.NewServer(answer)
	t.Cleanup(server.Close)
	address, parseErr := url.Parse(server.URL + "/behind/clickhouse/")
	if parseErr != nil {
		t.Fatal(parseErr)
	}
	i := newInstance(&fakeStore{trace: stored, err: err})
	i.elsewhere = newElsewhere(address, nil, "", "", "secret")
	return i
}

// The panel's trace has the code that an APM keeps, beside what is stored, each span once.
func TestCodeFromAnAPMIsInTheTrace(t *testing.T) {
	t.Parallel()
	var seen, code []*span.Span
	for _, s := range tracetest.WebShop(1) {
		if s.Source == span.APP {
			code = append(code, s)
		} else {
			seen = append(seen, s)
		}
	}
	entities := tracetest.WebShopEntities()
	var path, login string
	i := asked(t, &store.TraceData{Spans: seen, Entities: map[uint64]span.Entity{entities[0].ID: entities[0]}}, nil, func(w http.ResponseWriter, r *http.Request) {
		path, login = r.URL.Path, r.Header.Get("Authorization")
		both := append(code[:len(code):len(code)], seen[0]) // what was seen around it is sent, too
		said := record.Said{Truncated: "of the code of jaeger was left out: 3 spans", Complete: true}
		if err := (&record.Recording{Spans: both, Entities: entities, Resources: []span.Resource{{ID: 7}}, Said: said}).Write(w); err != nil {
			t.Error(err)
		}
	})
	id := span.AnyID{Trace: code[0].TraceID}
	read, err := i.read(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	if path != "/behind/api/v1/traces/"+id.Trace.String()+"/elsewhere" || login != "Bearer secret" {
		t.Errorf("asked %q, as %q", path, login)
	}
	if len(read.Spans) != 100 || len(read.Entities) != len(entities) || read.Resources[7].ID != 7 || !read.Complete || read.Truncated != "of the code of jaeger was left out: 3 spans" {
		t.Errorf("%d spans, %d entities, resources %v, complete %v, %q", len(read.Spans), len(read.Entities), read.Resources, read.Complete, read.Truncated)
	}
	if a := assemble(id.String(), read); len(a.tree.Roots) != 1 {
		t.Errorf("%d roots", len(a.tree.Roots))
	}
}

// What the server does not answer costs what APMs may have, and nothing that is stored.
func TestAServerThatDoesNotAnswerForAPMs(t *testing.T) {
	t.Parallel()
	const left = "the server could not be asked what APMs have of it: "
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		says   string
	}{
		"no APM is asked": {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }, ""},
		"an older server": {http.NotFound, ""},
		"it is refused": {func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, "this server wants a token", http.StatusUnauthorized)
		}, left + "401 Unauthorized: this server wants a token"},
		"it is cut off":   {func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("{\"entity\":{\"id\":7}}\n")) }, left + "read recording: it ends early"},
		"it is no answer": {func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>")) }, left + "read recording: line 1"},
		"fields of others": {func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte(`{"new":1}` + "\n" + `{"said":{"later":1}}`))
		}, ""},
	} {
		read, err := asked(t, &store.TraceData{Spans: tracetest.WebShop(1)}, nil, c.answer).read(t.Context(), span.AnyID{Trace: span.TraceID{1}})
		if err != nil || len(read.Spans) != 100 || !strings.HasPrefix(read.Truncated, c.says) || c.says == "" && read.Truncated != "" {
			t.Errorf("%s: %v, %d spans, %q", name, err, len(read.Spans), read.Truncated)
		}
	}
}

// A trace that nothing is stored of is what an APM has.
func TestATraceThatOnlyAnAPMHas(t *testing.T) {
	t.Parallel()
	i := asked(t, nil, store.ErrNotFound, func(w http.ResponseWriter, _ *http.Request) {
		_ = (&record.Recording{Spans: tracetest.WebShop(1)[:1]}).Write(w)
	})
	if read, err := i.read(t.Context(), span.AnyID{Trace: span.TraceID{1}}); err != nil || len(read.Spans) != 1 {
		t.Errorf("%v, %+v", err, read)
	}
}

// Only Throughline's server knows of APMs.
func TestWhoIsAskedForAPMs(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"http://server:20418/clickhouse/":   "http://server:20418/api/v1/traces",
		"https://server/tracing/clickhouse": "https://server/tracing/api/v1/traces",
		"http://clickhouse:8123":            "",
		"clickhouse://clickhouse:9000":      "",
	} {
		s, err := readSettings(backend.DataSourceInstanceSettings{URL: address})
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if s.elsewhere != nil {
			got = s.elsewhere.traces.String()
		}
		if got != want {
			t.Errorf("%s: %q is asked, want %q", address, got, want)
		}
	}
}
