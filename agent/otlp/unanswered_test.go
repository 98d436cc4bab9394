package otlp_test

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	coltrace "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	"github.com/throughline-io/throughline/agent/export"
	"github.com/throughline-io/throughline/agent/ledger"
	"github.com/throughline-io/throughline/agent/otlp"
	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/wire"
)

// ingest is a server that answers when it is released, and leaves out what it is told to.
type ingest struct {
	wire.UnimplementedIngestServer
	release chan struct{}
	reject  []*wire.Rejection
	spans   atomic.Int64
}

func (i *ingest) Push(_ context.Context, r *wire.PushRequest) (*wire.PushResponse, error) {
	<-i.release
	var b span.Batch
	if err := wire.Decode(r.GetBatch(), &b); err != nil {
		return nil, err
	}
	i.spans.Add(int64(b.Len()))
	return &wire.PushResponse{Accepted: uint64(b.Len()), Rejections: i.reject}, nil
}

func (i *ingest) Report(context.Context, *wire.ReportRequest) (*wire.ReportResponse, error) {
	return &wire.ReportResponse{}, nil
}

// serveThrough serves OTLP/HTTP whose spans go to the server by a real queue.
func serveThrough(t *testing.T, i *ingest, patience time.Duration) (url string, l *ledger.Ledger) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "s")
	listener, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	g := grpc.NewServer()
	wire.RegisterIngestServer(g, i)
	go g.Serve(listener)
	t.Cleanup(g.Stop)
	l = new(ledger.Ledger)
	q, err := export.New(export.Config{Server: "unix://" + path, Agent: "a", Node: "a", Ledger: l, Log: slog.New(slog.DiscardHandler), Patience: patience})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { q.Close() })
	s := httptest.NewServer(otlp.New(otlp.Config{Agent: "a", Node: "a", Ledger: l, Store: func(b *span.Batch, k export.Key) (otlp.Delivery, error) { return q.Put(b, k) }}))
	t.Cleanup(s.Close)
	return s.URL + "/v1/traces", l
}

func post(t *testing.T, url string, body []byte) (status int, answer *coltrace.ExportTraceServiceResponse) {
	t.Helper()
	response, err := http.Post(url, "application/x-protobuf", strings.NewReader(string(body)))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	answer = new(coltrace.ExportTraceServiceResponse)
	if response.StatusCode == http.StatusOK {
		if err := unmarshal(response.Body, answer); err != nil {
			t.Fatal(err)
		}
	}
	return response.StatusCode, answer
}

// A server does not answer in time: the client is told to come back, comes with the same bytes,
// and is answered for the spans that are on the way. A second copy would count twice in metrics.
func TestARequestThatComesAgainIsStoredOnce(t *testing.T) {
	t.Parallel()
	i := &ingest{release: make(chan struct{})}
	url, l := serveThrough(t, i, time.Millisecond)
	body, err := proto.Marshal(message(goodSpan("a"), goodSpan("b")))
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if status, _ := post(t, url, body); status != http.StatusServiceUnavailable {
			t.Fatalf("no answer from the server: %d", status)
		}
	}
	close(i.release)
	for status := 0; status != http.StatusOK; {
		status, _ = post(t, url, body)
	}
	if status, _ := post(t, url, body); status != http.StatusOK { // the answer was lost on the way
		t.Fatalf("once more: %d", status)
	}
	if n := i.spans.Load(); n != 2 {
		t.Errorf("%d spans reached the server, want 2", n)
	}
	in, out, returned := l.Counter("otlp", "APP", "in").Load(), l.Counter("otlp", "APP", "out").Load(), l.Counter("otlp", "APP", "returned to the sender").Load()
	if in != out+returned {
		t.Errorf("the ledger does not add up: %d in, %d out, %d returned", in, out, returned)
	}
}

// What the server leaves out is told as OTLP says it: a partial success, beside what the agent
// itself left out.
func TestSpansThatTheServerLeavesOutAreAPartialSuccess(t *testing.T) {
	t.Parallel()
	i := &ingest{release: make(chan struct{}), reject: []*wire.Rejection{{Reason: "start is older than the store keeps spans (168h0m0s)", Rows: []uint32{1}}}}
	close(i.release)
	url, _ := serveThrough(t, i, time.Minute)
	invalid := goodSpan("no id")
	invalid.SpanId = nil
	body, err := proto.Marshal(message(goodSpan("a"), goodSpan("b"), invalid))
	if err != nil {
		t.Fatal(err)
	}
	status, answer := post(t, url, body)
	p := answer.GetPartialSuccess()
	if status != http.StatusOK || p.GetRejectedSpans() != 2 || !strings.Contains(p.GetErrorMessage(), "1 span was left out: start is older than") || !strings.Contains(p.GetErrorMessage(), "1 invalid span was") {
		t.Errorf("%d, %v", status, p)
	}
}

func unmarshal(from io.Reader, m proto.Message) error {
	b, err := io.ReadAll(from)
	if err != nil {
		return err
	}
	return proto.Unmarshal(b, m)
}
