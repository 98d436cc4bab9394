package query

import (
	"bufio"
	"encoding/json"
	"net/http"

	"github.com/throughline-io/throughline/pkg/span"
)

// writeSpans answers the spans as they are stored, one JSON object a line.
func writeSpans(w http.ResponseWriter, spans []*span.Span) error {
	w.Header().Set("Content-Type", "application/x-ndjson")
	b := bufio.NewWriterSize(w, 64<<10)
	enc := json.NewEncoder(b)
	enc.SetEscapeHTML(false)
	for _, s := range spans {
		if err := enc.Encode(s); err != nil {
			return nil // the reader is gone: the status has been sent
		}
	}
	_ = b.Flush()
	return nil
}
