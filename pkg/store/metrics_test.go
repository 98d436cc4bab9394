package store

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/throughline-io/throughline/pkg/span"
)

// calls are n requests of web to db, each seen by the caller's and the server's process, the
// server's code, and packets at both pods.
func calls(t *testing.T, s *Store, n int, from int64) *span.Batch {
	t.Helper()
	web, db := entity(t, s, "webshop", "web"), entity(t, s, "data", "db")
	b := &span.Batch{}
	for i := range n {
		at := from + int64(i)*1e6
		status := span.StatusOK
		if i%10 == 0 {
			status = span.StatusServerError
		}
		one := func(source span.Source, point span.Point, kind span.Kind, service string, own uint64, duration uint64) {
			b.Append(&span.Span{ID: span.NewID(at, uint64(from)+uint64(b.Len())+1), Source: source, Point: point, Kind: kind, Service: service, Start: at, Duration: duration, Entity: own,
				ClientEntity: web.ID, ServerEntity: db.ID, Protocol: "HTTP", Type: "GET", Endpoint: "/items/{id}", Status: status, Node: "node1", RequestSeq: uint32(i), ResponseSeq: 7})
		}
		one(span.SYS, span.PointClientProcess, 0, "web", web.ID, 3e6)
		one(span.NET, span.PointClient, 0, "", 0, 2e6)
		one(span.NET, span.PointServer, 0, "", 0, 2e6)
		one(span.SYS, span.PointServerProcess, 0, "db", db.ID, 1e6)
		one(span.APP, span.PointApp, span.KindServer, "db", db.ID, 9e5)
	}
	return b
}

func metrics(t *testing.T, s *Store, q MetricsQuery) *Metrics {
	t.Helper()
	if q.From == 0 {
		q.From, q.To = start, start+10*minute
	}
	m, err := s.Metrics(t.Context(), q)
	if err != nil {
		t.Fatalf("%+v: %v", q, err)
	}
	return m
}

func near(got, want float64) bool { return math.Abs(got-want) <= want*0.05 }

func TestARequestIsCountedOnceHoweverOftenItIsSeen(t *testing.T) {
	t.Parallel()
	s := open(t)
	insert(t, s, calls(t, s, 100, start))
	insert(t, s, calls(t, s, 50, start+2*minute))
	m := metrics(t, s, MetricsQuery{Step: time.Minute, GroupBy: []string{"service", "client", "namespace", "request"}, Histograms: true})
	if len(m.Series) != 1 || !slices.Equal(m.Series[0].Labels, []string{"db", "web", "data", "GET /items/{id}"}) {
		t.Fatalf("series %+v", m.Series)
	}
	p := m.Series[0].Points
	if len(p) != 2 || p[0].Time != start/minute*minute || p[0].Count != 100 || p[0].Errors != 10 || p[1].Count != 50 || p[0].Duration != 100e6 {
		t.Fatalf("points %+v", p)
	}
	if q := p[0].Histogram.Quantile(0.5); !near(q, 1e6) {
		t.Errorf("median %f, want the server process's 1 ms", q)
	}
	for _, c := range []struct {
		q      MetricsQuery
		labels string
		count  uint64
		median float64
	}{
		{MetricsQuery{Observed: Called, GroupBy: []string{"service", "server"}}, "[web db]", 150, 3e6},
		{MetricsQuery{Observed: Everything, GroupBy: []string{"source", "point"}, Filters: []Filter{{Key: "source", Values: []string{"APP"}}}}, "[APP app]", 150, 9e5},
		{MetricsQuery{GroupBy: []string{"status"}, Filters: []Filter{{Key: "status", Values: []string{"error"}}}}, "[server error]", 15, 1e6},
		{MetricsQuery{GroupBy: []string{"node"}, Filters: []Filter{{Key: "service", Values: []string{"d*"}}, {Key: "service", Not: true, Values: []string{"web"}}}}, "[node1]", 150, 1e6},
		{MetricsQuery{Filters: []Filter{{Key: "pod", Values: []string{"web-0", "nobody"}}}}, "[]", 150, 1e6},
		{MetricsQuery{Filters: []Filter{{Key: "service", Values: []string{"web"}}}}, "", 0, 0}, // it calls, it does not serve
		{MetricsQuery{Filters: []Filter{{Key: "request_resource", Not: true, Values: []string{"*items*"}}}}, "", 0, 0},
	} {
		c.q.Histograms = true
		m := metrics(t, s, c.q)
		if c.count == 0 {
			if len(m.Series) != 0 {
				t.Errorf("%+v: got %+v, want nothing", c.q, m.Series)
			}
			continue
		}
		if len(m.Series) != 1 || fmt.Sprint(m.Series[0].Labels) != c.labels || m.Series[0].Points[0].Count != c.count || !near(m.Series[0].Points[0].Histogram.Quantile(0.5), c.median) {
			t.Errorf("%+v: got %+v", c.q, m.Series)
		}
	}
}

// Where the kernel saw nothing, the code's own spans count; where there is no code, packets.
func TestTheBestViewThereIsCounts(t *testing.T) {
	t.Parallel()
	for source, want := range map[span.Source]float64{span.APP: 9e5, span.NET: 2e6} {
		s := open(t)
		all, some := calls(t, s, 20, start), &span.Batch{}
		for _, x := range slices.Collect(all.Spans()) {
			if x.Source == source {
				some.Append(x)
			}
		}
		insert(t, s, some)
		m := metrics(t, s, MetricsQuery{GroupBy: []string{"service"}, Histograms: true})
		if len(m.Series) != 1 || m.Series[0].Labels[0] != "db" || m.Series[0].Points[0].Count != 20 || !near(m.Series[0].Points[0].Histogram.Quantile(0.5), want) {
			t.Errorf("%v: %+v", source, m.Series)
		}
	}
}

// A batch that the server sends again, because the answer got lost, does not count twice.
func TestABatchThatIsSentAgainIsCountedOnce(t *testing.T) {
	t.Parallel()
	s := open(t)
	b := calls(t, s, 30, start)
	for range 3 {
		insert(t, s, b)
	}
	insert(t, s, calls(t, s, 30, start+1e9)) // others with the same figures are others
	if m := metrics(t, s, MetricsQuery{}); m.Series[0].Points[0].Count != 60 {
		t.Errorf("counted %d, want 60", m.Series[0].Points[0].Count)
	}
}

// Spans come first: a roll-up that cannot be written does not keep them out.
func TestABrokenRollUpDoesNotKeepSpansOut(t *testing.T) {
	t.Parallel()
	s := open(t)
	execute(t, s, "DROP TABLE requests_minute")
	insert(t, s, shop(traceID(1), 100))
	if d := trace(t, s, traceID(1).String()); len(d.Spans) != 8 {
		t.Errorf("%d spans, want 8", len(d.Spans))
	}
}

func TestMetricsLimitsAreSaid(t *testing.T) {
	t.Parallel()
	s := open(t)
	b := &span.Batch{}
	for i := range 30 {
		for j := range i + 1 {
			b.Append(&span.Span{ID: uint64(100*i + j + 1), Source: span.APP, Point: span.PointApp, Kind: span.KindServer, Service: fmt.Sprint("s", i), Start: start, Duration: 5})
		}
	}
	insert(t, s, b)
	m := metrics(t, s, MetricsQuery{GroupBy: []string{"service"}, Limit: 10})
	if len(m.Series) != 10 || m.Dropped != 20 || m.Series[0].Labels[0] != "s29" {
		t.Errorf("%d series, %d dropped, first %q", len(m.Series), m.Dropped, m.Series[0].Labels)
	}
}

func TestMetricsRefuseWhatTheyDoNotKnow(t *testing.T) {
	t.Parallel()
	s := open(t)
	for _, q := range []MetricsQuery{
		{GroupBy: []string{"user.id"}}, {Observed: "x"}, {From: 2, To: 1}, {Filters: []Filter{{Key: "user.id", Values: []string{"7"}}}},
		{Filters: []Filter{{Key: "status", Values: []string{"x"}}}}, {Filters: []Filter{{Key: "source", Values: []string{"x"}}}}, {Filters: []Filter{{Key: "point", Values: []string{"x"}}}},
	} {
		if _, err := s.Metrics(t.Context(), q); !errors.Is(err, ErrMalformed) {
			t.Errorf("%+v: got %v, want ErrMalformed", q, err)
		}
	}
}

func TestTheServiceMapHasAnEdgeForEachPair(t *testing.T) {
	t.Parallel()
	s := open(t)
	b := calls(t, s, 100, start)
	outside := span.Entity{Type: "external", IP: "8.8.8.8"}
	outside.ID = span.EntityID(&outside)
	if err := s.PutEntities(t.Context(), []span.Entity{outside}); err != nil {
		t.Fatal(err)
	}
	web := entity(t, s, "webshop", "web")
	b.Append(&span.Span{ID: 1, Source: span.SYS, Point: span.PointServerProcess, Service: "web", Entity: web.ID, ServerEntity: web.ID, ClientEntity: outside.ID, Start: start, Duration: 5, Protocol: "HTTP"})
	insert(t, s, b)
	m, err := s.ServiceMap(t.Context(), MapQuery{From: start, To: start + minute})
	if err != nil {
		t.Fatal(err)
	}
	if len(m.Nodes) != 3 || len(m.Edges) != 2 {
		t.Fatalf("%+v", m)
	}
	e := m.Edges[0]
	if e.Client != "webshop/web" || e.Server != "data/db" || e.Count != 100 || e.Errors != 10 || !near(e.Histogram.Quantile(0.99), 1e6) || !slices.Equal(e.Protocols, []string{"HTTP"}) {
		t.Errorf("edge %+v", e)
	}
	if e := m.Edges[1]; e.Client != Outside || e.Server != "webshop/web" {
		t.Errorf("edge %+v", e)
	}
	m, err = s.ServiceMap(t.Context(), MapQuery{From: start, To: start + minute, Limit: 2})
	if err != nil || len(m.Nodes) != 2 || m.DroppedNodes != 1 || m.DroppedEdges != 1 {
		t.Errorf("limit 2: %+v, %v", m, err)
	}
	m, err = s.ServiceMap(t.Context(), MapQuery{From: start, To: start + minute, Filters: []Filter{{Key: "namespace", Values: []string{"data"}}}})
	if err != nil || len(m.Edges) != 1 {
		t.Errorf("namespace data: %+v, %v", m, err)
	}
}

func TestTheUsualDurationOfHops(t *testing.T) {
	t.Parallel()
	s := open(t)
	b := calls(t, s, 100, start)
	for i, text := range hostile {
		b.Append(&span.Span{ID: uint64(i + 1), Source: span.APP, Point: span.PointApp, Service: text, Endpoint: text, Start: start, Duration: 1000})
	}
	for i, text := range []string{"SET autocommit=0", "SET autocommit=1", "SELECT 'it', \"a\" FROM t2 WHERE id = 0xFF AND x=1.5", strings.Repeat("x'", 400)} {
		b.Append(&span.Span{ID: uint64(100 + i), Source: span.SYS, Point: span.PointServerProcess, Service: "db", Protocol: "MySQL", Resource: text, Start: start, Duration: 1000})
	}
	insert(t, s, b)
	var hops []Hop
	for _, x := range slices.Collect(b.Spans()) {
		hops = append(hops, Hop{x.Service, RequestName(x), x.Point})
	}
	at := start + 10*minute
	got, err := s.Usual(t.Context(), append(hops, Hop{Service: "nobody"}), at)
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range hops {
		if _, ok := got[h]; !ok {
			t.Errorf("nothing usual for %q", h)
		}
	}
	if u := got[Hop{"db", "GET /items/{id}", span.PointServerProcess}].Quantile(0.5); !near(u, 1e6) {
		t.Errorf("usual %f", u)
	}
	if _, ok := got[Hop{"db", "SET autocommit=*", span.PointServerProcess}]; !ok {
		t.Errorf("statements are kept by their literals: %v", got)
	}
	if got, err := s.Usual(t.Context(), hops, start+48*60*minute); err != nil || len(got) != 0 {
		t.Errorf("two days later: %v, %v", got, err)
	}
}

func TestWhatPartOfAHistogramIsShorter(t *testing.T) {
	t.Parallel()
	h := Histogram{Slot(1e6): 90, Slot(2e6): 8, Slot(5e6): 2}
	for ns, want := range map[uint64]float64{1: 0, 1e6: 0.45, 15e5: 0.9, 2e6: 0.94, 3e6: 0.98, 5e6: 0.99, 9e9: 1} {
		if got := h.Below(ns); math.Abs(got-want) > 1e-9 {
			t.Errorf("below %d: %f, want %f", ns, got, want)
		}
	}
	if got := (Histogram{}).Below(1); !math.IsNaN(got) {
		t.Errorf("below anything, of nothing: %f", got)
	}
}

func TestHistogramQuantiles(t *testing.T) {
	t.Parallel()
	h := Histogram{}
	for ns := uint64(1); ns <= 100_000; ns++ {
		h[Slot(ns)]++
	}
	for _, q := range []float64{0.01, 0.5, 0.9, 0.99} {
		if got := h.Quantile(q); !near(got, q*100_000) {
			t.Errorf("q %v: %v", q, got)
		}
	}
	if !math.IsNaN(Histogram{}.Quantile(0.5)) {
		t.Error("a quantile of nothing")
	}
	for _, ns := range []uint64{0, 1, 2, 1023, 1 << 40, math.MaxUint64} {
		if s := Slot(ns); SlotStart(s) > float64(ns)+1e-6*float64(ns) || ns < 1<<62 && SlotStart(s+1) < float64(ns) {
			t.Errorf("%d is in bucket %d, from %v to %v", ns, s, SlotStart(s), SlotStart(s+1))
		}
	}
}

func TestEveryFilterOperatorOfASearch(t *testing.T) {
	t.Parallel()
	s := open(t)
	for i, tenant := range []string{"a", "b", "c"} {
		x := app(uint64(i+1), traceID(byte(i+1)), byte(i+1))
		x.Start = start - int64(i)
		x.Service, x.Attributes = "s"+tenant, []span.Attribute{{Key: "tenant", Value: tenant, Type: 's'}, {Key: "url.full", Value: tenant, Type: 's'}}
		insert(t, s, batch(x))
	}
	for _, c := range []struct {
		f    Filter
		want []uint64
	}{
		{Filter{Key: "tenant", Values: []string{"a", "c"}}, []uint64{1, 3}},
		{Filter{Key: "tenant", Not: true, Values: []string{"a"}}, []uint64{2, 3}},
		{Filter{Key: "url.full", Not: true, Values: []string{"a", "b"}}, []uint64{3}},
		{Filter{Key: "tenant", Not: true, Values: []string{"*"}}, []uint64{}},
		{Filter{Key: "service", Values: []string{"sa", "sb"}}, []uint64{1, 2}},
		{Filter{Key: "service", Not: true, Values: []string{"s*"}}, []uint64{}},
		{Filter{Key: "service", Not: true, Values: []string{"*"}}, []uint64{}},
		{Filter{Key: "service", Values: []string{""}}, []uint64{1, 2, 3}},
		{Filter{Key: "source", Not: true, Values: []string{"SYS"}}, []uint64{1, 2, 3}},
	} {
		found, err := s.Search(t.Context(), SearchQuery{Filters: []Filter{c.f}})
		if err != nil {
			t.Fatal(err)
		}
		got := []uint64{}
		for _, r := range found.Rows {
			got = append(got, uint64(r.Service[1]-'a')+1)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%+v: got %v, want %v", c.f, got, c.want)
		}
	}
	keys, err := s.TagKeys(t.Context(), TagsQuery{From: start - minute, To: start + minute})
	if err != nil || !slices.Equal(keys, []Tag{{"tenant", "span"}, {"url.full", "span"}}) {
		t.Errorf("keys %q, %v", keys, err)
	}
}

func TestHostileTextsInFilters(t *testing.T) {
	t.Parallel()
	s := open(t)
	insert(t, s, calls(t, s, 1, start))
	for _, text := range hostile {
		for _, key := range []string{"service", "namespace", "request_resource", "protocol", "node", "pod", text} {
			for _, not := range []bool{false, true} {
				f := []Filter{{Key: key, Not: not, Values: []string{text}}}
				if _, err := s.Search(t.Context(), SearchQuery{Filters: f}); err != nil {
					t.Errorf("search by %q %q: %v", key, text, err)
				}
				if _, err := s.Metrics(t.Context(), MetricsQuery{Filters: f}); err != nil && !errors.Is(err, ErrMalformed) {
					t.Errorf("metrics by %q %q: %v", key, text, err)
				}
			}
		}
	}
}

func TestPatterns(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		pattern, text string
		want          bool
	}{
		{"a", "a", true}, {"a", "ab", false}, {"a*", "ab", true}, {"*b", "ab", true}, {"a*b*c", "a1b2c", true}, {"a*b*c", "acb", false}, {"*", "", true}, {"", "", true}, {"a*a", "a", false},
	} {
		if got := wild(c.pattern, c.text); got != c.want {
			t.Errorf("%q %q: %v", c.pattern, c.text, got)
		}
	}
}
