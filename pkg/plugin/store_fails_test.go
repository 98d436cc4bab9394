package plugin

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
)

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
