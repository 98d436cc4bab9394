package store

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/throughline-io/throughline/pkg/span"
)

// checkout is a trace of code alone: a shop's root, which says that all is well, calls a
// payment that fails; its failure is passed on by the call. Its ids are made of n.
func checkout(n byte, at int64) *span.Batch {
	root, call, pay := app(uint64(n)<<8|1, traceID(n), 1), app(uint64(n)<<8|2, traceID(n), 2), app(uint64(n)<<8|3, traceID(n), 3)
	root.Start, root.Duration, root.Service, root.Endpoint = at, 100, "shop", "POST /checkout"
	call.Start, call.Duration, call.Service, call.Kind, call.ParentSpanID, call.Status = at+10, 80, "shop", span.KindClient, root.SpanID, span.StatusServerError
	pay.Start, pay.Duration, pay.Service, pay.ParentSpanID, pay.Status, pay.Endpoint = at+20, 50, "payment", call.SpanID, span.StatusServerError, "Charge"
	pay.StatusMessage = "card refused"
	pay.Attributes = []span.Attribute{{Key: "app.card", Value: "visa", Type: span.AttributeString}, {Key: "app.amount", Value: "1250", Type: span.AttributeInt}}
	pay.Events = `[{"time":1,"name":"exception","attributes":{"exception.type":"IllegalState","exception.message":"card \"7\" refused","retry":{"after":[1,{"x":2}]},"attempt":3}}]`
	pay.ScopeName, pay.ScopeVersion = "otel-java", "2.1"
	b := batch(root, call, pay)
	for i, r := range []span.Resource{
		{Attributes: []span.Attribute{{Key: "service.name", Value: "shop", Type: span.AttributeString}, {Key: "k8s.pod.name", Value: "shop-0", Type: span.AttributeString}, {Key: "service.namespace", Value: "store", Type: span.AttributeString}}},
		{Attributes: []span.Attribute{{Key: "service.name", Value: "payment", Type: span.AttributeString}, {Key: "k8s.namespace.name", Value: "money", Type: span.AttributeString}, {Key: "service.namespace", Value: "store", Type: span.AttributeString},
			{Key: "k8s.deployment.name", Value: "payment-v2", Type: span.AttributeString}, {Key: "host.name", Value: "node7", Type: span.AttributeString}, {Key: "deployment.environment.name", Value: "prod", Type: span.AttributeString}}},
	} {
		r.ID = span.ResourceID(r.Attributes)
		b.OTelResources = append(b.OTelResources, r)
		if i == 0 {
			b.OTelResource[0], b.OTelResource[1] = r.ID, r.ID
		} else {
			b.OTelResource[2] = r.ID
		}
	}
	return b
}

func searched(t *testing.T, s *Store, q SearchQuery) []SearchRow {
	t.Helper()
	found, err := s.Search(t.Context(), q)
	if err != nil {
		t.Fatalf("%+v: %v", q, err)
	}
	return found.Rows
}

// A trace is found by any of its spans, and shown by its root, which has not failed.
func TestATraceIsFoundByAnyOfItsSpans(t *testing.T) {
	t.Parallel()
	s := open(t)
	insert(t, s, checkout(1, start))
	well := app(77, traceID(9), 1)
	well.Service, well.Endpoint, well.Start = "shop", "GET /", start+1000
	insert(t, s, batch(well))

	rows := searched(t, s, SearchQuery{Scope: ScopeRoots})
	if len(rows) != 2 || rows[0].TraceID != traceID(9) || rows[1].TraceID != traceID(1) {
		t.Fatalf("all traces: %+v", rows)
	}
	if got := rows[1].Trace; got.Spans != 3 || got.Errors != 1 || got.Failed.Service != "payment" || got.Failed.Message != "card refused" || got.Matched != 0 || got.Match != nil || got.Rootless {
		t.Errorf("the failed trace: %+v", got)
	}
	if got := rows[0].Trace; got.Spans != 1 || got.Errors != 0 || got.Failed != nil {
		t.Errorf("the other one: %+v", got)
	}
	for _, c := range []struct {
		q       SearchQuery
		matched int
		by      string // service and name of the span that is shown as the match
	}{
		{SearchQuery{Status: "error"}, 2, "payment Charge"}, // where the failure began
		{SearchQuery{Service: "payment"}, 1, "payment Charge"},
		{SearchQuery{Resource: "Charge"}, 1, "payment Charge"},
		{SearchQuery{Resource: "*checkout"}, 1, "shop POST /checkout"},
		{SearchQuery{Namespace: "money"}, 1, "payment Charge"},
		{SearchQuery{MinDuration: 80, Service: "shop", Filters: []Filter{{Key: "kind", Values: []string{"client"}}}}, 1, "shop "},
		{SearchQuery{Attributes: map[string]string{"app.card": "visa"}}, 1, "payment Charge"},
	} {
		c.q.Scope, c.q.To = ScopeRoots, start+500
		rows := searched(t, s, c.q)
		if len(rows) != 1 || rows[0].Service != "shop" || rows[0].Request != "POST /checkout" || rows[0].Status != span.StatusUnknown {
			t.Errorf("%+v: %+v", c.q, rows)
			continue
		}
		if got := rows[0].Trace; got.Matched != c.matched || got.Match.Service+" "+got.Match.Request != c.by {
			t.Errorf("%+v: %d matched, %s %s; want %d, %s", c.q, got.Matched, got.Match.Service, got.Match.Request, c.matched, c.by)
		}
	}
	// All filters are about one span: the payment is no client's span.
	if rows := searched(t, s, SearchQuery{Scope: ScopeRoots, Service: "payment", Filters: []Filter{{Key: "kind", Values: []string{"CLIENT"}}}}); len(rows) != 0 {
		t.Errorf("found %+v", rows)
	}
}

func TestTracesWithoutTheirRootAreListed(t *testing.T) {
	t.Parallel()
	s := open(t)
	later, first := app(1, traceID(1), 1), app(2, traceID(1), 2)
	later.ParentSpanID, first.ParentSpanID = spanID(8), spanID(9)
	later.Start, first.Start = start+50, start+20
	first.Service = "first"
	lone := hop(3, traceID(2), 11, 12) // a request that carries the id of a trace of which no code sent a span
	lone.Source, lone.Point, lone.Start = span.SYS, span.PointServerProcess, start+10
	insert(t, s, batch(later, first, lone))
	rows := searched(t, s, SearchQuery{Scope: ScopeRoots})
	if len(rows) != 2 || rows[0].Service != "first" || !rows[0].Trace.Rootless || rows[0].Trace.Spans != 2 || rows[1].Source != span.SYS || !rows[1].Trace.Rootless {
		t.Errorf("%+v", rows)
	}
}

// Sessions without trace context count with the trace that they are joined to, and lead to it.
func TestSessionsCountWithTheirTrace(t *testing.T) {
	t.Parallel()
	s := open(t)
	b := shop(traceID(1), 100)
	b.Status[7] = span.StatusServerError // the database's side of the query
	b.Protocol[7] = b.Strings.Ref("MySQL")
	b.ParentSpanID[3] = spanID(3)
	insert(t, s, b)
	for name, q := range map[string]SearchQuery{"all": {}, "by the query": {Protocol: "MySQL"}, "by its failure": {Status: "error"}} {
		q.Scope = ScopeRoots
		rows := searched(t, s, q)
		if len(rows) != 1 || rows[0].ID != b.ID[2] || rows[0].Trace.Spans != 8 || rows[0].Trace.Errors != 1 || rows[0].Trace.Failed.ID != b.ID[7] {
			t.Errorf("%s: %+v", name, rows)
		}
	}
	// A request of which there is nothing but packets is no trace; it is told and not lost.
	lone := hop(9, span.TraceID{}, 901, 902)
	lone.Protocol = "DNS"
	insert(t, s, batch(lone))
	ctx, why := told(t.Context())
	rows, err := s.Search(ctx, SearchQuery{Scope: ScopeRoots, Protocol: "DNS"})
	if err != nil || len(rows.Rows) != 0 || len(*why) != 1 || !strings.Contains((*why)[0], "packets only") {
		t.Errorf("%+v, told %q, %v", rows, *why, err)
	}
	if got := found(t, s, SearchQuery{Scope: ScopeAll, Protocol: "DNS"}); !slices.Equal(got, []uint64{lone.ID}) {
		t.Errorf("scope all: %x", got)
	}
}

// One trace of very many spans hides no other, and the statements do not grow with the rows.
func TestManyMatchesOfOneTrace(t *testing.T) {
	t.Parallel()
	b := &span.Batch{}
	want := []span.TraceID{}
	for n := range byte(5) {
		root := app(uint64(n)<<16|1, traceID(n+1), 1)
		root.Start = start - int64(n)*2*minute
		b.Append(root)
		want = append(want, root.TraceID)
	}
	for i := range 5000 { // of the newest
		query := app(uint64(9)<<16|uint64(i), traceID(1), 2)
		query.SpanID[1], query.SpanID[2], query.ParentSpanID = byte(i), byte(i>>8), spanID(1)
		query.Start = start + int64(i)
		b.Append(query)
	}
	s := open(t)
	insert(t, s, b)
	statements := 0
	s.config.Observe = func(context.Context) { statements++ }
	rows := searched(t, s, SearchQuery{Scope: ScopeRoots, Service: "shop", Limit: 5})
	got := []span.TraceID{}
	for _, r := range rows {
		got = append(got, r.TraceID)
	}
	if !slices.Equal(got, want) || rows[0].Trace.Spans != 5001 || rows[0].Trace.Matched != 5001 || rows[1].Trace.Spans != 1 {
		t.Errorf("got %v of %d spans, want %v", got, rows[0].Trace.Spans, want)
	}
	if statements > 7 { // three for each page, and one for the rows
		t.Errorf("%d statements", statements)
	}
}

// What was not read is said.
func TestASearchForTracesSaysWhatItLeftOut(t *testing.T) {
	t.Parallel()
	s := open(t)
	b := &span.Batch{}
	for i := range minLooked + 1 {
		x := app(uint64(i), traceID(1), 1)
		x.SpanID[1], x.SpanID[2], x.SpanID[3], x.ParentSpanID = byte(i), byte(i>>8), byte(i>>16), spanID(9)
		x.Start = start + int64(i)
		b.Append(x)
	}
	older := app(1<<40, traceID(2), 1)
	older.Start = start - 1
	b.Append(older)
	insert(t, s, b)
	ctx, why := told(t.Context())
	listed, err := s.Search(ctx, SearchQuery{Scope: ScopeRoots})
	if rows := listed.Rows; err != nil || len(rows) != 1 || len(*why) != 1 || !strings.Contains((*why)[0], "came back to 2027-01-15 08:00:00 UTC") {
		t.Errorf("%d rows, told %q, %v", len(rows), *why, err)
	}
}
