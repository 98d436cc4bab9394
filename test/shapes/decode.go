package shapes

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"time"

	coltrace "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/throughline-io/throughline/agent/export"
	"github.com/throughline-io/throughline/agent/ledger"
	"github.com/throughline-io/throughline/agent/otlp"
	"github.com/throughline-io/throughline/pkg/span"
)

// Node is the agent that Batch and Spans read with, and its node.
const Node = "node0"

// Batch reads requests with the agent's receiver, as if they came over HTTP from its own
// node. It panics where the receiver leaves a span out: shapes have none that is invalid.
func Batch(requests []*coltrace.ExportTraceServiceRequest) *span.Batch {
	all := &span.Batch{}
	receiver := otlp.New(otlp.Config{Agent: Node, Node: Node, Ledger: new(ledger.Ledger), Store: func(b *span.Batch, _ export.Key) (otlp.Delivery, error) {
		all.AppendBatch(b)
		return new(export.Delivery), nil
	}})
	sent := 0
	for _, r := range requests {
		body, err := proto.Marshal(r)
		if err != nil {
			panic(fmt.Sprintf("BUG: marshal a request: %v", err))
		}
		post := httptest.NewRequest(http.MethodPost, otlp.PathTraces, bytes.NewReader(body))
		post.Header.Set("Content-Type", "application/x-protobuf")
		post.RemoteAddr = "127.0.0.1:40000"
		answer := httptest.NewRecorder()
		receiver.ServeHTTP(answer, post)
		for _, rs := range r.ResourceSpans {
			for _, ss := range rs.ScopeSpans {
				sent += len(ss.Spans)
			}
		}
		if answer.Code != http.StatusOK || all.Len() != sent {
			panic(fmt.Sprintf("BUG: the receiver took %d of %d spans: %d %s", all.Len(), sent, answer.Code, answer.Body))
		}
	}
	return all
}

// Spans are the spans of a shape as the agent makes them, trace by trace.
func Spans(name string, base time.Time, size Size) [][]*span.Span {
	var traces [][]*span.Span
	at := map[span.TraceID]int{}
	for s := range Batch(Make(name, base, size)).Spans() {
		i, known := at[s.TraceID]
		if !known {
			i = len(traces)
			at[s.TraceID] = i
			traces = append(traces, nil)
		}
		traces[i] = append(traces[i], s)
	}
	return traces
}
