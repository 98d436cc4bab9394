package server

import (
	"context"
	"errors"

	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/store"
	"github.com/throughline-io/throughline/server/ingest"
)

// readable is the store as readers have it: what was acknowledged before a question is in its
// answer, though it may still have lain in the log.
type readable struct {
	*backend
	ingest *ingest.Service
}

// Trace waits for the log only where it has spans of the trace, or may have the one asked for.
func (r readable) Trace(ctx context.Context, q store.TraceQuery) (*store.TraceData, error) {
	if id, err := span.ParseAnyID(q.ID); err == nil {
		r.ingest.FreshNow(ctx, span.TraceGroup(id.Trace))
	}
	data, err := r.backend.Trace(ctx, q)
	if errors.Is(err, store.ErrNotFound) && r.ingest.FreshNow(ctx) {
		data, err = r.backend.Trace(ctx, q)
	}
	if err == nil && r.ingest.FreshNow(ctx, data.Groups...) { // groups that the trace led to
		return r.backend.Trace(ctx, q)
	}
	return data, err
}

// Search waits for the log.
func (r readable) Search(ctx context.Context, q store.SearchQuery) (store.Found, error) {
	r.ingest.Fresh(ctx)
	return r.backend.Search(ctx, q)
}

// Values waits for the log.
func (r readable) Values(ctx context.Context, q store.ValuesQuery) ([]string, error) {
	r.ingest.Fresh(ctx)
	return r.backend.Values(ctx, q)
}

// Serving waits for the log.
func (r readable) Serving(ctx context.Context, q store.ServingQuery) (found []*span.Span, full bool, err error) {
	r.ingest.Fresh(ctx)
	return r.backend.Serving(ctx, q)
}

// TagKeys waits for the log.
func (r readable) TagKeys(ctx context.Context, q store.TagsQuery) ([]store.Tag, error) {
	r.ingest.Fresh(ctx)
	return r.backend.TagKeys(ctx, q)
}
