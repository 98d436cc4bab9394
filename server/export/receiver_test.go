package export

import (
	"compress/gzip"
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/store"
	"github.com/throughline-io/throughline/pkg/trace/tracetest"
)

// one is a store with one trace.
type one struct {
	mu    sync.Mutex
	spans []*span.Span
	fails error
}

func (o *one) Trace(context.Context, store.TraceQuery) (*store.TraceData, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.fails != nil {
		return nil, o.fails
	}
	data := &store.TraceData{Spans: slices.Clone(o.spans), Entities: map[uint64]span.Entity{}}
	for _, e := range tracetest.WebShopEntities() {
		data.Entities[e.ID] = e
	}
	groups := map[span.GroupID]bool{}
	for _, s := range o.spans {
		if g := s.Group(); !groups[g] {
			groups[g] = true
			data.Groups = append(data.Groups, g)
		}
	}
	return data, nil
}

func (o *one) set(spans []*span.Span) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.spans = spans
}

// receiver keeps what it takes; fail says what to answer in its place.
type receiver struct {
	collector.UnimplementedTraceServiceServer
	mu       sync.Mutex
	parents  map[string]string
	twice    int
	requests int
	headers  string
	fail     func(request int) (httpStatus int, code codes.Code)
	came     chan struct{}
}

func newReceiver() *receiver {
	return &receiver{parents: map[string]string{}, came: make(chan struct{}, 1000), fail: func(int) (int, codes.Code) { return 0, codes.OK }}
}

func (r *receiver) take(req *collector.ExportTraceServiceRequest, header string) (httpStatus int, code codes.Code) {
	r.mu.Lock()
	defer r.mu.Unlock()
	defer func() { r.came <- struct{}{} }()
	r.requests++
	r.headers = header
	if httpStatus, code = r.fail(r.requests); code != codes.OK {
		return httpStatus, code
	}
	for _, rs := range req.ResourceSpans {
		for _, ss := range rs.ScopeSpans {
			for _, s := range ss.Spans {
				id := hex.EncodeToString(s.SpanId)
				if _, again := r.parents[id]; again {
					r.twice++
				}
				r.parents[id] = hex.EncodeToString(s.ParentSpanId)
			}
		}
	}
	return http.StatusOK, codes.OK
}

func (r *receiver) Export(ctx context.Context, req *collector.ExportTraceServiceRequest) (*collector.ExportTraceServiceResponse, error) {
	md, _ := metadata.FromIncomingContext(ctx)
	if _, code := r.take(req, strings.Join(md.Get("tenant"), "")); code != codes.OK {
		return nil, status.Error(code, "later")
	}
	return &collector.ExportTraceServiceResponse{}, nil
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	var in collector.ExportTraceServiceRequest
	z, err := gzip.NewReader(req.Body)
	if err == nil {
		var b []byte
		if b, err = io.ReadAll(z); err == nil {
			err = proto.Unmarshal(b, &in)
		}
	}
	if err != nil || req.URL.Path != "/v1/traces" {
		http.Error(w, fmt.Sprint(err), http.StatusBadRequest)
		return
	}
	httpStatus, _ := r.take(&in, req.Header.Get("Tenant"))
	w.WriteHeader(httpStatus)
}

// wait ends when the receiver has so many spans.
func (r *receiver) wait(t *testing.T, spans int) map[string]string {
	t.Helper()
	for {
		r.mu.Lock()
		n := len(r.parents)
		r.mu.Unlock()
		if n >= spans {
			return r.parents
		}
		select {
		case <-r.came:
		case <-t.Context().Done():
			t.Fatalf("%d spans came, want %d", n, spans)
		}
	}
}

func (r *receiver) grpc(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	g := grpc.NewServer()
	collector.RegisterTraceServiceServer(g, r)
	go func() { _ = g.Serve(l) }()
	t.Cleanup(g.Stop)
	return "grpc://" + l.Addr().String()
}

func (r *receiver) http(t *testing.T) string {
	t.Helper()
	s := httptest.NewServer(r)
	t.Cleanup(s.Close)
	return s.URL
}

// run runs an exporter; stop ends it.
func run(t *testing.T, c Config, s Store) (e *Exporter, stop func()) {
	t.Helper()
	c.Headers = map[string]string{"tenant": "shop"}
	c.Wait, c.backoff = 20*time.Millisecond, time.Millisecond
	if err := c.Check(); err != nil {
		t.Fatal(err)
	}
	e, err := New(c, s, func(context.Context) {})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); e.Run(ctx) }()
	stop = sync.OnceFunc(func() { cancel(); <-done })
	t.Cleanup(stop)
	return e, stop
}

func batch(spans []*span.Span) *span.Batch {
	b := new(span.Batch)
	for _, s := range spans {
		b.Append(s)
	}
	return b
}

func id(s *span.Span) string {
	if s.Source == span.APP {
		return s.SpanID.String()
	}
	return span.FormatID(s.ID)
}
