package plugin

import (
	"encoding/json"
	"fmt"
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
