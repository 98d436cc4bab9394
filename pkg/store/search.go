package store

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"time"

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
	// MaxTime is how long it looks for more (5 s): what it has then is the answer.
	MaxTime time.Duration
}

// Found is the answer to a search.
type Found struct {
	Rows []SearchRow // newest first
	// Until says how far the search came (Unix ns): what is older was not looked at, be it that
	// there were enough rows or that it took too long. The same search with it as To goes on, and
	// may begin with what this one ended with. 0: everything was looked at.
	Until int64
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
	Endpoint     string // of code the span's name
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
	scan   bool                   // see conditions
}

// filtered reports whether more than the time is asked for.
func (q *SearchQuery) filtered() bool { return len(q.all()) > 0 }

// conditions are what a span of a slice must have to be found.
func (q *search) conditions(part slice) (*conditions, error) {
	c := newConditions()
	c.places, c.scan = q.places, q.scan
	c.during(q.From, q.To, part)
	return c, c.filters(q.all()...)
}

// statement is a search for spans of a slice as SQL. The order makes the store stop early: rows
// lie by minute. Within one or two there is nothing to stop at, and the starts alone are less to sort.
func (q *search) statement(part slice, limit int, after cursor) (string, params, error) {
	c, err := q.conditions(part)
	if err != nil {
		return "", nil, err
	}
	if after.start > 0 {
		c.upTo(after.bucket, after.start)
	}
	if q.Scope == ScopeRequests {
		c.add(fmt.Sprintf("(source = %d AND kind IN (%d, %d) OR source = %d AND point = %d)",
			span.APP, span.KindServer, span.KindConsumer, span.SYS, span.PointServerProcess))
	}
	return "SELECT " + foundColumns + " FROM spans" + c.where() + " ORDER BY " + part.newestFirst() + " LIMIT " + c.bind(fmt.Sprint(limit), "UInt64"), c.params, nil
}

// Search finds traces or spans, newest first.
func (s *Store) Search(ctx context.Context, query SearchQuery) (found Found, err error) {
	query.Limit = min(cmp.Or(max(query.Limit, 0), defaultLimit), maxLimit)
	q := &search{SearchQuery: query, store: s}
	if _, err = q.conditions(slice{}); err == nil { // before the store is asked
		q.places, err = s.places(ctx, q.all())
	}
	if err == nil {
		found, err = q.find(ctx)
	}
	if err != nil {
		return Found{}, fmt.Errorf("search: %w", err)
	}
	if found.Until > 0 && len(found.Rows) < query.Limit {
		leftOut(ctx, "the search came back to %s UTC: what is older was not looked at. Narrow it, or end its time there to go on", time.Unix(0, found.Until).UTC().Format(time.DateTime))
	}
	return found, nil
}

func (q *search) find(ctx context.Context) (Found, error) {
	switch q.Scope {
	case ScopeRoots:
		return q.traces(ctx)
	case "", ScopeAll, ScopeRequests:
		return q.spans(ctx)
	}
	return Found{}, fmt.Errorf("%w: scope %q: want roots, requests or all", ErrMalformed, q.Scope)
}

// spans reads slice by slice, and in each page by page, until there are enough. A span that was
// sent again may still be two rows. (LIMIT 1 BY id would keep the store from stopping early: 190 ms
// instead of 35 for the newest spans of a million.)
func (q *search) spans(ctx context.Context) (Found, error) {
	var found Found
	known := map[uint64]int{} // in found.Rows
	w := newSweep(q.From, q.To, q.MaxTime)
	var after cursor // in the slice
	part, more := w.next()
	for pages := 0; more && len(found.Rows) < q.Limit; {
		if pages++; pages > maxPages && after.start > 0 {
			break // most are doubles
		}
		page, err := q.page(ctx, part, after)
		if err != nil {
			return Found{}, err
		}
		over, err := q.store.over(ctx, page)
		if err != nil {
			return Found{}, err
		}
		for _, r := range page {
			if r.Status == span.StatusOpen && over[r.ID] {
				continue
			}
			if at, met := known[r.ID]; met {
				if before := found.Rows[at]; tellsMore(r.Status, before.Status, r.Duration, before.Duration) {
					found.Rows[at] = r
				}
			} else if len(found.Rows) < q.Limit {
				known[r.ID] = len(found.Rows)
				found.Rows = append(found.Rows, r)
			}
		}
		if len(page) == q.Limit {
			last := page[len(page)-1]
			after = cursor{last.bucket, last.Start}
			continue
		}
		after, pages = cursor{}, 0
		part, more = w.next()
	}
	found.Until = cmp.Or(after.start, w.until())
	if len(found.Rows) == q.Limit {
		found.Until = found.Rows[q.Limit-1].Start
	}
	return found, q.store.nameEnds(ctx, found.Rows)
}

// page reads the next rows of a slice.
func (q *search) page(ctx context.Context, part slice, after cursor) ([]SearchRow, error) {
	if page, ok := q.store.newest.page(q, part, q.Limit, after); ok {
		return page, nil
	}
	sql, p, err := q.statement(part, q.Limit, after)
	if err != nil {
		return nil, err
	}
	return q.store.found(ctx, sql, p, searching)
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
