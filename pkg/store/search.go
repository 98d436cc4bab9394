package store

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"net/netip"
	"slices"

	"github.com/throughline-io/throughline/pkg/span"
)

// Scope says which spans a search is about.
type Scope string

// The scopes.
const (
	// ScopeRoots are traces, each by its root or, where that is not stored, by its earliest
	// span. Any span of a trace may be the one that matches, and that one matches all filters.
	// A request without trace context that nothing joins to a trace is one of its own.
	ScopeRoots Scope = "roots"
	// ScopeRequests are requests as they were served: APP spans of kind SERVER and CONSUMER,
	// and s-p spans. An instrumented service shows both.
	ScopeRequests Scope = "requests"
	// ScopeAll are all spans.
	ScopeAll Scope = "all"
)

// SearchQuery asks for spans or traces, newest first. Empty fields match everything; a text may
// be all that the value of a Filter may be.
type SearchQuery struct {
	From, To int64 // Unix ns; 0: any
	// Namespace, Workload, Pod and Service are those of either end or of who saw the span.
	Namespace, Workload, Pod, Service string
	Protocol                          string
	Resource                          string // what was asked for: as sent, or as route ("GET /items/{id}")
	Node                              string
	Source                            string // APP, SYS, NET
	Point                             string // "s-p", ...
	MinDuration, MaxDuration          int64  // ns
	Status                            string // ok, error, unset, or one outcome's name
	Attributes                        map[string]string
	Filters                           []Filter // all of them hold, too
	Scope                             Scope    // "": all
	Limit                             int      // 100
}

// SearchRow is a span found, or a trace by the span that stands for it.
type SearchRow struct {
	Trace *FoundTrace // ScopeRoots only

	ID           uint64
	TraceID      span.TraceID
	SpanID       span.SpanID
	Source       span.Source
	Point        span.Point
	Kind         span.Kind
	Start        int64
	Duration     uint64
	Service      string // of who saw it; of a NET span: of the server
	Client       string // service, pod or address
	Server       string
	Protocol     string
	Request      string
	Resource     string
	Status       span.Status
	Code         int32
	Message      string // why it failed, as it says
	Node         string
	Entity       uint64
	ClientEntity uint64
	ServerEntity uint64

	group      span.GroupID
	bucket     uint32
	clientAddr netip.AddrPort
	serverAddr netip.AddrPort
}

const (
	defaultLimit = 100
	maxLimit     = 10_000
	// maxPages bounds how often a search reads on, where most of what it finds are doubles
	// or, in a search for traces, belongs to few of them.
	maxPages = 10
)

// cursor is where a search goes on: the last row of the page before.
type cursor struct {
	bucket uint32
	start  int64
}

// all are the filters of the query, whether they have a field of their own or not.
func (q *SearchQuery) all() []Filter {
	fields := []Filter{
		{Key: "source", Values: []string{q.Source}}, {Key: "point", Values: []string{q.Point}}, {Key: "status", Values: []string{q.Status}},
		{Key: "protocol", Values: []string{q.Protocol}}, {Key: "node", Values: []string{q.Node}}, {Key: "request_resource", Values: []string{q.Resource}},
		{Key: "namespace", Values: []string{q.Namespace}}, {Key: "workload", Values: []string{q.Workload}}, {Key: "pod", Values: []string{q.Pod}},
		{Key: "service", Values: []string{q.Service}},
	}
	if q.MinDuration > 0 {
		fields = append(fields, Filter{Key: "duration", Operator: AtLeast, Values: []string{fmt.Sprint(q.MinDuration)}})
	}
	if q.MaxDuration > 0 {
		fields = append(fields, Filter{Key: "duration", Operator: AtMost, Values: []string{fmt.Sprint(q.MaxDuration)}})
	}
	fields = slices.DeleteFunc(fields, func(f Filter) bool { return f.Values[0] == "" || f.Values[0] == "*" })
	for _, k := range slices.Sorted(maps.Keys(q.Attributes)) {
		fields = append(fields, Filter{Key: k, Values: []string{q.Attributes[k]}, attribute: true})
	}
	return append(fields, q.Filters...)
}

// search is a query on its way.
type search struct {
	SearchQuery
	store  *Store
	places map[string][]placedKey // where the attributes that it asks for occur
}

// filtered reports whether more than the time is asked for.
func (q *SearchQuery) filtered() bool { return len(q.all()) > 0 }

// conditions are what a span must have to be found.
func (q *SearchQuery) conditions(places map[string][]placedKey) (*conditions, error) {
	c := newConditions()
	c.places = places
	c.between(q.From, q.To)
	return c, c.filters(q.all()...)
}

// statement is a search for spans as SQL. The order makes the store stop early: rows lie by
// minute.
func (q *search) statement(limit int, after cursor) (string, params, error) {
	c, err := q.conditions(q.places)
	if err != nil {
		return "", nil, err
	}
	if after.start > 0 {
		c.add("bucket <= " + c.bind(formatUint(uint64(after.bucket)), "DateTime('UTC')"))
		c.add("start <= " + c.bind(fmt.Sprint(after.start), "Int64"))
	}
	if q.Scope == ScopeRequests {
		c.add(fmt.Sprintf("(source = %d AND kind IN (%d, %d) OR source = %d AND point = %d)",
			span.APP, span.KindServer, span.KindConsumer, span.SYS, span.PointServerProcess))
	}
	return "SELECT " + foundColumns + " FROM spans" + c.where() + " ORDER BY bucket DESC, start DESC LIMIT " + c.bind(fmt.Sprint(limit), "UInt64"), c.params, nil
}

// Search finds traces or spans, newest first.
func (s *Store) Search(ctx context.Context, query SearchQuery) (rows []SearchRow, err error) {
	query.Limit = min(cmp.Or(max(query.Limit, 0), defaultLimit), maxLimit)
	q := &search{SearchQuery: query, store: s}
	if _, err = q.conditions(nil); err == nil { // before the store is asked
		q.places, err = s.places(ctx, q.all())
	}
	if err == nil {
		switch q.Scope {
		case ScopeRoots:
			rows, err = q.traces(ctx)
		case "", ScopeAll, ScopeRequests:
			rows, err = q.spans(ctx)
		default:
			err = fmt.Errorf("%w: scope %q: want roots, requests or all", ErrMalformed, q.Scope)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("search: %w", err)
	}
	return rows, nil
}

// spans reads page by page until there are enough. A span that was sent again may still be
// two rows. (LIMIT 1 BY id would keep the store from stopping early: 190 ms instead of 35 for
// the newest spans of a million.)
func (q *search) spans(ctx context.Context) ([]SearchRow, error) {
	var rows []SearchRow
	known := map[uint64]bool{}
	var after cursor
	for range maxPages {
		sql, p, err := q.statement(q.Limit, after)
		if err != nil {
			return nil, err
		}
		page, err := q.store.found(ctx, sql, p, newestFirst)
		if err != nil {
			return nil, err
		}
		for _, r := range page {
			if !known[r.ID] && len(rows) < q.Limit {
				known[r.ID] = true
				rows = append(rows, r)
			}
		}
		if len(page) < q.Limit || len(rows) == q.Limit {
			return rows, q.store.nameEnds(ctx, rows)
		}
		last := page[len(page)-1]
		after = cursor{last.bucket, last.Start}
	}
	leftOut(ctx, "%d rows were read and most were doubles: older ones were not read. Narrow the search, or the time", maxPages*q.Limit)
	return rows, q.store.nameEnds(ctx, rows)
}

// nameEnds fills in who the ends are.
func (s *Store) nameEnds(ctx context.Context, rows []SearchRow) error {
	var ids []uint64
	for _, r := range rows {
		ids = append(ids, r.Entity, r.ClientEntity, r.ServerEntity)
	}
	entities, err := s.Entities(ctx, ids)
	if err != nil {
		return fmt.Errorf("search: %w", err)
	}
	name := func(id uint64, addr netip.AddrPort) string {
		e := entities[id]
		if n := cmp.Or(e.Service, e.Workload, e.Pod, e.IP); n != "" || !addr.Addr().IsValid() {
			return n
		}
		return addr.Addr().String()
	}
	for i := range rows {
		r := &rows[i]
		r.Client, r.Server = name(r.ClientEntity, r.clientAddr), name(r.ServerEntity, r.serverAddr)
		r.Service = cmp.Or(r.Service, name(r.Entity, netip.AddrPort{}))
		if r.Service == "" {
			r.Service = r.Server
		}
	}
	return nil
}
