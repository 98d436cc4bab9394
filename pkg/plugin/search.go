package plugin

import (
	"context"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/backend/log"
	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/throughline-io/throughline/pkg/store"
)

// querySearch is a table of traces or requests, newest first.
func (i *Instance) querySearch(ctx context.Context, q query, during backend.TimeRange) backend.DataResponse {
	sq, err := searchQuery(q, during)
	if err != nil {
		return failed(err)
	}
	found, err := i.store.Search(ctx, sq)
	if err != nil {
		return failed(fmt.Errorf("search requests: %w", err))
	}
	rows := found.Rows
	frame := i.searchFrame(sq.Scope, rows)
	if len(rows) == 0 && found.Until == 0 {
		i.explainNothing(ctx, frame, sq)
	}
	if len(rows) >= sq.Limit {
		what := "requests"
		if sq.Scope == store.ScopeRoots {
			what = "traces"
		}
		notice(frame, data.NoticeSeverityInfo, fmt.Sprintf("The newest %d %s are shown; there may be more. Narrow the search%s.", sq.Limit, what, orRaise(sq.Limit)))
	}
	return backend.DataResponse{Frames: data.Frames{frame}}
}

// explainNothing says why there are no rows. It is a help: where it fails, there is none.
func (i *Instance) explainNothing(ctx context.Context, frame *data.Frame, q store.SearchQuery) {
	why, err := i.store.WhyNothing(ctx, q)
	if err != nil {
		log.DefaultLogger.FromContext(ctx).Debug("Why a search finds nothing is not known", "error", err)
		return
	}
	meta := frame.Meta.Custom.(searchMeta)
	meta.Nothing = why
	frame.Meta.Custom = meta
	if len(why) > 0 {
		notice(frame, data.NoticeSeverityInfo, "Nothing was found: "+strings.Join(why, "; ")+".")
	}
}

func orRaise(limit int) string {
	if limit >= maxRows {
		return ": it is the largest limit"
	}
	return " or raise the limit"
}

func searchQuery(q query, during backend.TimeRange) (store.SearchQuery, error) {
	from, to := bounds(during)
	out := store.SearchQuery{
		From: from, To: to,
		Namespace: q.Namespace, Workload: q.Workload, Service: q.Service, Protocol: q.Protocol, Resource: q.RequestResource,
		Source: q.Source, Status: q.Status, Scope: store.Scope(q.Scope), Limit: q.Limit,
	}
	if out.Scope == "" {
		out.Scope = store.ScopeRoots
	}
	if out.Limit <= 0 {
		out.Limit = defaultRows
	}
	out.Limit = min(out.Limit, maxRows)
	var err error
	if out.MinDuration, err = nanoseconds("the shortest duration", q.MinDuration); err != nil {
		return out, err
	}
	if out.MaxDuration, err = nanoseconds("the longest duration", q.MaxDuration); err != nil {
		return out, err
	}
	out.Filters, err = storeFilters(q.Filters)
	return out, err
}

// bounds are the ends of a range in Unix ns, 0 for an open one. The SDK counts ns in 64 bits: a
// begin before 1678 comes out far in the future, and stands for all there is up to the end.
func bounds(during backend.TimeRange) (from, to int64) {
	from, to = unixNano(during.From), unixNano(during.To)
	if from > to && to > 0 {
		from = 1
	}
	return from, to
}

// unixNano is 0, "any time", for a time that is not set. Times that nanoseconds do not reach
// are the last that they do.
func unixNano(t time.Time) int64 {
	switch {
	case t.IsZero() || t.UnixMilli() <= 0:
		return 0
	case t.UnixMilli() > math.MaxInt64/1_000_000:
		return math.MaxInt64
	}
	return t.UnixNano()
}
