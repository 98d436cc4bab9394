package jaeger

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/apache/thrift/lib/go/thrift"
	"github.com/jaegertracing/jaeger-idl/model/v1"
	"github.com/jaegertracing/jaeger-idl/proto-gen/api_v2"
	thriftgen "github.com/jaegertracing/jaeger-idl/thrift-gen/jaeger"

	"github.com/throughline-io/throughline/agent/protobuf"
	"github.com/throughline-io/throughline/pkg/otlp"
	"github.com/throughline-io/throughline/pkg/otlp/otlptest"
)

var update = flag.Bool("update", false, "write what is read as what is expected")

const began = 1_790_000_000_000_000 // µs

// inThrift is what an older client sends, written by Jaeger's own code.
func inThrift(t testing.TB) []byte {
	t.Helper()
	text := func(key, v string) *thriftgen.Tag {
		return &thriftgen.Tag{Key: key, VType: thriftgen.TagType_STRING, VStr: &v}
	}
	whole := func(key string, v int64) *thriftgen.Tag {
		return &thriftgen.Tag{Key: key, VType: thriftgen.TagType_LONG, VLong: &v}
	}
	yes, ratio := true, 0.25
	seq := int64(7)
	batch := &thriftgen.Batch{
		Process: &thriftgen.Process{ServiceName: "shop", Tags: []*thriftgen.Tag{text("hostname", "node-1"), text("ip", "10.0.0.3"), text("jaeger.version", "Go-2.30.0")}},
		SeqNo:   &seq,
		Stats:   &thriftgen.ClientStats{FullQueueDroppedSpans: 1},
		Spans: []*thriftgen.Span{
			{
				TraceIdLow: 0x1122334455667788, SpanId: 1, OperationName: "GET /order", Flags: 1, StartTime: began, Duration: 9000,
				Tags: []*thriftgen.Tag{text("span.kind", "server"), text("http.method", "GET"), text("http.url", "http://shop/order?id=7"), whole("http.status_code", 500), {Key: "error", VType: thriftgen.TagType_BOOL, VBool: &yes},
					whole("peer.ipv4", 10<<24|9), whole("peer.port", 40122), {Key: "sampler.param", VType: thriftgen.TagType_DOUBLE, VDouble: &ratio}, {Key: "raw", VType: thriftgen.TagType_BINARY, VBinary: []byte{1, 2}}},
				Logs: []*thriftgen.Log{
					{Timestamp: began + 5000, Fields: []*thriftgen.Tag{text("event", "error"), text("error.kind", "IOError"), text("message", "reset"), text("stack", "at a\nat b")}},
					{Timestamp: began + 6000, Fields: []*thriftgen.Tag{text("event", "retry"), whole("n", 2)}},
				},
			},
			{TraceIdLow: 0x1122334455667788, SpanId: 2, ParentSpanId: 1, OperationName: "SELECT", StartTime: began + 1000, Duration: 2000, // an old client: no references
				Tags: []*thriftgen.Tag{text("span.kind", "client"), text("db.type", "MySQL"), text("db.instance", "orders"), text("db.statement", "SELECT 1"), text("peer.ipv4", "10.0.0.20"), whole("peer.port", 3306)}},
			{TraceIdLow: 0x1122334455667788, SpanId: 3, ParentSpanId: 1, OperationName: "after", StartTime: began + 3000, Duration: 1000,
				References: []*thriftgen.SpanRef{
					{RefType: thriftgen.SpanRefType_FOLLOWS_FROM, TraceIdLow: 0x1122334455667788, SpanId: 2},
					{RefType: thriftgen.SpanRefType_CHILD_OF, TraceIdLow: 0x1122334455667788, SpanId: 1},
					{RefType: thriftgen.SpanRefType_CHILD_OF, TraceIdLow: 9, TraceIdHigh: 8, SpanId: 7},
				}},
			{TraceIdLow: 0x1122334455667788, TraceIdHigh: 0x5f, SpanId: 4, OperationName: "follows", StartTime: began + 4000, Duration: 1000,
				References: []*thriftgen.SpanRef{{RefType: thriftgen.SpanRefType_FOLLOWS_FROM, TraceIdLow: 0x1122334455667788, TraceIdHigh: 0x5f, SpanId: 2}},
				Tags:       []*thriftgen.Tag{text("error", "too late"), text("message_bus.destination", "orders"), text("span.kind", "producer")}},
		},
	}
	body, err := thrift.NewTSerializer().Write(t.Context(), batch) // of the binary protocol
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// inProtobuf is what the collector is sent by gRPC.
func inProtobuf(t testing.TB) []byte {
	t.Helper()
	trace, at := model.NewTraceID(1, 2), time.UnixMicro(began).UTC()
	request := &api_v2.PostSpansRequest{Batch: model.Batch{
		Process: model.NewProcess("shop", []model.KeyValue{model.String("hostname", "node-1"), model.String("ip", "10.0.0.3")}),
		Spans: []*model.Span{
			{TraceID: trace, SpanID: 1, OperationName: "consume", StartTime: at.Add(7), Duration: time.Millisecond + 5, Warnings: []string{"clock skew"},
				Tags: []model.KeyValue{model.String("span.kind", "consumer"), model.String("otel.status_code", "ERROR"), model.String("otel.status_description", "no stock"), model.String("otel.scope.name", "kafka"), model.String("otel.scope.version", "2"),
					model.String("w3c.tracestate", "a=b"), model.Bool("cached", true), model.Float64("ratio", .5), model.Int64("n", -3), model.Binary("raw", []byte("x"))},
				Logs: []model.Log{{Timestamp: at.Add(99), Fields: []model.KeyValue{model.String("message", "hello")}}}},
			{TraceID: trace, SpanID: 2, OperationName: "call", StartTime: at, Duration: time.Second, References: []model.SpanRef{model.NewChildOfRef(trace, 1)}, Tags: []model.KeyValue{model.Bool("error", false), model.String("otel.status_code", "OK")},
				Process: model.NewProcess("other", nil)},
		},
	}}
	body, err := request.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func TestBatchesOfJaeger(t *testing.T) {
	t.Parallel()
	var fromThrift protobuf.Writer
	if err := Thrift(&fromThrift, inThrift(t)); err != nil {
		t.Fatal(err)
	}
	var got strings.Builder
	for _, body := range [][]byte{fromThrift.Data, inProtobuf(t)} {
		for _, passed := range []bool{false, true} {
			w := Translator{Writer: new(protobuf.Writer), Passed: passed}
			if err := w.Post(body); err != nil {
				t.Fatal(err)
			}
			for _, s := range otlptest.Spans(t, w.Data) {
				fmt.Fprintf(&got, "%s %s < %s %s %q of %q at %s\n", s.TraceID, s.SpanID, s.ParentSpanID, s.Kind, s.Endpoint, s.Service, s.PodIP)
				fmt.Fprintf(&got, "  %d+%dns %s %s %s %d %s %q, %s to %s %s %q %q %q %s %v\n", s.Start, s.Duration, s.Protocol, s.Type, s.Resource, s.Code, s.Status, s.StatusMessage, s.Client, s.Server, s.Events, s.TraceState, s.ScopeName, s.ScopeVersion, s.Links, s.Attributes)
			}
		}
	}
	if *update {
		if err := os.WriteFile("testdata/shop.spans", []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("testdata/shop.spans")
	if err != nil || got.String() != string(want) {
		t.Errorf("%v: read as\n%s\nwant\n%s", err, got.String(), want)
	}
}

// A message that is cut off is refused, or one that has fewer spans; of thrift, whose structs have an end, it
// is refused.
func TestEveryShortPrefix(t *testing.T) {
	t.Parallel()
	body := inProtobuf(t)
	for n := range len(body) {
		w := Translator{Writer: new(protobuf.Writer)}
		if err := w.Post(body[:n]); err == nil {
			otlptest.Spans(t, w.Data)
		} else if !errors.Is(err, protobuf.ErrMalformed) {
			t.Errorf("the first %d bytes: %v", n, err)
		}
	}
	body = inThrift(t)
	for n := range len(body) {
		if err := Thrift(new(protobuf.Writer), body[:n]); !errors.Is(err, ErrThrift) {
			t.Errorf("the first %d bytes of thrift: %v", n, err)
		}
	}
	if err := Thrift(new(protobuf.Writer), append(body, 0)); !errors.Is(err, ErrThrift) {
		t.Errorf("a byte behind the batch: %v", err)
	}
}

func TestTooMuch(t *testing.T) {
	t.Parallel()
	empty := []byte{1<<3 | 2, 0}
	batch := slices.Repeat(empty, otlp.MaxSpans+1)
	var w protobuf.Writer
	w.Bytes(1, batch)
	to := Translator{Writer: new(protobuf.Writer)}
	if err := to.Post(w.Data); !errors.Is(err, otlp.ErrTooMany) {
		t.Errorf("spans: %v", err)
	}
	for name, body := range map[string]string{
		"a list that says it has 2^31 elements": "\x0f\x00\x02\x0c\x7f\xff\xff\xff",
		"a text of a negative length":           "\x0b\x00\x09\xff\xff\xff\xff\x00",
		"lists in one another":                  "\x0f\x00\x09" + strings.Repeat("\x0f\x00\x00\x00\x01", 100),
		"spans that are numbers":                "\x0f\x00\x02\x08\x00\x00\x00\x01\x00\x00\x00\x01\x00",
		"the compact protocol":                  "\x1c\x18\x04shop\x00\x19\x0c\x00",
	} {
		if err := Thrift(new(protobuf.Writer), []byte(body)); !errors.Is(err, ErrThrift) {
			t.Errorf("%s: %v", name, err)
		}
	}
	full := errors.New("full")
	if err := Thrift(&protobuf.Writer{Ask: func(int) error { return full }}, inThrift(t)); !errors.Is(err, full) {
		t.Errorf("without room: %v", err)
	}
}

func FuzzBatches(f *testing.F) {
	f.Add(inThrift(f))
	f.Add(inProtobuf(f))
	f.Fuzz(func(t *testing.T, body []byte) {
		ask := otlptest.Room(1 << 20)
		as := protobuf.Writer{Ask: ask}
		requests := [][]byte{body}
		if Thrift(&as, body) == nil {
			requests = append(requests, as.Data)
		}
		for _, b := range requests {
			w := Translator{Writer: &protobuf.Writer{Ask: ask}}
			if w.Post(b) == nil {
				otlptest.Spans(t, w.Data)
			}
		}
	})
}

func BenchmarkThrift(b *testing.B) {
	body := inThrift(b)
	var fromThrift, to protobuf.Writer
	b.ReportAllocs()
	for b.Loop() {
		fromThrift.Data, to.Data = fromThrift.Data[:0], to.Data[:0]
		if err := Thrift(&fromThrift, body); err != nil {
			b.Fatal(err)
		}
		w := Translator{Writer: &to}
		if err := w.Post(fromThrift.Data); err != nil {
			b.Fatal(err)
		}
	}
}
