package plugin

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"github.com/grafana/grafana-plugin-sdk-go/backend"

	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/store"
	"github.com/throughline-io/throughline/pkg/trace/tracetest"
)

// From spans that are read to the JSON that goes to the browser: assembly, breakdown,
// frame, and the conversion that Grafana's server does.
func BenchmarkTraceFrame(b *testing.B) {
	for _, n := range []int{100, 10_000, 100_000} {
		entities := map[uint64]span.Entity{}
		for _, e := range tracetest.WebShopEntities() {
			entities[e.ID] = e
		}
		i := newInstance(&fakeStore{trace: &store.TraceData{Spans: tracetest.Large(n, 1), Entities: entities}})
		b.Run(fmt.Sprintf("spans=%d", n), func(b *testing.B) {
			size := 0
			for b.Loop() {
				res, err := i.QueryData(b.Context(), &backend.QueryDataRequest{Queries: []backend.DataQuery{{RefID: "A", JSON: []byte(`{"queryType":"trace","query":"` + traceID + `"}`)}}})
				if err != nil {
					b.Fatal(err)
				}
				raw, err := json.Marshal(res)
				if err != nil {
					b.Fatal(err)
				}
				size = len(raw)
			}
			b.ReportMetric(float64(size)/1e6, "MB")
		})
	}
}

// From the query to the JSON that the browser gets, on warm data: statements to the store
// over HTTP, spans, assembly, frame, the way from the plugin to Grafana's server (protocol
// buffers, Arrow), and JSON there.
func BenchmarkStoredTrace(b *testing.B) {
	settings, err := realStore()
	if err != nil {
		b.Fatal(err)
	}
	for _, n := range []int{100, 10_000, 100_000} {
		rows := tracetest.Large(n, uint64(n))
		var id span.TraceID
		for batch := range slices.Chunk(rows, 20_000) {
			stored := &span.Batch{}
			appendTrace(stored, batch)
			if err := writing.Insert(b.Context(), stored); err != nil {
				b.Fatal(err)
			}
			for _, s := range batch {
				if !s.TraceID.IsZero() {
					id = s.TraceID
				}
			}
		}
		made, err := New(b.Context(), settings)
		if err != nil {
			b.Fatal(err)
		}
		i := made.(*Instance)
		defer i.Dispose()
		b.Run(fmt.Sprintf("spans=%d", n), func(b *testing.B) {
			size, spans := 0, 0
			for b.Loop() {
				res, err := i.QueryData(b.Context(), &backend.QueryDataRequest{Queries: []backend.DataQuery{{RefID: "A", JSON: []byte(`{"queryType":"trace","query":"` + id.String() + `"}`)}}})
				if err != nil {
					b.Fatal(err)
				}
				if spans = res.Responses["A"].Frames[0].Rows(); spans < n {
					b.Fatalf("%d of %d spans", spans, n)
				}
				wire, err := backend.ToProto().QueryDataResponse(backend.DataFrameFormat_ARROW, res)
				if err != nil {
					b.Fatal(err)
				}
				if res, err = backend.FromProto().QueryDataResponse(wire); err != nil {
					b.Fatal(err)
				}
				raw, err := json.Marshal(res)
				if err != nil {
					b.Fatal(err)
				}
				size = len(raw)
			}
			b.ReportMetric(float64(size)/1e6, "MB")
			b.ReportMetric(float64(size)/float64(spans), "B/span")
		})
	}
}
