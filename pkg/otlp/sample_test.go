package otlp

import (
	"math"
	"net/netip"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	coltrace "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	common "go.opentelemetry.io/proto/otlp/common/v1"
	res "go.opentelemetry.io/proto/otlp/resource/v1"
	trace "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/throughline-io/throughline/pkg/span"
)

// Constructors of OTLP messages.

func str(k, v string) *common.KeyValue {
	return &common.KeyValue{Key: k, Value: strValue(v)}
}

func strValue(v string) *common.AnyValue {
	return &common.AnyValue{Value: &common.AnyValue_StringValue{StringValue: v}}
}

func num(k string, v int64) *common.KeyValue {
	return &common.KeyValue{Key: k, Value: numValue(v)}
}

func numValue(v int64) *common.AnyValue {
	return &common.AnyValue{Value: &common.AnyValue_IntValue{IntValue: v}}
}

func double(k string, v float64) *common.KeyValue {
	return &common.KeyValue{Key: k, Value: &common.AnyValue{Value: &common.AnyValue_DoubleValue{DoubleValue: v}}}
}

func truth(k string, v bool) *common.KeyValue {
	return &common.KeyValue{Key: k, Value: &common.AnyValue{Value: &common.AnyValue_BoolValue{BoolValue: v}}}
}

func array(k string, v ...*common.AnyValue) *common.KeyValue {
	return &common.KeyValue{Key: k, Value: &common.AnyValue{Value: &common.AnyValue_ArrayValue{ArrayValue: &common.ArrayValue{Values: v}}}}
}

func list(k string, v ...*common.KeyValue) *common.KeyValue {
	return &common.KeyValue{Key: k, Value: &common.AnyValue{Value: &common.AnyValue_KvlistValue{KvlistValue: &common.KeyValueList{Values: v}}}}
}

func blob(k string, v []byte) *common.KeyValue {
	return &common.KeyValue{Key: k, Value: &common.AnyValue{Value: &common.AnyValue_BytesValue{BytesValue: v}}}
}

const sampleStart = 1_790_000_000_000_000_001

// server is a span as otelhttp makes it.
func server() *trace.Span {
	return &trace.Span{
		TraceId: []byte("0123456789abcdef"), SpanId: []byte("server01"), TraceState: "vendor=1", Name: "GET /items/{id}", Kind: trace.Span_SPAN_KIND_SERVER,
		StartTimeUnixNano: sampleStart, EndTimeUnixNano: sampleStart + 1_500_000, Flags: 0x101,
		Attributes: []*common.KeyValue{
			str("http.request.method", "GET"), str("url.path", "/items/42"), str("url.query", "a=b"), str("url.scheme", "https"), str("http.route", "/items/{id}"),
			str("network.peer.address", "10.244.0.5"), num("network.peer.port", 40000), str("server.address", "svc-item"), num("server.port", 8080),
			num("http.response.status_code", 503), num("http.response.body.size", 2000), str("network.protocol.version", "1.1"),
			array("http.request.header.x-request-id", strValue("rid-1")),
		},
		Status: &trace.Status{Code: trace.Status_STATUS_CODE_ERROR, Message: "no stock"},
	}
}

// sample is a request with a value of every type in every place.
func sample() *coltrace.ExportTraceServiceRequest {
	full := server()
	full.Attributes = append(full.Attributes,
		truth("yes", true), truth("no", false), double("half", 0.5), double("big", 1e300), num("min", math.MinInt64), num("max", math.MaxInt64),
		blob("blob", []byte{0, 255, 1}), str("empty", ""), str("text", "quote \" back \\ line \n tab \t nul \x00 é 😀"), &common.KeyValue{Key: "none"},
		array("array", strValue("x"), numValue(-1), &common.AnyValue{}, array("", strValue("inner")).Value, list("", str("k", "v")).Value),
		list("map", str("a", "b"), num("n", 2), list("deeper", truth("t", true)), &common.KeyValue{Key: "none"}), array("nothing"), list("empty map"),
	)
	full.Events = []*trace.Span_Event{
		{TimeUnixNano: sampleStart + 5, Name: "exception", Attributes: []*common.KeyValue{str("exception.type", "E"), str("exception.message", "bad")}},
		{TimeUnixNano: sampleStart + 6, Name: "plain \"event\""},
	}
	full.Links = []*trace.Span_Link{
		{TraceId: []byte("fedcba9876543210"), SpanId: []byte("linked01"), TraceState: "s=1", Attributes: []*common.KeyValue{num("n", 1)}},
		{},
	}
	client := &trace.Span{
		TraceId: []byte("0123456789abcdef"), SpanId: []byte("client01"), ParentSpanId: []byte("server01"), Name: "SELECT", Kind: trace.Span_SPAN_KIND_CLIENT,
		StartTimeUnixNano: sampleStart + 10, EndTimeUnixNano: sampleStart + 20,
		Attributes: []*common.KeyValue{str("db.system", "mysql"), str("db.statement", "SELECT 1"), str("net.peer.name", "db"), str("net.peer.ip", "10.0.0.7"), num("net.peer.port", 3306)},
	}
	return &coltrace.ExportTraceServiceRequest{ResourceSpans: []*trace.ResourceSpans{
		{
			Resource:   &res.Resource{Attributes: []*common.KeyValue{str("service.name", "svc-item"), str("k8s.pod.ip", "10.244.1.10"), num("process.pid", 77), array("process.command_args", strValue("a"))}},
			ScopeSpans: []*trace.ScopeSpans{{Scope: &common.InstrumentationScope{Name: "otelhttp", Version: "0.72"}, Spans: []*trace.Span{full, client}, SchemaUrl: "https://opentelemetry.io/schemas/1.30.0"}, {Spans: []*trace.Span{server()}}},
		},
		{ScopeSpans: []*trace.ScopeSpans{{Spans: []*trace.Span{client}}}},
	}}
}

func marshal(t testing.TB, m proto.Message) []byte {
	t.Helper()
	b, err := proto.MarshalOptions{Deterministic: true}.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

var peerAddr = netip.MustParseAddr("10.244.9.9")

func newDecoder() *Decoder {
	d := NewDecoder(new(Resources), true)
	d.Reset("agent", "node0", peerAddr)
	return d
}

// request wraps spans into a request of a service.
func request(spans ...*trace.Span) *coltrace.ExportTraceServiceRequest {
	return &coltrace.ExportTraceServiceRequest{ResourceSpans: []*trace.ResourceSpans{{
		Resource:   &res.Resource{Attributes: []*common.KeyValue{str("service.name", "svc-item")}},
		ScopeSpans: []*trace.ScopeSpans{{Spans: spans}},
	}}}
}

func decodeSpans(t testing.TB, m *coltrace.ExportTraceServiceRequest) []*span.Span {
	t.Helper()
	d := newDecoder()
	if err := d.Protobuf(marshal(t, m)); err != nil {
		t.Fatal(err)
	}
	if err := d.batch.Check(); err != nil {
		t.Fatal(err)
	}
	return slices.Collect(d.batch.Spans())
}

// diffBatches compares what two decoders made.
func diffBatches(want, got *Decoder) string {
	opts := cmp.Options{cmpopts.EquateComparable(netip.Addr{}, netip.AddrPort{})}
	return cmp.Diff(slices.Collect(want.batch.Spans()), slices.Collect(got.batch.Spans()), opts) +
		cmp.Diff(want.batch.OTelResources, got.batch.OTelResources) +
		cmp.Diff(want.rejected, got.rejected) + cmp.Diff(want.roots, got.roots, opts)
}
