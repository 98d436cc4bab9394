package otlp

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/throughline-io/throughline/agent/ledger"
	"github.com/throughline-io/throughline/pkg/span"
	coltrace "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	trace "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

func TestSmoke(t *testing.T) {
	var got span.Batch
	r := New(Config{Agent: "a", Node: "n", Ledger: new(ledger.Ledger), Store: func(_ context.Context, b *span.Batch) error { got.AppendBatch(b); return b.Check() }})
	s := httptest.NewServer(r)
	defer s.Close()
	body, _ := proto.Marshal(&coltrace.ExportTraceServiceRequest{ResourceSpans: []*trace.ResourceSpans{{ScopeSpans: []*trace.ScopeSpans{{Spans: []*trace.Span{
		{TraceId: []byte("0123456789abcdef"), SpanId: []byte("01234567"), Name: "x", StartTimeUnixNano: 1e18, EndTimeUnixNano: 1e18 + 5},
		{Name: "bad"},
	}}}}}})
	resp, err := http.Post(s.URL+"/v1/traces", "application/x-protobuf", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	b, _ := io.ReadAll(resp.Body)
	t.Logf("%d %q %v", resp.StatusCode, b, got.Len())
	for s := range got.Spans() {
		t.Logf("%+v", s)
	}
}
