package query

import (
	"cmp"
	"maps"
	"net/http"
	"slices"

	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/store"
	"github.com/throughline-io/throughline/pkg/trace/record"
)

// writeSpans answers the spans as they are stored, and the entities they name, as a
// recording: one JSON object a line, which tests of assembly read again.
func writeSpans(w http.ResponseWriter, data *store.TraceData) error {
	entities := slices.SortedFunc(maps.Values(data.Entities), func(a, b span.Entity) int { return cmp.Compare(a.ID, b.ID) })
	w.Header().Set("Content-Type", "application/x-ndjson")
	_ = record.Write(w, data.Spans, entities) // the reader may be gone; the status has been sent
	return nil
}
