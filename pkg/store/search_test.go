package store

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/throughline-io/throughline/pkg/span"
)

// hostile are texts that have broken one program or another.
var hostile = []string{
	"'", "\"", "`", "\\", "\\'", "a\x00b", "\n\n", "\t", "\r\n", "';DROP TABLE spans;--", "\n\nDROP TABLE spans", "%", "_", "100%_\\%", "{p0:String}", "$$", "🙂", "\xff\xfe", "NULL", "\\N", "*/", "/*",
}

// found runs a search and returns the ids.
func found(t *testing.T, s *Store, q SearchQuery) []uint64 {
	t.Helper()
	found, err := s.Search(t.Context(), q)
	if err != nil {
		t.Fatalf("%+v: %v", q, err)
	}
	all := []uint64{}
	for _, r := range found.Rows {
		all = append(all, r.ID)
	}
	return all
}

func TestHostileTextsAreStoredReadAndFoundAsTheyAre(t *testing.T) {
	t.Parallel()
	s := open(t)
	b := &span.Batch{}
	for i, text := range hostile {
		b.Append(&span.Span{ID: uint64(i + 1), Source: span.APP, TraceID: traceID(1), Start: start + int64(i), Service: text, Endpoint: text, Resource: text, StatusMessage: text,
			Attributes: []span.Attribute{{Key: text, Value: text, Type: span.AttributeString}, {Key: "url.full", Value: text, Type: span.AttributeString}}})
	}
	insert(t, s, b)
	d := trace(t, s, traceID(1).String())
	for _, got := range d.Spans {
		want := hostile[got.ID-1]
		if got.Service != want || got.Endpoint != want || got.Resource != want || got.StatusMessage != want || got.Attributes[0].Key != want || got.Attributes[0].Value != want {
			t.Errorf("%q came back as %q %q %q %q %q", want, got.Service, got.Endpoint, got.Resource, got.StatusMessage, got.Attributes)
		}
	}
	for i, text := range hostile {
		if strings.Contains(text, "*") {
			continue // a pattern: see the next test
		}
		want := []uint64{uint64(i + 1)}
		for name, q := range map[string]SearchQuery{
			"service":                {Service: text},
			"resource":               {Resource: text},
			"attribute":              {Attributes: map[string]string{text: text}},
			"attribute not in index": {Attributes: map[string]string{"url.full": text}},
		} {
			if got := found(t, s, q); !slices.Equal(got, want) {
				t.Errorf("%s %q: found %d, want %d", name, text, got, want)
			}
		}
		if got := found(t, s, SearchQuery{Service: text + "*"}); !slices.Contains(got, want[0]) {
			t.Errorf("service %q*: found %d, want %d among them", text, got, want)
		}
	}
	if n := text(t, s, "SELECT count() FROM spans"); n != fmt.Sprint(len(hostile)) {
		t.Errorf("%s spans left of %d", n, len(hostile))
	}
}

func TestAStarMatchesAnyTextAndNothingElseDoes(t *testing.T) {
	t.Parallel()
	s := open(t)
	paths := []string{"/shop/Order", "/shop/Order/7", "/Order", "/order", "/a%b", "/a_b", "/axb"}
	b := &span.Batch{}
	for i, p := range paths {
		b.Append(&span.Span{ID: uint64(i + 1), Source: span.SYS, Start: start - int64(i), Protocol: "HTTP", Type: "GET", Resource: p + "?q=1", Endpoint: p})
	}
	insert(t, s, b)
	for pattern, want := range map[string][]uint64{
		"*Order*": {1, 2, 3, 4}, "/Order": {3}, "GET /Order": {3}, "GET /shop/*": {1, 2}, "/a%b": {5}, "/a_b": {6}, "/a*b": {5, 6, 7}, "*": {1, 2, 3, 4, 5, 6, 7},
		"/Order?q=1": {3}, "*%*": {5}, "nothing": {}, "/order*": {3, 4},
	} {
		if got := found(t, s, SearchQuery{Resource: pattern}); !slices.Equal(got, want) {
			t.Errorf("%q: found %d, want %d (newest first)", pattern, got, want)
		}
	}
}

func TestEveryFilterOfASearch(t *testing.T) {
	t.Parallel()
	s := open(t)
	web := entity(t, s, "webshop", "web")
	db := entity(t, s, "data", "db")
	insert(t, s, batch(
		&span.Span{ID: 1, Source: span.APP, Point: span.PointApp, Kind: span.KindServer, TraceID: traceID(1), SpanID: spanID(1), Start: start, Duration: 100, Service: "web", Entity: web.ID, ServerEntity: web.ID, Protocol: "HTTP", Status: span.StatusServerError, Code: 500, Node: "node0"},
		&span.Span{ID: 2, Source: span.APP, Point: span.PointApp, Kind: span.KindInternal, TraceID: traceID(1), SpanID: spanID(2), ParentSpanID: spanID(1), Start: start + 1, Duration: 50, Service: "web", Entity: web.ID, Status: span.StatusOK, Node: "node0"},
		&span.Span{ID: 3, Source: span.SYS, Point: span.PointServerProcess, Start: start + minute, Duration: 30, RequestSeq: 1, ResponseSeq: 2, Passage: 9, Entity: db.ID, ClientEntity: web.ID, ServerEntity: db.ID, Protocol: "MySQL", Type: "COM_QUERY", Resource: "COMMIT", Status: span.StatusTimeout, Node: "node1"},
		&span.Span{ID: 4, Source: span.NET, Point: span.PointServerNode, Start: start + 2*minute, Duration: 20, RequestSeq: 1, ResponseSeq: 2, ClientEntity: web.ID, ServerEntity: db.ID, Protocol: "MySQL", Node: "node1",
			Attributes: []span.Attribute{{Key: "user.id", Value: "7", Type: span.AttributeInt}}},
	))
	for _, c := range []struct {
		q    SearchQuery
		want []uint64
	}{
		{SearchQuery{}, []uint64{4, 3, 2, 1}},
		{SearchQuery{Limit: 2}, []uint64{4, 3}},
		{SearchQuery{From: start + 1, To: start + minute}, []uint64{3, 2}},
		{SearchQuery{Namespace: "webshop"}, []uint64{4, 3, 2, 1}},
		{SearchQuery{Namespace: "dat*"}, []uint64{4, 3}},
		{SearchQuery{Workload: "db"}, []uint64{4, 3}},
		{SearchQuery{Pod: "db-0"}, []uint64{4, 3}},
		{SearchQuery{Service: "web", Source: "APP"}, []uint64{2, 1}},
		{SearchQuery{Service: "nobody"}, []uint64{}},
		{SearchQuery{Protocol: "MySQL", Point: "s-p"}, []uint64{3}},
		{SearchQuery{Node: "node1", Source: "NET"}, []uint64{4}},
		{SearchQuery{Status: "error"}, []uint64{3, 1}},
		{SearchQuery{Status: "timeout"}, []uint64{3}},
		{SearchQuery{Status: "ok"}, []uint64{2}},
		{SearchQuery{MinDuration: 30, MaxDuration: 50}, []uint64{3, 2}},
		{SearchQuery{Attributes: map[string]string{"user.id": "7"}}, []uint64{4}},
		{SearchQuery{Attributes: map[string]string{"user.id": "*"}}, []uint64{4}},
		{SearchQuery{Attributes: map[string]string{"user.id": "8"}}, []uint64{}},
		{SearchQuery{Scope: ScopeAll, Resource: "COMMIT"}, []uint64{3}},
		{SearchQuery{Scope: ScopeRequests}, []uint64{3, 1}},
		{SearchQuery{Scope: ScopeRoots}, []uint64{3, 1}},
	} {
		if got := found(t, s, c.q); !slices.Equal(got, c.want) {
			t.Errorf("%+v: found %d, want %d", c.q, got, c.want)
		}
	}
	found, err := s.Search(t.Context(), SearchQuery{Source: "SYS"})
	if err != nil {
		t.Fatal(err)
	}
	if r := found.Rows[0]; r.Client != "web" || r.Server != "db" || r.Service != "db" || r.Request != "COMMIT" || r.Status != span.StatusTimeout || r.Start != start+minute || r.Duration != 30 {
		t.Errorf("row %+v", r)
	}
	for _, q := range []SearchQuery{{Scope: "x"}, {Source: "x"}, {Point: "x"}, {Status: "x"}} {
		if _, err := s.Search(t.Context(), q); !errors.Is(err, ErrMalformed) {
			t.Errorf("%+v: got %v, want ErrMalformed", q, err)
		}
	}
}

func entity(t *testing.T, s *Store, namespace, workload string) span.Entity {
	t.Helper()
	e := span.Entity{Type: "pod", Namespace: namespace, Workload: workload, Service: workload, Pod: workload + "-0", IP: "10.0.0.1", Labels: map[string]string{"app": workload}}
	e.ID = span.EntityID(&e)
	if err := s.PutEntities(t.Context(), []span.Entity{e}); err != nil {
		t.Fatal(err)
	}
	return e
}

// Of the webshop's trace only its APP root is a root: the caller's session is joined to it,
// the database's sessions too.
func TestRootsAreOneRowForATrace(t *testing.T) {
	t.Parallel()
	s := open(t)
	want := []uint64{}
	for i := range uint32(30) {
		b := shop(traceID(byte(i+1)), 1000*(i+1))
		for j := range b.Source {
			if b.Source[j] == span.NET {
				b.Source[j], b.Point[j] = span.SYS, span.PointServerProcess
			}
			b.Start[j] += int64(i) * 1e9
		}
		b.ParentSpanID[3] = spanID(3)
		want = append(want, b.ID[2])
		insert(t, s, b)
	}
	// A call between two uninstrumented services, seen at both ends: one row, the client's.
	lone := batch(hop(1, span.TraceID{}, 1, 2), hop(2, span.TraceID{}, 1, 2))
	lone.Source[0], lone.Point[0] = span.SYS, span.PointServerProcess
	lone.Source[1], lone.Point[1] = span.SYS, span.PointClientProcess
	lone.Start[0], lone.Start[1] = start+100e9, start+100e9-1
	insert(t, s, lone)
	want = append(want, lone.ID[1])
	slices.Reverse(want)
	if got := found(t, s, SearchQuery{Scope: ScopeRoots}); !slices.Equal(got, want) {
		t.Errorf("got %x, want %x", got, want)
	}
	if got := found(t, s, SearchQuery{Scope: ScopeRoots, Limit: 3}); !slices.Equal(got, want[:3]) {
		t.Errorf("limit 3: got %x, want %x", got, want[:3])
	}
}

func TestValuesOfVariables(t *testing.T) {
	t.Parallel()
	s := open(t)
	web, db := entity(t, s, "webshop", "web"), entity(t, s, "data", "db")
	at := start
	span1 := &span.Span{ID: 1, Source: span.APP, Start: at, Service: "web", Entity: web.ID, Protocol: "HTTP", Type: "GET", Endpoint: "/a", Attributes: []span.Attribute{{Key: "user", Value: "u1"}}}
	span2 := &span.Span{ID: 2, Source: span.APP, Start: at, Service: "batch", Entity: web.ID, Protocol: "HTTP", Type: "GET", Endpoint: "/a"}
	span3 := &span.Span{ID: 3, Source: span.SYS, Start: at, Entity: db.ID, Protocol: "MySQL", Resource: "COMMIT"}
	insert(t, s, batch(span1, span2, span3))
	for _, c := range []struct {
		q    ValuesQuery
		want []string
	}{
		{ValuesQuery{Name: "namespace"}, []string{"data", "webshop"}},
		{ValuesQuery{Name: "workload"}, []string{"db", "web"}},
		{ValuesQuery{Name: "workload", Namespace: "webshop"}, []string{"web"}},
		{ValuesQuery{Name: "pod", Pattern: "d*"}, []string{"db-0"}},
		{ValuesQuery{Name: "service"}, []string{"batch", "web"}},
		{ValuesQuery{Name: "service", Namespace: "data"}, []string{"db"}},
		{ValuesQuery{Name: "protocol"}, []string{"HTTP", "MySQL"}},
		{ValuesQuery{Name: "request_resource"}, []string{"GET /a", "COMMIT"}},
		{ValuesQuery{Name: "request_resource", Namespace: "data"}, []string{"COMMIT"}},
		{ValuesQuery{Name: "request_resource", Pattern: "*a*", Limit: 1}, []string{"GET /a"}},
		{ValuesQuery{Name: "user"}, []string{"u1"}},
		{ValuesQuery{Name: "user", From: at + 2*minute, To: at + 3*minute}, []string{}},
		{ValuesQuery{Name: "no such attribute'"}, []string{}},
	} {
		if c.q.To == 0 {
			c.q.From, c.q.To = at-minute, at+minute
		}
		got, err := s.Values(t.Context(), c.q)
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%+v: got %q, %v; want %q", c.q, got, err, c.want)
		}
	}
	if _, err := s.Values(t.Context(), ValuesQuery{}); !errors.Is(err, ErrMalformed) {
		t.Errorf("no name: got %v, want ErrMalformed", err)
	}
}

// Rows are requests, whatever each of them did: 150 statements each must not crowd out the others.
func TestRootsAreFoundAmongVeryMuchElse(t *testing.T) {
	t.Parallel()
	s := open(t)
	b := new(span.Batch)
	for i := range 100 {
		id := traceID(byte(i))
		root := app(uint64(1000*i+1), id, 1)
		root.Start = start
		b.Append(root)
		for j := range 150 {
			x := app(uint64(1000*i+j+2), id, 2)
			x.SpanID[1], x.SpanID[2] = byte(i), byte(j)
			x.ParentSpanID, x.Kind, x.Protocol, x.Resource = root.SpanID, span.KindClient, "MySQL", "SELECT 1"
			x.Start = start
			b.Append(x)
		}
	}
	insert(t, s, b)
	found, err := s.Search(t.Context(), SearchQuery{Scope: ScopeRoots, Limit: 20})
	rows, traces := found.Rows, map[span.TraceID]bool{}
	for _, r := range rows {
		traces[r.TraceID] = true
	}
	if err != nil || len(rows) != 20 || len(traces) != 20 {
		t.Errorf("%d rows of %d traces, %v; want 20", len(rows), len(traces), err)
	}
}

// What an agent alone sees of requests to databases may begin a trace, too, where nothing says of which it is. Here
// an edge does, of more statements of one start than any page of candidates has.
func TestRootsAreFoundAmongStatements(t *testing.T) {
	t.Parallel()
	s := open(t)
	b := new(span.Batch)
	for i := range 50 {
		id := traceID(byte(i))
		root := app(uint64(1000*i+1), id, 1)
		root.Start = start
		b.Append(root)
		for j := range 100 {
			n := uint32(1000*i + j + 2)
			x := &span.Span{ID: uint64(n), Source: span.SYS, Point: span.PointClientProcess, Protocol: "MySQL", Resource: "SELECT 1", Start: start, Duration: 100, RequestSeq: n, ResponseSeq: n + 1<<20}
			b.Append(x)
			b.Edges = append(b.Edges, span.Edge{A: x.Group(), B: span.TraceGroup(id), Time: x.Start, Kind: span.EdgePassage})
		}
	}
	insert(t, s, b)
	found, err := s.Search(t.Context(), SearchQuery{Scope: ScopeRoots, Limit: 20})
	if err != nil || len(found.Rows) != 20 {
		t.Errorf("%d rows, %v; want 20", len(found.Rows), err)
	}
	for _, r := range found.Rows {
		if r.Source != span.APP {
			t.Fatalf("a statement that is of a trace: %+v", r)
		}
	}
}
