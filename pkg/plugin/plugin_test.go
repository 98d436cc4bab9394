package plugin

import (
	"context"
	"encoding/json"
	"net/netip"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"

	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/store"
)

// fakeStore answers what a test gives it and keeps what it was asked.
type fakeStore struct {
	trace    *store.TraceData
	traces   *store.TracesData
	together store.TracesQuery
	rows     []store.SearchRow
	values   []string
	err      error // of every call
	searched store.SearchQuery
	listed   store.ValuesQuery
	reads    int

	ids     []uint64
	limited bool
	asked   store.FindQuery

	metrics  *store.Metrics
	services *store.ServiceMap
	usual    map[store.Hop]store.Histogram
	linked   []store.LinkFrom
	keys     []store.Tag
	nothing  []string
	measured store.MetricsQuery
	mapped   store.MapQuery
}

func (f *fakeStore) Ping(context.Context) error { return f.err }
func (f *fakeStore) Close() error               { return nil }

func (f *fakeStore) Trace(_ context.Context, _ store.TraceQuery) (*store.TraceData, error) {
	f.reads++
	return f.trace, f.err
}

func (f *fakeStore) Traces(_ context.Context, q store.TracesQuery) (*store.TracesData, error) {
	f.together = q
	return f.traces, f.err
}

func (f *fakeStore) Search(_ context.Context, q store.SearchQuery) (store.Found, error) {
	f.searched = q
	return store.Found{Rows: f.rows}, f.err
}

func (f *fakeStore) Find(_ context.Context, q store.FindQuery) ([]uint64, bool, error) {
	f.asked = q
	return f.ids, f.limited, f.err
}

func (f *fakeStore) Values(_ context.Context, q store.ValuesQuery) ([]string, error) {
	f.listed = q
	return f.values, f.err
}

func (f *fakeStore) Metrics(_ context.Context, q store.MetricsQuery) (*store.Metrics, error) {
	f.measured = q
	if f.metrics == nil {
		f.metrics = &store.Metrics{From: q.From, To: q.To}
	}
	return f.metrics, f.err
}

func (f *fakeStore) ServiceMap(_ context.Context, q store.MapQuery) (*store.ServiceMap, error) {
	f.mapped = q
	if f.services == nil {
		f.services = &store.ServiceMap{Seconds: 60}
	}
	return f.services, f.err
}

func (f *fakeStore) Usual(context.Context, []store.Hop, int64) (map[store.Hop]store.Histogram, error) {
	return f.usual, f.err
}

func (f *fakeStore) LinkedFrom(context.Context, span.TraceID) ([]store.LinkFrom, error) {
	return f.linked, f.err
}

func (f *fakeStore) TagKeys(context.Context, store.TagsQuery) ([]store.Tag, error) {
	return f.keys, f.err
}

func (f *fakeStore) WhyNothing(context.Context, store.SearchQuery) ([]string, error) {
	return f.nothing, f.err
}

func newInstance(f *fakeStore) *Instance {
	return &Instance{store: f, uid: "uid", name: "Throughline", where: "http://store:8123"}
}

// during is the time range of the tests' queries.
var during = backend.TimeRange{From: time.Unix(1_700_000_000, 0), To: time.Unix(1_700_003_600, 0)}

// ask sends one query, given as JSON.
func ask(t *testing.T, i *Instance, query string) backend.DataResponse {
	t.Helper()
	res, err := i.QueryData(t.Context(), &backend.QueryDataRequest{Queries: []backend.DataQuery{{RefID: "A", JSON: json.RawMessage(query), TimeRange: during}}})
	if err != nil {
		t.Fatal(err)
	}
	return res.Responses["A"]
}

const (
	traceID = "4bf92f3577b34da6a3ce929d0e0e4736"
	start   = int64(1_700_000_000_000_000_000)
	ms      = int64(1_000_000)
)

// call is one request from web to user, seen at every layer: the client's span, its system
// calls, the packets at the pod's veth and at the node's NIC, the server's system calls and
// its span.
func call(t *testing.T) *store.TraceData {
	t.Helper()
	id, err := span.ParseTraceID(traceID)
	if err != nil {
		t.Fatal(err)
	}
	client, server := span.SpanID{1, 1, 1, 1, 1, 1, 1, 1}, span.SpanID{2, 2, 2, 2, 2, 2, 2, 2}
	web, user := netip.MustParseAddrPort("10.1.0.1:40000"), netip.MustParseAddrPort("10.2.0.1:8080")
	const webPod, userPod = 11, 22
	at := func(n uint64, from, to int64) span.Span {
		return span.Span{
			ID: n, Start: start + from*ms, Duration: uint64((to - from) * ms), TraceID: id, Status: span.StatusOK, Code: 200,
			ClientEntity: webPod, ServerEntity: userPod,
		}
	}
	onWire := func(n uint64, source span.Source, point span.Point, from, to int64) *span.Span {
		s := at(n, from, to)
		s.Source, s.Point, s.SpanID = source, point, client
		s.ResponseStart = s.Duration / 2
		s.Protocol, s.Version, s.Type, s.Resource, s.Endpoint = "HTTP", "1.1", "GET", "/users/42?full=1", "/users/{id}"
		s.Client, s.Server, s.Transport, s.RequestSeq, s.ResponseSeq = web, user, 6, 1000, 2000
		return &s
	}
	code := func(n uint64, kind span.Kind, own, parent span.SpanID, service, name string, entity uint64, from, to int64) *span.Span {
		s := at(n, from, to)
		s.Source, s.Point, s.Kind, s.SpanID, s.ParentSpanID = span.APP, span.PointApp, kind, own, parent
		s.Service, s.Endpoint, s.Protocol, s.Entity, s.OTelResource = service, name, "HTTP", entity, 7
		return &s
	}
	app := code(1, span.KindClient, client, span.SpanID{}, "web", "GET user", webPod, 0, 100)
	app.Node, app.PodIP, app.ScopeName = "node0", web.Addr(), "otelhttp"
	app.Attributes = []span.Attribute{
		{Key: "http.request.method", Value: "GET", Type: span.AttributeString},
		{Key: "http.response.status_code", Value: "200", Type: span.AttributeInt},
	}
	app.Events = `[{"time":1700000000050000000,"name":"retry","attributes":{"attempt":2}}]`
	sending := onWire(2, span.SYS, span.PointClientProcess, 10, 90)
	sending.Node, sending.Entity, sending.PodIP, sending.PID, sending.Comm = "node0", webPod, web.Addr(), 4242, "web"
	veth := onWire(3, span.NET, span.PointClient, 12, 88)
	veth.Node, veth.Interface, veth.InterfaceType = "node0", "vethweb", "veth"
	nic := onWire(4, span.NET, span.PointClientNode, 14, 86)
	nic.Node, nic.Interface, nic.InterfaceType, nic.Tunnel = "node0", "eth0", "nic", "ipip"
	serving := onWire(5, span.SYS, span.PointServerProcess, 30, 70)
	serving.Node, serving.Entity, serving.PodIP, serving.PID, serving.Comm = "node1", userPod, user.Addr(), 4343, "user"
	handler := code(6, span.KindServer, server, client, "user", "GET /users/{id}", userPod, 35, 65)
	handler.Node, handler.PodIP = "node1", user.Addr()
	return &store.TraceData{
		Spans: []*span.Span{handler, nic, app, serving, veth, sending},
		Entities: map[uint64]span.Entity{
			webPod:  {ID: webPod, Type: "pod", Service: "web", Pod: "web-1", Workload: "web", WorkloadKind: "Deployment", Namespace: "shop", Node: "node0", IP: "10.1.0.1"},
			userPod: {ID: userPod, Type: "pod", Service: "user", Pod: "user-1", Workload: "user", WorkloadKind: "Deployment", Namespace: "shop", Node: "node1", IP: "10.2.0.1"},
		},
		Resources:  map[uint64]span.Resource{7: {ID: 7, Attributes: []span.Attribute{{Key: "service.version", Value: "1.2", Type: span.AttributeString}}}},
		Statements: 3,
	}
}
