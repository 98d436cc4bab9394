package hostd_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/throughline-io/throughline/test/host/hostd"
)

// A panel that asks anew cancels its last question, and so does a page that is left. Neither is
// a fault: no warning in Grafana's log, and no failed call.
func TestACancelledCallIsNoFault(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ method, path, body string }{
		"query": {http.MethodPost, "/api/ds/query",
			`{"from":"1700000000000","to":"1700003600000","queries":[{"refId":"A","queryType":"search","datasource":{"uid":"throughline"}}]}`},
		"resource": {http.MethodGet, "/api/datasources/uid/throughline/resources/values/service", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			asked := make(chan struct{}, 10)
			store := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body) // only then it is seen that the client goes
				asked <- struct{}{}
				<-r.Context().Done() // it is slow
			}))
			t.Cleanup(store.Close)
			log := &lines{}
			h := startWith(t, hostd.Options{
				Provisioning: filepath.Join(root, "provisioning"), Environment: map[string]string{"THROUGHLINE_URL": store.URL}, PluginLog: log,
			})
			ctx, leave := context.WithCancel(t.Context())
			gone := make(chan struct{})
			go func() {
				defer close(gone)
				req, err := http.NewRequestWithContext(ctx, c.method, h.URL()+c.path, strings.NewReader(c.body))
				if err != nil {
					t.Error(err)
					return
				}
				if res, err := http.DefaultClient.Do(req); err == nil {
					t.Errorf("answered with %d", res.StatusCode)
					_ = res.Body.Close()
				}
			}()
			<-asked
			leave()
			<-gone
			h.Close() // after what it still has to say
			if said := log.String(); said != "" {
				t.Errorf("the plugin's log, from warnings up: %s", said)
			}
		})
	}
}

// lines is a log that several write to.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}
