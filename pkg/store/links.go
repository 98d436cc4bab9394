package store

import (
	"context"
	"fmt"

	"github.com/throughline-io/throughline/pkg/span"
)

// LinkFrom is a span of another trace that links to one of this trace: work that was left to
// be done later, such as a consumer's for the messages of a batch.
type LinkFrom struct {
	To span.SpanID // of this trace, the span that is linked to

	// The span that links.
	ID       uint64
	TraceID  span.TraceID
	SpanID   span.SpanID
	Kind     span.Kind
	Service  string
	Name     string
	Status   span.Status
	Start    int64  // Unix ns
	Duration uint64 // ns
}

// maxLinksFrom bounds the answer: a trace may start what everything else links to.
const maxLinksFrom = 200

const linksToTrace = "SELECT linked_span, id, trace_id, span_id, kind, toString(service) AS service, toString(endpoint) AS endpoint, status, start, duration FROM links" +
	" WHERE linked_trace = {trace:FixedString(16)} AND trace_id != linked_trace ORDER BY start, id LIMIT 1 BY id, linked_span LIMIT {limit:UInt64}"

// LinkedFrom are the links from other traces to one, the earliest first; what is left out is
// reported.
func (s *Store) LinkedFrom(ctx context.Context, id span.TraceID) ([]LinkFrom, error) {
	rows, err := s.query(ctx, linksToTrace, params{"trace": string(id[:]), "limit": formatUint(maxLinksFrom + 1)}, nil)
	if err != nil {
		return nil, fmt.Errorf("links to trace %s: %w", id, err)
	}
	defer rows.Close()
	var links []LinkFrom
	for rows.Next() {
		var l LinkFrom
		var to, trace, from string
		if err := rows.Scan(&to, &l.ID, &trace, &from, (*uint8)(&l.Kind), &l.Service, &l.Name, (*uint8)(&l.Status), &l.Start, &l.Duration); err != nil {
			return nil, fmt.Errorf("links to trace %s: %w", id, err)
		}
		copy(l.To[:], to)
		copy(l.TraceID[:], trace)
		copy(l.SpanID[:], from)
		links = append(links, l)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("links to trace %s: %w", id, err)
	}
	if len(links) > maxLinksFrom {
		leftOut(ctx, "more than %d spans of other traces link to this one", maxLinksFrom)
		links = links[:maxLinksFrom]
	}
	return links, nil
}
