package document_test

import (
	"cmp"
	"net/netip"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/collector/pdata/ptrace"
	common "go.opentelemetry.io/proto/otlp/common/v1"
	resource "go.opentelemetry.io/proto/otlp/resource/v1"
	tracev1 "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	"github.com/throughline-io/throughline/pkg/otlp"
	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/test/shapes"
)

// everyField has a value in every field of OTLP that JSON can hold, also in those that most SDKs leave empty.
func everyField() *tracev1.TracesData {
	text := func(key, value string) *common.KeyValue {
		return &common.KeyValue{Key: key, Value: &common.AnyValue{Value: &common.AnyValue_StringValue{StringValue: value}}}
	}
	whole := func(key string, value int64) *common.KeyValue {
		return &common.KeyValue{Key: key, Value: &common.AnyValue{Value: &common.AnyValue_IntValue{IntValue: value}}}
	}
	id := []byte("0123456789abcdef")
	const start = 1_790_000_000_000_000_001
	one := func(spanID string, change func(*tracev1.Span)) *tracev1.Span {
		s := &tracev1.Span{TraceId: id, SpanId: []byte(spanID), Name: spanID, Kind: tracev1.Span_SPAN_KIND_INTERNAL, StartTimeUnixNano: start, EndTimeUnixNano: start + 9, Status: &tracev1.Status{}}
		change(s)
		return s
	}
	http := func(s *tracev1.Span, code int64) {
		s.Kind = tracev1.Span_SPAN_KIND_SERVER
		s.Attributes = append(s.Attributes, text("http.request.method", "GET"), whole("http.response.status_code", code))
	}
	grpc := func(s *tracev1.Span, code int64) {
		s.Kind = tracev1.Span_SPAN_KIND_SERVER
		s.Attributes = append(s.Attributes, text("rpc.system", "grpc"), whole("rpc.grpc.status_code", code))
	}
	exception := &tracev1.Span_Event{TimeUnixNano: start + 1, Name: "exception", Attributes: []*common.KeyValue{text("exception.type", "E"), text("exception.message", "bad")}, DroppedAttributesCount: 7}
	return &tracev1.TracesData{ResourceSpans: []*tracev1.ResourceSpans{{
		Resource:  &resource.Resource{Attributes: []*common.KeyValue{text("service.name", "pay"), text("host.id", "h7")}, DroppedAttributesCount: 3, EntityRefs: []*common.EntityRef{{SchemaUrl: "https://opentelemetry.io/schemas/1.31.0", Type: "host", IdKeys: []string{"host.id"}, DescriptionKeys: []string{"service.name"}}}},
		SchemaUrl: "https://opentelemetry.io/schemas/1.31.0",
		ScopeSpans: []*tracev1.ScopeSpans{{
			Scope:     &common.InstrumentationScope{Name: "lib", Version: "2", Attributes: []*common.KeyValue{text("a \"b\"", "c"), whole("n", 4), {Key: "half", Value: &common.AnyValue{Value: &common.AnyValue_DoubleValue{DoubleValue: 2}}}}, DroppedAttributesCount: 5},
			SchemaUrl: "https://opentelemetry.io/schemas/1.30.0",
			Spans: []*tracev1.Span{
				one("allcount", func(s *tracev1.Span) {
					s.ParentSpanId, s.TraceState, s.Flags = []byte("parent01"), "v=1", 0x301
					s.DroppedAttributesCount, s.DroppedEventsCount, s.DroppedLinksCount = 1, 2, 3
					s.Events = []*tracev1.Span_Event{exception, {TimeUnixNano: start + 2, Name: "retry"}}
					s.Links = []*tracev1.Span_Link{{TraceId: id, SpanId: []byte("linked01"), TraceState: "s=1", Attributes: []*common.KeyValue{whole("n", 1)}, DroppedAttributesCount: 9, Flags: 0x100}}
				}),
				one("http ok ", func(s *tracev1.Span) { http(s, 200); s.Status.Code = tracev1.Status_STATUS_CODE_OK }),
				one("http 200", func(s *tracev1.Span) { http(s, 200) }),
				one("http 404", func(s *tracev1.Span) { http(s, 404); s.Status.Code = tracev1.Status_STATUS_CODE_ERROR }),
				one("http 500", func(s *tracev1.Span) { http(s, 500) }),
				one("client 4", func(s *tracev1.Span) { http(s, 404); s.Kind = tracev1.Span_SPAN_KIND_CLIENT }),
				one("grpc 0  ", func(s *tracev1.Span) { grpc(s, 0) }),
				one("grpc ok ", func(s *tracev1.Span) { grpc(s, 0); s.Status.Code = tracev1.Status_STATUS_CODE_OK }),
				one("grpc 1  ", func(s *tracev1.Span) { grpc(s, 1) }),
				one("grpc 5  ", func(s *tracev1.Span) { grpc(s, 5) }),
				one("grpc 13 ", func(s *tracev1.Span) { grpc(s, 13) }),
				one("ok       "[:8], func(s *tracev1.Span) { s.Status.Code = tracev1.Status_STATUS_CODE_OK }),
				one("no words", func(s *tracev1.Span) {
					s.Status.Code, s.Events = tracev1.Status_STATUS_CODE_ERROR, []*tracev1.Span_Event{exception}
				}),
				one("of type ", func(s *tracev1.Span) {
					s.Status.Code, s.Attributes = tracev1.Status_STATUS_CODE_ERROR, []*common.KeyValue{text("error.type", "timeout")}
				}),
				one("words   ", func(s *tracev1.Span) {
					s.Status.Code, s.Status.Message, s.Events = tracev1.Status_STATUS_CODE_ERROR, "no stock", []*tracev1.Span_Event{exception}
				}),
				one("handled ", func(s *tracev1.Span) { s.Events = []*tracev1.Span_Event{exception} }),
				one("repeated", func(s *tracev1.Span) {
					s.Status.Message, s.Events = "E: bad", []*tracev1.Span_Event{exception}
				}),
				one("no end  ", func(s *tracev1.Span) { s.EndTimeUnixNano = 0 }),
				one("back    ", func(s *tracev1.Span) { s.EndTimeUnixNano = start - 5 }),
				one("kind 99 ", func(s *tracev1.Span) { s.Kind = 99 }),
			},
		}, {
			Scope: &common.InstrumentationScope{Name: "lib", Version: "2"}, // the same by name alone
			Spans: []*tracev1.Span{one("another ", func(*tracev1.Span) {})},
		}},
	}, {
		Resource:   &resource.Resource{Attributes: []*common.KeyValue{text("service.name", "pay"), text("host.id", "h7")}}, // the same by attributes alone
		ScopeSpans: []*tracev1.ScopeSpans{{Spans: []*tracev1.Span{one("no scope", func(*tracev1.Span) {})}}},
	}}}
}

// What was sent is what is written: of every shape, and with a value in every field.
func TestWhatWasSentIsWritten(t *testing.T) {
	t.Parallel()
	sent := map[string]*tracev1.TracesData{"every field": everyField()}
	for _, name := range shapes.Names() {
		all := &tracev1.TracesData{}
		for _, request := range shapes.Make(name, time.Date(2026, 3, 1, 3, 0, 0, 0, time.UTC), shapes.Small) {
			all.ResourceSpans = append(all.ResourceSpans, request.ResourceSpans...)
		}
		sent[name] = all
	}
	for name, data := range sent {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			binary, err := proto.Marshal(data)
			if err != nil {
				t.Fatal(err)
			}
			for way, batch := range map[string]*span.Batch{"protobuf": readBinary(t, binary), "JSON": read(t, toJSON(t, binary))} {
				written := written(t, write(t, items(batch)))
				if diff := gocmp.Diff(alone(data), alone(written), protocmp.Transform()); diff != "" {
					t.Errorf("sent by %s (-), written (+):\n%.4000s", way, diff)
				}
			}
		})
	}
}

func readBinary(t *testing.T, body []byte) *span.Batch {
	t.Helper()
	d := otlp.NewDecoder(new(otlp.Resources), false)
	d.Reset("agent", shapes.Node, netip.Addr{})
	if err := d.Protobuf(body); err != nil {
		t.Fatal(err)
	}
	return d.Batch()
}

func toJSON(t *testing.T, binary []byte) []byte {
	t.Helper()
	traces, err := new(ptrace.ProtoUnmarshaler).UnmarshalTraces(binary)
	if err != nil {
		t.Fatal(err)
	}
	text, err := new(ptrace.JSONMarshaler).MarshalTraces(traces)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// written is a document as the collector's library reads it.
func written(t *testing.T, text []byte) *tracev1.TracesData {
	t.Helper()
	traces, err := new(ptrace.JSONUnmarshaler).UnmarshalTraces(text)
	if err != nil {
		t.Fatal(err)
	}
	binary, err := new(ptrace.ProtoMarshaler).MarshalTraces(traces)
	if err != nil {
		t.Fatal(err)
	}
	data := &tracev1.TracesData{}
	if err := proto.Unmarshal(binary, data); err != nil {
		t.Fatal(err)
	}
	return data
}

// alone are the spans, each with its resource and scope, in an order of their own. A scope and a
// status that are empty are none.
func alone(data *tracev1.TracesData) []*tracev1.ResourceSpans {
	var out []*tracev1.ResourceSpans
	for _, r := range data.ResourceSpans {
		for _, ss := range r.ScopeSpans {
			for _, s := range ss.Spans {
				s = proto.CloneOf(s)
				if s.Status == nil {
					s.Status = &tracev1.Status{}
				}
				scope := ss.Scope
				if scope == nil {
					scope = &common.InstrumentationScope{}
				}
				of := r.Resource
				if of == nil {
					of = &resource.Resource{}
				}
				out = append(out, &tracev1.ResourceSpans{Resource: of, SchemaUrl: r.SchemaUrl, ScopeSpans: []*tracev1.ScopeSpans{{Scope: scope, SchemaUrl: ss.SchemaUrl, Spans: []*tracev1.Span{s}}}})
			}
		}
	}
	slices.SortFunc(out, func(a, b *tracev1.ResourceSpans) int {
		x, y := a.ScopeSpans[0].Spans[0], b.ScopeSpans[0].Spans[0]
		return cmp.Or(slices.Compare(x.TraceId, y.TraceId), slices.Compare(x.SpanId, y.SpanId), cmp.Compare(protojson.Format(a), protojson.Format(b)))
	})
	return out
}
