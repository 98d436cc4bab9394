package plugin

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"

	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/store"
	"github.com/throughline-io/throughline/pkg/trace/tracetest"
	"github.com/throughline-io/throughline/server/engine"
)

// Some tests ask the real store: the embedded engine with a WebShop trace in it, over HTTP
// with the credentials of a reader, as Grafana asks.

var (
	realStore = sync.OnceValues(startStore)
	stopStore = func() {}
	writing   *store.Store // what the server writes with, once the store is there
)

func TestMain(m *testing.M) {
	code := m.Run()
	stopStore()
	os.Exit(code)
}

// startStore returns the settings that lead to the store.
func startStore() (backend.DataSourceInstanceSettings, error) {
	var none backend.DataSourceInstanceSettings
	dir, err := os.MkdirTemp("", "plugin-test")
	if err != nil {
		return none, err
	}
	stopStore = func() { os.RemoveAll(dir) }
	root, err := filepath.Abs("../..")
	if err != nil {
		return none, err
	}
	binary := filepath.Join(dir, "throughline-store")
	build := exec.Command("go", "build", "-o", binary, "./cmd/throughline-store")
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		return none, fmt.Errorf("build throughline-store: %w\n%s", err, out)
	}
	o := engine.Options{DataDir: filepath.Join(dir, "data"), Binary: binary, Logger: slog.New(slog.DiscardHandler)}
	if library := filepath.Join(root, "node_modules/@chdb/lib-linux-x64-gnu/libchdb.so"); os.Getenv("THROUGHLINE_LIBCHDB") == "" {
		o.Library = library
	}
	background := context.Background()
	e, err := engine.Start(background, o)
	if err != nil {
		return none, fmt.Errorf("%w (run `npm install` in the repository, or set THROUGHLINE_LIBCHDB to libchdb.so)", err)
	}
	config := e.StoreConfig()
	config.Retention = 50 * 365 * 24 * time.Hour // the tests' spans are old
	s, err := store.Open(background, config)
	if err != nil {
		return none, err
	}
	if err := s.Migrate(background); err != nil {
		return none, err
	}
	if err := s.PutEntities(background, tracetest.WebShopEntities()); err != nil {
		return none, err
	}
	b := &span.Batch{}
	shop := tracetest.NewShop(1)
	for n := range 3 {
		appendTrace(b, shop.Trace(start+int64(n)*60_000*ms))
	}
	if err := s.Insert(background, b); err != nil {
		return none, err
	}
	writing = s
	// What the server's /clickhouse/ does: pass on what readers ask.
	pass := &httputil.ReverseProxy{
		Rewrite:   func(r *httputil.ProxyRequest) { r.SetURL(&url.URL{Scheme: "http", Host: "throughline-store"}) },
		Transport: &http.Transport{DialContext: e.DialContext},
	}
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// Whole, as the server does: where the store answers before the last byte of a statement is passed on, net/http
		// closes what is left of the body, and the transport then the connection with the answer.
		body, err := io.ReadAll(r.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		r.Body, r.ContentLength, r.TransferEncoding = io.NopCloser(bytes.NewReader(body)), int64(len(body)), nil
		pass.ServeHTTP(w, r)
	}))
	stopStore = func() {
		proxy.Close()
		s.Close()
		e.Close()
		os.RemoveAll(dir)
	}
	return backend.DataSourceInstanceSettings{Name: "Throughline", UID: "uid", URL: proxy.URL, DecryptedSecureJSONData: map[string]string{"token": e.ReadSecret()}}, nil
}

// appendTrace appends a trace and what the agents know of it: which sessions are its own.
func appendTrace(b *span.Batch, rows []*span.Span) {
	group := span.GroupID(0)
	for _, x := range rows {
		b.Append(x)
		if x.Source == span.APP {
			group = x.Group()
		}
	}
	for _, x := range rows {
		if x.Source == span.SYS && x.TraceID.IsZero() {
			b.Edges = append(b.Edges, span.Edge{A: x.Group(), B: group, Time: x.Start, Kind: span.EdgePassage})
		}
	}
}

// reading is an instance on the real store.
func reading(t *testing.T) *Instance {
	t.Helper()
	if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" {
		t.Skip("the embedded engine is for linux/amd64")
	}
	s, err := realStore()
	if err != nil {
		t.Fatal(err)
	}
	return instanceOf(t, s)
}

func instanceOf(t *testing.T, s backend.DataSourceInstanceSettings) *Instance {
	t.Helper()
	made, err := New(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	i := made.(*Instance)
	t.Cleanup(i.Dispose)
	return i
}
