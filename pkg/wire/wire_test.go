package wire_test

import (
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"google.golang.org/protobuf/proto"

	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/wire"
)

// addresses compares netip values by ==, which go-cmp cannot look into.
var addresses = cmp.Options{cmpopts.EquateComparable(netip.Addr{}, netip.AddrPort{})}

// example has a span of each source, every field of Span set in one of them.
func example() *span.Batch {
	var b span.Batch
	b.Append(&span.Span{
		ID: 0x0123456789abcdef, Source: span.APP, Point: span.PointApp, Kind: span.KindServer,
		TraceID: span.TraceID{1, 2, 15: 16}, SpanID: span.SpanID{1, 7: 8}, ParentSpanID: span.SpanID{2, 7: 9}, TraceState: "vendor=1",
		Start: 1_790_000_000_000_000_001, Duration: 1_500_000, ResponseStart: 7,
		Agent: "node0", Node: "node0", PodIP: netip.MustParseAddr("10.244.1.10"), Service: "web-shop",
		Protocol: "HTTP", Version: "1.1", Type: "GET", Domain: "web-shop:8080", Resource: "/items/42?a=b", Endpoint: "GET /items/{id}",
		RequestID: "r-1", XRequestID: "x-1", XResponseID: "x-2", Status: span.StatusServerError, Code: 503, StatusMessage: "no stock",
		RequestSize: 100, ResponseSize: 2000, Client: netip.MustParseAddrPort("10.244.0.5:40000"), Server: netip.MustParseAddrPort("[fd00::1]:8080"),
		Transport: 6, RequestSeq: 4_000_000_000, ResponseSeq: 17, Flow: 99, Tunnel: "ipip", Interface: "eth0", InterfaceType: "nic", TLS: true,
		PID: 100, TID: 101, Comm: "web-shop", Goroutine: 34, Passage: 77, SyscallReq: 5, SyscallResp: 6, CaptureSeq: 8,
		Entity: 1, ClientEntity: 2, ServerEntity: 3, OTelResource: 4, ScopeName: "otelhttp", ScopeVersion: "0.72",
		Attributes: []span.Attribute{{Key: "user", Value: "ann", Type: span.AttributeString}, {Key: "n", Value: "3", Type: span.AttributeInt}},
		Events:     `[{"time":1,"name":"e","attributes":{}}]`, Links: `[{"trace_id":"01","span_id":"02","attributes":{}}]`,
	})
	b.Append(&span.Span{ID: 2, Source: span.SYS, Point: span.PointServerProcess, Resource: "/caf\xe9 not UTF-8", Endpoint: "\xff"})
	b.Append(&span.Span{ID: 3, Source: span.NET, Point: span.PointClient, Attributes: []span.Attribute{{Key: "user", Value: "", Type: span.AttributeJSON}}})
	b.Edges = []span.Edge{{A: span.TraceGroup(span.TraceID{1}), B: span.WireGroup(1, 2), Time: 1_790_000_000_000_000_000, Kind: span.EdgeRoot}}
	b.OTelResources = []span.Resource{
		{ID: 4, Attributes: []span.Attribute{{Key: "service.name", Value: "web-shop", Type: span.AttributeString}}},
		{ID: 5},
		{ID: 6, Attributes: []span.Attribute{{Key: "service.name", Value: "svc-item", Type: span.AttributeString}, {Key: "n", Value: "1", Type: span.AttributeInt}}},
	}
	return &b
}

// send takes a batch over the wire's bytes.
func send(t testing.TB, b *span.Batch) *span.Batch {
	t.Helper()
	data, err := proto.Marshal(wire.Encode(b))
	if err != nil {
		t.Fatal(err)
	}
	var w wire.Batch
	if err := proto.Unmarshal(data, &w); err != nil {
		t.Fatal(err)
	}
	var got span.Batch
	if err := wire.Decode(&w, &got); err != nil {
		t.Fatal(err)
	}
	return &got
}

func diff(want, got *span.Batch) string {
	return cmp.Diff(slices.Collect(want.Spans()), slices.Collect(got.Spans()), addresses) +
		cmp.Diff(want.Edges, got.Edges) + cmp.Diff(want.OTelResources, got.OTelResources)
}

func TestABatchArrivesAsItWasSent(t *testing.T) {
	t.Parallel()
	want := example()
	if d := diff(want, send(t, want)); d != "" {
		t.Error(d)
	}
}

func TestAnEmptyBatchArrives(t *testing.T) {
	t.Parallel()
	if got := send(t, new(span.Batch)); got.Len() != 0 {
		t.Errorf("%d spans", got.Len())
	}
}

func TestIdsAreSentEvenIfAllAreZero(t *testing.T) {
	t.Parallel()
	var b span.Batch
	b.Append(&span.Span{Source: span.NET})
	if got := send(t, &b); got.Len() != 1 {
		t.Errorf("%d spans", got.Len())
	}
}

// Golden bytes: agents and servers of different releases talk to one another.
func TestTheBytesStayTheSame(t *testing.T) {
	t.Parallel()
	got, err := proto.MarshalOptions{Deterministic: true}.Marshal(&wire.PushRequest{Agent: "node0", Boot: 1, Sequence: 2, Batch: wire.Encode(example())})
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join("testdata", "push.pb")
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.WriteFile(name, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got, want) {
		t.Errorf("the encoded example differs from %s: if the change is meant and old agents are still understood, run the test with UPDATE_GOLDEN=1", name)
	}
	// What an agent of that release sends is understood.
	var push wire.PushRequest
	if err := proto.Unmarshal(want, &push); err != nil {
		t.Fatal(err)
	}
	var b span.Batch
	if err := wire.Decode(push.Batch, &b); err != nil {
		t.Fatal(err)
	}
	if d := diff(example(), &b); d != "" {
		t.Error(d)
	}
}

func TestColumnsOfNewerAgentsAreIgnored(t *testing.T) {
	t.Parallel()
	w := wire.Encode(example())
	w.Columns = append(w.Columns, &wire.Column{Name: "moon_phase", Data: []byte{1}})
	var b span.Batch
	if err := wire.Decode(w, &b); err != nil {
		t.Fatal(err)
	}
	if d := diff(example(), &b); d != "" {
		t.Error(d)
	}
}

func TestColumnsThatOlderAgentsDoNotSendAreZero(t *testing.T) {
	t.Parallel()
	for _, missing := range wire.Encode(example()).Columns {
		if missing.Name == "id" || missing.Name == "source" {
			continue
		}
		w := wire.Encode(example())
		w.Columns = slices.DeleteFunc(w.Columns, func(c *wire.Column) bool { return c.Name == missing.Name })
		var b span.Batch
		if err := wire.Decode(w, &b); err != nil {
			t.Errorf("without %s: %v", missing.Name, err)
		} else if err := b.Check(); err != nil {
			t.Errorf("without %s: %v", missing.Name, err)
		}
	}
}

func TestValuesOfNewerAgentsAreReadAsNotKnown(t *testing.T) {
	t.Parallel()
	b := example()
	b.Point[0], b.Kind[0], b.Status[0], b.Attributes.Types[0] = 200, 200, 200, '!'
	b.Edges = append(b.Edges, span.Edge{A: 1, B: 2, Time: 3, Kind: 99})
	got := send(t, b)
	if got.Point[0] != span.PointRest || got.Kind[0] != span.KindUnspecified || got.Status[0] != span.StatusUnknown || got.Attributes.Types[0] != span.AttributeString {
		t.Errorf("point %v, kind %v, status %v, attribute type %q", got.Point[0], got.Kind[0], got.Status[0], got.Attributes.Types[0])
	}
	if len(got.Edges) != 1 {
		t.Errorf("edges %v: an edge nobody can follow was kept", got.Edges)
	}
}

// column finds an encoded column to spoil.
func column(w *wire.Batch, name string) *wire.Column {
	i := slices.IndexFunc(w.Columns, func(c *wire.Column) bool { return c.Name == name })
	return w.Columns[i]
}

func TestHostileBatchesAreRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, want string
		spoil      func(*wire.Batch)
	}{
		{"more rows than allowed", "at most", func(w *wire.Batch) { w.Rows = wire.MaxRows + 1 }},
		{"most rows there can be", "at most", func(w *wire.Batch) { w.Rows = 1<<32 - 1 }},
		{"rows without ids", `column "id" is missing`, func(w *wire.Batch) { w.Columns = nil }},
		{"rows without a source", "none of APP, SYS, NET", func(w *wire.Batch) {
			w.Columns = slices.DeleteFunc(w.Columns, func(c *wire.Column) bool { return c.Name == "source" })
		}},
		{"a row less than said", "cut off", func(w *wire.Batch) { w.Rows = 4; column(w, "id").Data = make([]byte, 32) }},
		{"a row more than said", "after the last", func(w *wire.Batch) { w.Rows = 2; column(w, "id").Data = make([]byte, 16) }},
		{"a column cut within a value", `column "start": 23 bytes`, func(w *wire.Batch) { c := column(w, "start"); c.Data = c.Data[:23] }},
		{"a column twice", "twice", func(w *wire.Batch) { w.Columns = append(w.Columns, column(w, "id")) }},
		{"a reference beyond the table", "refers to string", func(w *wire.Batch) { column(w, "service").Data = []byte{255, 255, 255, 255, 0, 0, 0, 0, 0, 0, 0, 0} }},
		{"an attribute key beyond the table", "refers to string", func(w *wire.Batch) { c := column(w, "attributes"); c.Keys = slices.Repeat([]byte{255}, len(c.Keys)) }},
		{"attributes that end beyond their pairs", "last row ends at", func(w *wire.Batch) { c := column(w, "attributes"); c.Data = slices.Clone(c.Data); c.Data[16]++ }},
		{"attributes that end before they begin", "go back", func(w *wire.Batch) { c := column(w, "attributes"); c.Data = slices.Clone(c.Data); c.Data[0] = 9 }},
		{"attributes without types", "types", func(w *wire.Batch) { column(w, "attributes").Types = nil }},
		{"attributes without values", "text row", func(w *wire.Batch) { column(w, "attributes").Values = nil }},
		{"a text longer than the column", "cut off", func(w *wire.Batch) { column(w, "events").Data = []byte{255, 255, 255, 255, 255, 255, 255, 255, 127, 0} }},
		{"text behind the last row", "after the last", func(w *wire.Batch) { c := column(w, "links"); c.Data = append(slices.Clone(c.Data), 0) }},
		{"a table with a string cut off", "cut off", func(w *wire.Batch) { w.Strings = w.Strings[:len(w.Strings)-1] }},
		{"a table with a string twice", "the same", func(w *wire.Batch) { w.Strings = []byte{1, 'a', 1, 'a'} }},
		{"a table with the empty string", "the same", func(w *wire.Batch) { w.Strings = []byte{0} }},
		{"a start before 1970", "before 1970", func(w *wire.Batch) { column(w, "start").Data = slices.Repeat([]byte{255}, 24) }},
		{"an end after all time", "2262", func(w *wire.Batch) { column(w, "duration").Data = slices.Repeat([]byte{255}, 24) }},
		{"edges of unlike length", "bytes of b", func(w *wire.Batch) { w.Edges.B = nil }},
		{"an edge to nowhere", "no group", func(w *wire.Batch) { w.Edges.A = make([]byte, 8) }},
		{"a resource less than ids", "rows of attributes", func(w *wire.Batch) { w.Resources.Attributes.Data = w.Resources.Attributes.Data[:16] }},
		{"a resource's key beyond its table", "refers to string", func(w *wire.Batch) { w.Resources.Strings = nil }},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := wire.Encode(example())
			c.spoil(w)
			b := example()
			err := wire.Decode(w, b)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one that says %q", err, c.want)
			}
			if err != nil && (b.Len() != 0 || len(b.Edges) != 0 || b.Check() != nil) {
				t.Errorf("after the error the batch has %d spans, check %v", b.Len(), b.Check())
			}
		})
	}
}

func TestEveryShortPrefixFailsCleanly(t *testing.T) {
	t.Parallel()
	data, err := proto.Marshal(wire.Encode(example()))
	if err != nil {
		t.Fatal(err)
	}
	for n := range data {
		var w wire.Batch
		if proto.Unmarshal(data[:n:n], &w) != nil {
			continue
		}
		var b span.Batch
		if err := wire.Decode(&w, &b); err == nil {
			if err := b.Check(); err != nil {
				t.Errorf("%d of %d bytes: accepted, but %v", n, len(data), err)
			}
		}
	}
}

func FuzzDecode(f *testing.F) {
	data, err := proto.Marshal(wire.Encode(example()))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, data []byte) {
		var w wire.Batch
		if proto.Unmarshal(data, &w) != nil {
			return
		}
		var b span.Batch
		if wire.Decode(&w, &b) != nil {
			return
		}
		if err := b.Check(); err != nil {
			t.Fatalf("accepted, but %v", err)
		}
		if d := diff(&b, send(t, &b)); d != "" {
			t.Fatalf("sent on, it is another batch: %s", d)
		}
	})
}

func BenchmarkEncodeDecode(b *testing.B) {
	var batch span.Batch
	for i := range 10_000 {
		batch.Append(&span.Span{ID: uint64(i), Source: span.NET, Point: span.PointClient, Start: 1, Resource: fmt.Sprint("/items/", i), Endpoint: "/items/{id}", Protocol: "HTTP"})
	}
	var got span.Batch
	b.ReportAllocs()
	for b.Loop() {
		data, err := proto.Marshal(wire.Encode(&batch))
		if err != nil {
			b.Fatal(err)
		}
		var w wire.Batch
		if err := proto.Unmarshal(data, &w); err != nil {
			b.Fatal(err)
		}
		if err := wire.Decode(&w, &got); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/10_000, "ns/span")
}
