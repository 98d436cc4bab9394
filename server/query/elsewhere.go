package query

import (
	"cmp"
	"maps"
	"net/http"
	"slices"

	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/store"
	"github.com/throughline-io/throughline/pkg/trace/record"
	"github.com/throughline-io/throughline/server/apm"
)

// elsewhere answers what APMs have of a trace, and what was seen around that, for a reader that has what is stored
// from the store itself (Grafana's data source): a recording, or 204 where no APM is asked.
func (s *Server) elsewhere(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	if _, err := span.ParseAnyID(id); err != nil {
		return badRequest("%v", err)
	}
	p := newParams(r.URL.RawQuery, s.c.Now())
	most := p.number("max_spans", 0, 1, maxTraceSpans)
	if err := p.done(); err != nil {
		return err
	}
	joined, asks := s.joined.(apm.Joined)
	if !asks {
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	data, err := joined.Elsewhere(r.Context(), store.TraceQuery{ID: id, MaxSpans: most})
	if err != nil {
		return storeError(err)
	}
	w.Header().Set("Content-Type", "application/x-ndjson")
	_ = (&record.Recording{ // the reader may be gone; the status has been sent
		Spans:     data.Spans,
		Entities:  slices.SortedFunc(maps.Values(data.Entities), func(a, b span.Entity) int { return cmp.Compare(a.ID, b.ID) }),
		Resources: slices.SortedFunc(maps.Values(data.Resources), func(a, b span.Resource) int { return cmp.Compare(a.ID, b.ID) }),
		Said:      record.Said{Truncated: data.Truncated, Complete: data.Complete},
	}).Write(w)
	return nil
}
