package plugin

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/store"
)

// foundSpans are the spans of a trace that a filter lets through, by our ids, the earliest
// first.
type foundSpans struct {
	Spans   []string `json:"spans"`
	Limited bool     `json:"limited"` // there are more
}

// findResource is GET find/{id}?filter=app.card=visa: which spans of a trace a filter lets
// through; id is that of any of its spans. The frame leaves attributes, resources and events
// behind, and the panel finds in them all the same. A filter is written, and means, what it
// does in a search; any_value=*visa* is the text wherever it stands.
func (i *Instance) findResource(r *http.Request) (any, error) {
	id, err := readID(r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	filter, err := readFilter(r)
	if err != nil {
		return nil, err
	}
	ids, limited, err := i.store.Find(r.Context(), store.FindQuery{ID: id.String(), Filter: filter})
	switch {
	case errors.Is(err, store.ErrNotFound):
		return nil, notFound{fmt.Errorf("nothing of %s is stored", id)}
	case err != nil:
		return nil, fmt.Errorf("find in the trace: %w", err)
	}
	out := foundSpans{Spans: make([]string, len(ids)), Limited: limited}
	for k, id := range ids {
		out.Spans[k] = span.FormatID(id)
	}
	return out, nil
}
