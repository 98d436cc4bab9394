package query

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/store"
	"github.com/throughline-io/throughline/pkg/trace"
)

// large is a store with one trace of many spans.
type large struct {
	Store
	spans []*span.Span
}

func (l *large) Trace(context.Context, store.TraceQuery) (*store.TraceData, error) {
	return &store.TraceData{Spans: l.spans}, nil
}

// pieces is a reader's connection, and how much was written to it at a time.
type pieces struct {
	*httptest.ResponseRecorder
	largest int
}

func (p *pieces) Write(b []byte) (int, error) {
	p.largest = max(p.largest, len(b))
	return p.ResponseRecorder.Write(b)
}

// The answer with a large trace is made while it is read: no copy of it lies in memory, of which
// several readers at a time would have several.
func TestALargeTraceIsAnsweredInPieces(t *testing.T) {
	t.Parallel()
	const spans = 20_000
	l := &large{}
	for i := range uint64(spans) {
		s := &span.Span{ID: i + 1, Source: span.APP, Point: span.PointApp, TraceID: span.TraceID{1}, Start: 1e18 + int64(i), Duration: 1000, Service: "shop", Endpoint: "GET /items/{id}"}
		s.SpanID[6], s.SpanID[7] = byte((i+1)>>8), byte(i+1)
		if i > 0 {
			s.ParentSpanID[7] = 1
		}
		l.spans = append(l.spans, s)
	}
	s := New(Config{Store: l})
	for _, format := range []string{"json", "tree", "table", "spans"} {
		w := &pieces{ResponseRecorder: httptest.NewRecorder()}
		s.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/api/v1/traces/01000000000000000000000000000000?format="+format, nil))
		if w.Code != http.StatusOK || w.Body.Len() < spans*20 {
			t.Errorf("%s: %d, %d bytes", format, w.Code, w.Body.Len())
		}
		if w.largest > 256<<10 {
			t.Errorf("%s: %d of %d bytes are written at a time", format, w.largest, w.Body.Len())
		}
		var p trace.Printed
		if format == "json" && (json.Unmarshal(w.Body.Bytes(), &p) != nil || len(p.Spans) != spans) {
			t.Errorf("json: %d spans", len(p.Spans))
		}
	}
}
