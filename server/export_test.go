package server

import (
	"compress/gzip"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	tracev1 "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/throughline-io/throughline/pkg/trace/tracetest"
)

// taken are the spans that a receiver of OTLP took, and their parents.
type taken struct {
	mu      sync.Mutex
	parents map[string]string
	busy    int           // so many requests it answers with 503
	came    chan struct{} // each time some came
}

func (r *taken) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.busy > 0 {
		r.busy--
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	z, err := gzip.NewReader(req.Body)
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	body, err := io.ReadAll(z)
	data := &tracev1.TracesData{}
	if err != nil || proto.Unmarshal(body, data) != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	for _, rs := range data.ResourceSpans {
		for _, ss := range rs.ScopeSpans {
			for _, s := range ss.Spans {
				r.parents[hex.EncodeToString(s.SpanId)] = hex.EncodeToString(s.ParentSpanId)
			}
		}
	}
	r.came <- struct{}{}
}

// A trace that agents pushed comes to another store as one tree, through answers of 503, and the
// ledger says how many spans went.
func TestAServerExportsAssembledTraces(t *testing.T) {
	t.Parallel()
	other := &taken{parents: map[string]string{}, busy: 1, came: make(chan struct{}, 1000)}
	receiver := httptest.NewServer(other)
	t.Cleanup(receiver.Close)
	r := start(t, func(c *Config) {
		c.Export.URL, c.Export.Sources, c.Export.Wait = receiver.URL, []string{"APP", "SYS", "NET"}, 200*time.Millisecond
	})
	all := r.stored(t, 0)
	for n := 0; n < len(all); {
		select {
		case <-other.came:
		case <-t.Context().Done():
			t.Fatalf("%d spans came", n)
		}
		other.mu.Lock()
		n = len(other.parents)
		other.mu.Unlock()
	}
	wantTree(t, "exported", all, other.parents)
	for {
		_, body, _ := r.get("/api/v1/ledger", nil)
		if strings.Contains(string(body), `"stage":"export"`) && strings.Contains(string(body), "spans exported") {
			break
		}
		select {
		case <-t.Context().Done():
			t.Fatalf("the ledger says nothing of the export: %s", body)
		case <-time.After(5 * time.Millisecond): // it is counted when the answer was read
		}
	}
	if len(tracetest.Parents()) != len(all) {
		t.Errorf("%d spans", len(all))
	}
}
