package store

import (
	"iter"
	"math"
	"strings"
	"time"

	"github.com/throughline-io/throughline/pkg/span"
)

// page is a page of a search that asks for nothing but time and scope, where the newest spans have it:
// what the search's statement would find.
func (n *newest) page(q *search, part slice, limit int, after cursor) ([]SearchRow, bool) {
	if n == nil || q.filtered() {
		return nil, false
	}
	from, to := q.starts(part)
	if after.start > 0 {
		to = min(to, after.start)
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	page, ok := n.rows.page(from, to, limit, func(r SearchRow) bool { return q.Scope != ScopeRequests || r.served() })
	if len(page) > 0 && !q.kept(page[len(page)-1].start) {
		return nil, false
	}
	rows := make([]SearchRow, len(page))
	for i, r := range page {
		rows[i] = r.item
	}
	return rows, ok
}

// served reports whether a row is a request as it was served; see ScopeRequests.
func (r *SearchRow) served() bool {
	return r.Source == span.APP && (r.Kind == span.KindServer || r.Kind == span.KindConsumer) || r.Source == span.SYS && r.Point == span.PointServerProcess
}

// candidates are the groups of the newest spans of a slice, as far as they are known here: there may be
// older ones.
func (n *newest) candidates(q *search, part slice, limit int) (page candidates, ok bool) {
	if n == nil || q.filtered() {
		return page, false
	}
	from, to := q.starts(part)
	n.mu.Lock()
	defer n.mu.Unlock()
	found, all := n.starts.page(from, to, limit, func(s startOf) bool { return s.source != span.NET || s.group.IsTrace() })
	if len(found) == 0 || !q.kept(found[len(found)-1].start) {
		return page, all && len(found) == 0
	}
	for _, s := range found {
		page.add(s.item.group, s.start)
	}
	page.sort()
	page.full = !all || len(found) == limit
	return page, true
}

// starts are the first and the last start of spans of a slice that are asked for.
func (q *search) starts(part slice) (from, to int64) {
	from, to = math.MinInt64+1, math.MaxInt64
	if part.from > 0 {
		from = part.from
	}
	if part.to > 0 {
		to = part.to - 1
	}
	if q.From > 0 {
		from = max(from, q.From)
	}
	if q.To > 0 {
		to = min(to, q.To)
	}
	return from, to
}

// kept reports whether a span of that start is too young for the store to have removed it.
func (q *search) kept(start int64) bool {
	return start > time.Now().Add(-q.store.config.Retention).UnixNano()
}

// searchRows are the rows of a batch that start later, by their numbers, without group and bucket.
func searchRows(b *span.Batch, after int64) iter.Seq2[int, SearchRow] {
	return func(yield func(int, SearchRow) bool) {
		word := func(c span.Symbols, i int) string { return strings.Clone(b.Strings.String(c[i])) }
		resources, messages := 0, 0
		for i, start := range b.Start {
			var resource, message []byte
			resource, resources = b.Resource.Next(resources)
			message, messages = b.StatusMessage.Next(messages)
			if start <= after {
				continue
			}
			row := SearchRow{
				ID: b.ID[i], TraceID: b.TraceID[i], SpanID: b.SpanID[i], Source: b.Source[i], Point: b.Point[i], Kind: b.Kind[i],
				Start: start, Duration: b.Duration[i], Service: word(b.Service, i), Protocol: word(b.Protocol, i), Resource: string(resource),
				Status: b.Status[i], Code: b.Code[i], Message: string(message), Node: word(b.Node, i),
				Entity: b.Entity[i], ClientEntity: b.ClientEntity[i], ServerEntity: b.ServerEntity[i],
				clientAddr: span.AddrPort(b.ClientIP[i], b.ClientPort[i]), serverAddr: span.AddrPort(b.ServerIP[i], b.ServerPort[i]),
			}
			row.Endpoint = word(b.Endpoint, i)
			row.Request = (&span.Span{Protocol: row.Protocol, Type: word(b.Type, i), Endpoint: row.Endpoint, Resource: row.Resource}).Request()
			if !yield(i, row) {
				return
			}
		}
	}
}
