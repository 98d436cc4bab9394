package query

import (
	"bufio"
	"errors"
	"net/http"

	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/store"
	"github.com/throughline-io/throughline/pkg/trace"
	"github.com/throughline-io/throughline/server/lookup"
	"github.com/throughline-io/throughline/server/text"
)

// maxTraceSpans is the most spans of a trace that one request may ask for.
const maxTraceSpans = 1_000_000

// trace answers the trace that an id belongs to, assembled.
func (s *Server) trace(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	if _, err := span.ParseAnyID(id); err != nil { // before the store is asked
		return badRequest("%v", err)
	}
	p := newParams(r.URL.RawQuery, s.c.Now())
	format := p.choice("format", "json", "tree", "table", "spans")
	q := store.TraceQuery{ID: id, From: p.time("from", 0), To: p.time("to", 0), MaxSpans: p.number("max_spans", 0, 1, maxTraceSpans)}
	if err := p.done(); err != nil {
		return err
	}
	if q.To != 0 && q.To < q.From {
		return badRequest("to is before from")
	}
	data, err := s.joined.Trace(r.Context(), q)
	if err != nil {
		return storeError(err)
	}
	if format == "spans" {
		return writeSpans(w, data)
	}
	of := lookup.Assemble(data)
	tree, entities := of.Tree, of.Entities
	if format == "json" {
		w.Header().Set("Content-Type", "application/json")
		_ = trace.Write(w, tree, entities, data.Truncated) // the reader may be gone
		return nil
	}
	printed := trace.Print(tree, entities)
	printed.Truncated = data.Truncated
	write := text.Tree
	if format == "table" {
		write = text.Table
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	out := bufio.NewWriter(w)
	if err := write(out, printed, false); err == nil {
		_ = out.Flush() // the reader may be gone
	}
	return nil
}

// storeError tells the caller's mistakes from the store's.
func storeError(err error) error {
	switch {
	case errors.Is(err, store.ErrNotFound):
		return notFound("%v", err)
	case errors.Is(err, store.ErrMalformed):
		return badRequest("%v", err)
	}
	return err
}
