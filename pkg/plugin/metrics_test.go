package plugin

import (
	"context"
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/store"
)

// around is a histogram of n durations of about ns.
func around(ns, n uint64) store.Histogram { return store.Histogram{store.Slot(ns): n} }

// measured are two services over three minutes; one was quiet in the second.
func measured(q store.MetricsQuery) *store.Metrics {
	from := during.From.UnixNano() / 6e10 * 6e10
	point := func(minute int64, count, errors uint64) store.Point {
		return store.Point{Time: from + minute*6e10, Seconds: 60, Count: count, Errors: errors, Duration: count * 2e6, Histogram: around(2e6, count)}
	}
	return &store.Metrics{
		From: from, To: from + 2*6e10, Step: q.Step, Dropped: 3, Truncated: "more than 5 rows",
		Series: []store.Series{
			{Labels: []string{"web", "ok"}, Points: []store.Point{point(0, 120, 0), point(1, 60, 6), point(2, 30, 0)}},
			{Labels: []string{"user's", "ok"}, Points: []store.Point{point(0, 6, 6), point(2, 12, 0)}},
		},
	}
}

func TestMetricsFrames(t *testing.T) {
	t.Parallel()
	for name, query := range map[string]string{
		"metrics-timeseries": `{"queryType":"metrics","metrics":["rate","p99","errorRatio"],"groupBy":["service","status"],"step":"1m"}`,
		"metrics-numeric":    `{"queryType":"metrics","metrics":["rate","mean"],"groupBy":["service","status"],"format":"numeric"}`,
		"metrics-table":      `{"queryType":"metrics","metrics":["rate","errors","count","p50"],"groupBy":["service","status"],"format":"table"}`,
		"metrics-heatmap":    `{"queryType":"metrics","format":"heatmap","step":"1m"}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := &fakeStore{metrics: measured(store.MetricsQuery{Step: time.Minute})}
			golden(t, name, ask(t, newInstance(f), query))
		})
	}
}

// What alerting and SQL expressions take frames by: the type, one time field that rises, and
// numbers with labels.
func TestMetricsFramesKeepTheDataPlaneContract(t *testing.T) {
	t.Parallel()
	f := &fakeStore{metrics: measured(store.MetricsQuery{Step: time.Minute})}
	res := ask(t, newInstance(f), `{"queryType":"metrics","metrics":["rate","errors","errorRatio","count","mean","p50","p90","p99","p99.9"],"groupBy":["service","status"]}`)
	if len(res.Frames) != 18 {
		t.Fatalf("%d frames, want 9 metrics of 2 series", len(res.Frames))
	}
	for _, frame := range res.Frames {
		if frame.Meta.Type != data.FrameTypeTimeSeriesMulti || frame.Meta.TypeVersion != (data.FrameTypeVersion{0, 1}) {
			t.Errorf("type %v", frame.Meta.Type)
		}
		if typ := frame.TimeSeriesSchema().Type; typ != data.TimeSeriesTypeWide { // one series a frame
			t.Errorf("frame %s is a series of type %v", frame.Name, typ)
		}
		value := frame.Fields[1]
		if value.Labels["service"] == "" || value.Labels["status"] != "ok" || value.Len() != 3 {
			t.Errorf("%s: labels %v, %d values", frame.Name, value.Labels, value.Len())
		}
		for i := 1; i < frame.Rows(); i++ {
			if !frame.At(0, i).(time.Time).After(frame.At(0, i-1).(time.Time)) {
				t.Errorf("%s: times do not rise", frame.Name)
			}
		}
		for i := range value.Len() {
			if v := value.At(i).(*float64); v != nil && (math.IsNaN(*v) || math.IsInf(*v, 0)) {
				t.Errorf("%s: %v", frame.Name, *v)
			}
		}
	}
}

// An alert rule takes no two series with the same labels, also of one query with several metrics.
func TestSeveralMetricsHaveLabelsOfTheirOwn(t *testing.T) {
	t.Parallel()
	for _, format := range []string{"numeric", "timeseries"} {
		for _, groups := range []string{`[]`, `["service","status"]`} {
			f := &fakeStore{metrics: measured(store.MetricsQuery{Step: time.Minute})}
			if groups == `[]` {
				f.metrics.Series = f.metrics.Series[:1]
			}
			res := ask(t, newInstance(f), `{"queryType":"metrics","metrics":["rate","errorRatio","p99"],"groupBy":`+groups+`,"format":"`+format+`"}`)
			seen := map[string]bool{}
			for _, frame := range res.Frames {
				labels := frame.Fields[len(frame.Fields)-1].Labels.String()
				if seen[labels] {
					t.Errorf("%s by %s: two series are %s", format, groups, labels)
				}
				seen[labels] = true
			}
		}
	}
}

// Where no agent looks at system calls or packets, a graph of the hops says so.
func TestAGraphOfHopsSaysThatOnlyCodeWasSeen(t *testing.T) {
	t.Parallel()
	for points, want := range map[string]bool{"app": true, "app s-p": false, "": false} {
		read := measured(store.MetricsQuery{Step: time.Minute})
		read.Dropped, read.Truncated, read.Series = 0, "", nil
		for _, p := range strings.Fields(points) {
			read.Series = append(read.Series, store.Series{Labels: []string{p}, Points: []store.Point{{Time: read.From, Seconds: 60, Count: 1}}})
		}
		res := ask(t, newInstance(&fakeStore{metrics: read}), `{"queryType":"metrics","groupBy":["point"]}`)
		notices := res.Frames[0].Meta.Notices
		if got := len(notices) == 1 && strings.Contains(notices[0].Text, "Only the code"); got != want {
			t.Errorf("points %q: notices %v", points, notices)
		}
	}
}

// A graph that ends now ends with the last minute whose spans are all stored: not with a rate
// that falls to 0.
func TestAGraphEndsWithWhatIsStored(t *testing.T) {
	t.Parallel()
	minute := func(n int64) int64 { return time.Unix(1_700_000_040, 0).UnixNano() + n*int64(time.Minute) }
	for name, c := range map[string]struct{ from, to, now, want int64 }{
		"now":                       {minute(0), minute(10) + 40e9, minute(10) + 40e9, minute(10) - 1},
		"spans are on their way":    {minute(0), minute(10) + 19e9, minute(10) + 19e9, minute(9) - 1},
		"an open end":               {minute(0), 0, minute(10) + 40e9, minute(10) - 1},
		"long ago":                  {minute(0), minute(10), minute(100), minute(10)},
		"nothing is all there":      {minute(10), minute(10) + 40e9, minute(10) + 40e9, minute(10) + 40e9},
		"the browser's clock leads": {minute(0), minute(12), minute(10) + 40e9, minute(10) - 1},
	} {
		if got := endOfSeries(c.from, c.to, time.Unix(0, c.now)); got != c.want {
			t.Errorf("%s: ends at %v, want %v", name, time.Unix(0, got).UTC(), time.Unix(0, c.want).UTC())
		}
	}
	// A step that is not over is unknown where it has no request yet, and what it has is shown.
	read := &store.Metrics{From: minute(0), To: minute(2), Series: []store.Series{{Points: []store.Point{{Time: minute(1), Seconds: 60, Count: 60}}}}}
	ms, err := measures([]string{"rate"})
	if err != nil {
		t.Fatal(err)
	}
	values := seriesFrames(read, store.MetricsQuery{Step: time.Minute}, ms, minute(1))[0].Fields[1]
	for step, want := range []*float64{figure(0), figure(1), nil} {
		if got := values.At(step).(*float64); !reflect.DeepEqual(got, want) {
			t.Errorf("step %d: %v, want %v", step, got, want)
		}
	}
}

func TestNoDataHasTheTypeToo(t *testing.T) {
	t.Parallel()
	for format, typ := range map[string]data.FrameType{"": data.FrameTypeTimeSeriesMulti, "numeric": data.FrameTypeNumericMulti, "table": data.FrameTypeNumericLong, "heatmap": "heatmap-cells"} {
		res := ask(t, newInstance(&fakeStore{}), `{"queryType":"metrics","format":"`+format+`","groupBy":["service"]}`)
		if res.Error != nil || len(res.Frames) != 1 || res.Frames[0].Meta.Type != typ || res.Frames[0].Rows() != 0 {
			t.Errorf("%s: %v, %v", format, res.Error, res.Frames)
		}
	}
}

func TestMetricsAskTheStore(t *testing.T) {
	t.Parallel()
	f := &fakeStore{}
	ask(t, newInstance(f), `{"queryType":"metrics","metrics":["p90"],"service":"web","observed":"called","groupBy":["server"],"limit":7,"step":"90s",
		"filters":[{"key":"namespace","operator":"!=|","values":["a","b"]},{"key":"request_resource","operator":"=~","value":"/(.*"},{"key":"","value":"x"}]}`)
	if f.measured.Observed != "" { // the pattern is refused before
		t.Errorf("asked %+v", f.measured)
	}
	ask(t, newInstance(f), `{"queryType":"metrics","metrics":["p90"],"service":"web","observed":"called","groupBy":["server"],"limit":7,"step":"90s",
		"filters":[{"key":"namespace","operator":"!=|","values":["a","b"]},{"key":"request_resource","operator":"=~","value":"^(/a.*|/b\\.c)$"},{"key":"","value":"x"}]}`)
	want := store.MetricsQuery{From: during.From.UnixNano(), To: during.To.UnixNano(), Step: time.Minute, GroupBy: []string{"server"}, Observed: "called", Histograms: true, Limit: 7,
		Filters: []store.Filter{{Key: "namespace", Not: true, Values: []string{"a", "b"}}, {Key: "request_resource", Operator: store.Matches, Values: []string{`^(/a.*|/b\.c)$`}}, {Key: "service", Values: []string{"web"}}}}
	if !reflect.DeepEqual(f.measured, want) {
		t.Errorf("asked %+v\nwant  %+v", f.measured, want)
	}
}

func TestBadMetricsQueries(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]string{
		`{"queryType":"metrics","metrics":["p101"]}`:                                          `metric "p101" is not known`,
		`{"queryType":"metrics","metrics":["pNaN"]}`:                                          `metric "pNaN" is not known`,
		`{"queryType":"metrics","metrics":["latency"]}`:                                       `metric "latency" is not known`,
		`{"queryType":"metrics","metrics":"rate"}`:                                            "metrics is a string, want a list",
		`{"queryType":"metrics","format":"pie"}`:                                              `format "pie" is not known`,
		`{"queryType":"metrics","step":"often"}`:                                              `the step "often" is no duration`,
		`{"queryType":"metrics","minDuration":"5ms"}`:                                         "cannot be narrowed by duration",
		`{"queryType":"serviceMap","maxDuration":"5ms"}`:                                      "cannot be narrowed by duration",
		`{"queryType":"serviceMap","filters":[{"key":"a","operator":"~","value":"5ms"}]}`:     "the operator is not known",
		`{"queryType":"search","service":"` + strings.Repeat("x", maxText+1) + `"}`:           "service is longer than 4096 bytes",
		`{"queryType":"search","filters":[` + strings.Repeat(`{},`, maxFilters) + `{"a":1}]}`: "more than 50 filters",
	} {
		res := ask(t, newInstance(&fakeStore{}), query)
		if res.Error == nil || !strings.Contains(res.Error.Error(), want) || res.Status != backend.StatusBadRequest || res.ErrorSource != backend.ErrorSourceDownstream {
			t.Errorf("%s: %v, status %d, source %s; want %q", query, res.Error, res.Status, res.ErrorSource, want)
		}
	}
}

func TestServiceMapFrames(t *testing.T) {
	t.Parallel()
	f := &fakeStore{services: &store.ServiceMap{
		Seconds: 60, DroppedNodes: 2, DroppedEdges: 1, Truncated: "more than 5 pairs",
		Nodes: []store.MapNode{
			{ID: "shop/web", Name: "web", Namespace: "shop", Workload: "web", Type: "pod", Protocols: []string{"HTTP"}, Served: store.Traffic{Count: 120, Errors: 12, Histogram: around(2e6, 120)}},
			{ID: "shop/db", Name: "db", Namespace: "shop", Type: "pod", Protocols: []string{"MySQL"}, Served: store.Traffic{Count: 60, Histogram: around(1e6, 60)}},
			{ID: store.Outside, Name: "outside", Type: "external", Sent: store.Traffic{Count: 120, Errors: 12, Histogram: around(2e6, 120)}},
		},
		Edges: []store.MapEdge{
			{Client: store.Outside, Server: "shop/web", Protocols: []string{"HTTP"}, Traffic: store.Traffic{Count: 120, Errors: 12, Histogram: around(2e6, 120)}},
			{Client: "shop/web", Server: "shop/db", Protocols: []string{"MySQL"}, Traffic: store.Traffic{Count: 60, Histogram: around(1e6, 60)}},
		},
	}}
	golden(t, "service-map", ask(t, newInstance(f), `{"queryType":"serviceMap","namespace":"shop"}`))
	if !reflect.DeepEqual(f.mapped.Filters, []store.Filter{{Key: "namespace", Values: []string{"shop"}}}) {
		t.Errorf("asked %+v", f.mapped)
	}
}

// A topic, a host or a database that is called as a service is, is told from it.
func TestNodesOfOneNameAreToldApart(t *testing.T) {
	t.Parallel()
	f := &fakeStore{services: &store.ServiceMap{Seconds: 60, Nodes: []store.MapNode{
		{ID: "shop/orders", Name: "orders", Namespace: "shop"}, {ID: store.PeerID + "orders", Name: "orders", Type: store.Topic},
		{ID: "mail", Name: "mail"}, {ID: store.PeerID + "mail", Name: "mail", Type: "external"}, {ID: store.PeerID + "MySQL", Name: "MySQL", Type: "external"},
	}}}
	nodes := ask(t, newInstance(f), `{"queryType":"serviceMap"}`).Frames[0]
	titles, _ := nodes.FieldByName("title")
	for k, want := range []string{"orders", "orders (topic)", "mail", "mail (peer)", "MySQL"} {
		if got := titles.At(k).(string); got != want {
			t.Errorf("node %d is called %q, want %q", k, got, want)
		}
	}
}

// nodeGraphFields are the names that Grafana's node graph understands, and the fields it
// cannot do without.
var nodeGraphFields = map[string]bool{
	"id": true, "title": true, "subtitle": true, "mainstat": true, "secondarystat": true, "icon": true, "color": true, "source": true, "target": true,
	"noderadius": true, "thickness": true, "highlighted": true, "strokedasharray": true, "fixedx": true, "fixedy": true, "isinstrumented": true,
}

func TestServiceMapKeepsTheNodeGraphContract(t *testing.T) {
	t.Parallel()
	for _, services := range []*store.ServiceMap{
		{Seconds: 60}, // fields stay where there is nothing
		{Seconds: 60, Nodes: []store.MapNode{{ID: "a", Name: "a"}}, Edges: []store.MapEdge{{Client: "a", Server: "a"}}},
	} {
		res := ask(t, newInstance(&fakeStore{services: services}), `{"queryType":"serviceMap"}`)
		if len(res.Frames) != 2 || res.Frames[0].Name != "nodes" || res.Frames[1].Name != "edges" {
			t.Fatalf("frames %v", res.Frames)
		}
		for k, required := range [][]string{{"id"}, {"id", "source", "target"}} {
			frame := res.Frames[k]
			if frame.Meta.PreferredVisualization != data.VisTypeNodeGraph {
				t.Errorf("%s is for %s", frame.Name, frame.Meta.PreferredVisualization)
			}
			for _, name := range required {
				if f, _ := frame.FieldByName(name); f == nil || f.Type() != data.FieldTypeString {
					t.Errorf("%s has no %s", frame.Name, name)
				}
			}
			for _, f := range frame.Fields {
				if !nodeGraphFields[f.Name] && !strings.HasPrefix(f.Name, "arc__") && !strings.HasPrefix(f.Name, "detail__") {
					t.Errorf("%s: Grafana does not know %s", frame.Name, f.Name)
				}
			}
		}
	}
}

func TestAnnotations(t *testing.T) {
	t.Parallel()
	id, err := span.ParseTraceID(traceID)
	if err != nil {
		t.Fatal(err)
	}
	f := &fakeStore{rows: []store.SearchRow{{ID: 1, TraceID: id, Source: span.APP, Start: start, Duration: uint64(5 * ms), Service: "web", Protocol: "HTTP", Request: "GET /users/{id}", Status: span.StatusServerError, Code: 500}}}
	f.rows[0].Trace = &store.FoundTrace{Spans: 9, Errors: 2, Failed: &store.SearchRow{Source: span.APP, Service: "payment", Request: "Charge", Message: "card refused"}}
	golden(t, "annotations", ask(t, newInstance(f), `{"queryType":"annotations","status":"error","service":"web","limit":1}`))
	if f.searched.Status != "error" || f.searched.Service != "web" || f.searched.Scope != store.ScopeRoots {
		t.Errorf("asked %+v", f.searched)
	}
	// Any status is any: the editor's form begins with errors.
	if ask(t, newInstance(f), `{"queryType":"annotations","service":"web"}`); f.searched.Status != "" {
		t.Errorf("asked %+v", f.searched)
	}
}

// The trace comes with what is usual for its hops, by the names that its rows have.
func TestTheUsualDurationsComeWithTheTrace(t *testing.T) {
	t.Parallel()
	f := &fakeStore{trace: call(t), usual: map[store.Hop]store.Histogram{
		{Request: "GET /users/{id}", Point: span.PointClientNode}:               around(5e7, 8),
		{Service: "user", Request: "GET /users/{id}", Point: span.PointApp}:     {store.Slot(2e7): 57, store.Slot(4e7): 3},
		{Service: "other", Request: "GET /users/{id}", Point: span.PointClient}: around(1, 1),
	}}
	query := `{"queryType":"trace","query":"` + traceID + `"}`
	i := newInstance(f)
	got := ask(t, i, query).Frames[0].Meta.Custom.(flameMeta).Usual
	for key, want := range map[string]float64{"|GET /users/{id}|c-nd": 5e7, "user|GET /users/{id}|app": 2e7} {
		if math.Abs(got[key]/want-1) > 0.05 {
			t.Errorf("%s: %f, want %f", key, got[key], want)
		}
	}
	if len(got) != 2 {
		t.Errorf("got %v", got)
	}
	// And a span's details with its place among them, where there are enough.
	if w := get(i, "/span/0000000000000006"); !strings.Contains(w.Body.String(), `"usual":{"below":0.95,"count":60,"median":2`) {
		t.Errorf("the span took 30 ms: %s", w.Body)
	}
	if w := get(i, "/span/0000000000000004"); strings.Contains(w.Body.String(), `"usual"`) {
		t.Errorf("8 are too few: %s", w.Body)
	}
	if res := ask(t, newInstance(&fakeStore{trace: call(t)}), query); res.Error != nil || len(res.Frames[0].Meta.Custom.(flameMeta).Usual) > 0 {
		t.Errorf("without: %v", res.Error)
	}
}

// A store that cannot say what is usual does not keep a trace from being shown.
func TestATraceIsShownWithoutWhatIsUsual(t *testing.T) {
	t.Parallel()
	f := &noUsual{fakeStore{trace: call(t)}}
	i := newInstance(&f.fakeStore)
	i.store = f
	if res := ask(t, i, `{"queryType":"trace","query":"`+traceID+`"}`); res.Error != nil || res.Frames[0].Rows() != 6 {
		t.Errorf("%v", res.Error)
	}
}

type noUsual struct{ fakeStore }

func (*noUsual) Usual(context.Context, []store.Hop, int64) (map[store.Hop]store.Histogram, error) {
	return nil, errors.New("no such table")
}

// One query that brings the plugin down leaves the others their answers.
func TestAPanicStaysWithItsQuery(t *testing.T) {
	t.Parallel()
	i := newInstance(&fakeStore{})
	i.store = panics{}
	if res := ask(t, i, `{"queryType":"search"}`); res.Error == nil || res.ErrorSource != backend.ErrorSourcePlugin || strings.Contains(res.Error.Error(), "secret") {
		t.Errorf("%v, %s", res.Error, res.ErrorSource)
	}
	if w := get(i, "/values/service"); w.Code != 500 || strings.Contains(w.Body.String(), "secret") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

type panics struct{ reader }

func TestSuggestions(t *testing.T) {
	t.Parallel()
	f := &fakeStore{values: []string{"/order"}, keys: []store.Tag{{Key: "http.route", Place: "span"}, {Key: "k8s.pod.name", Place: "resource"}, {Key: "exception.type", Place: "event"}}}
	i := newInstance(f)
	for path, want := range map[string]string{
		"/suggestions?field=requestResource&text=*ord&service=web": `[{"text":"/order"}]`,
		"/suggestions?field=attribute:http.route&text=o":           `[{"text":"/order"}]`,
		"/tag-values?key=a/b&pattern=x*":                           `[{"text":"/order"}]`,
	} {
		if w := get(i, path); w.Body.String() != want {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
	w := get(i, "/tag-keys?from=1700000000000")
	if !strings.HasPrefix(w.Body.String(), `[{"text":"namespace"}`) || !strings.HasSuffix(w.Body.String(), `{"text":"http.route","group":"attributes"},{"text":"k8s.pod.name","group":"resource"},{"text":"exception.type","group":"events"}]`) {
		t.Errorf("%s", w.Body)
	}
	for _, path := range []string{"/suggestions?field=pie", "/suggestions?field=attribute:", "/tag-values", "/tag-values?key=a&limit=x", "/tag-keys?to=now"} {
		if w := get(i, path); w.Code != 400 {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
}
