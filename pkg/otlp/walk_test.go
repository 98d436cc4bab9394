package otlp

import (
	"bytes"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	coltrace "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	common "go.opentelemetry.io/proto/otlp/common/v1"
	trace "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"github.com/throughline-io/throughline/pkg/span"
)

func TestEveryFieldOfASpanFindsItsColumn(t *testing.T) {
	t.Parallel()
	got := decodeSpans(t, sample())[0]
	want := &span.Span{
		ID: span.NewID(sampleStart, span.AppEntropy(span.TraceID([]byte("0123456789abcdef")), span.SpanID([]byte("server01")), span.KindServer)), Source: span.APP, Point: span.PointApp, Kind: span.KindServer,
		TraceID: span.TraceID([]byte("0123456789abcdef")), SpanID: span.SpanID([]byte("server01")), TraceState: "vendor=1",
		Start: sampleStart, Duration: 1_500_000, Agent: "agent", Node: "node0", PodIP: netip.MustParseAddr("10.244.1.10"), Service: "svc-item", PID: 77,
		Protocol: "HTTP", Version: "1.1", Type: "GET", Domain: "svc-item", Resource: "/items/42?a=b", Endpoint: "GET /items/{id}", XRequestID: "rid-1",
		Status: span.StatusServerError, Code: 503, StatusMessage: "no stock", ResponseSize: 2000, TLS: true,
		Client: netip.MustParseAddrPort("10.244.0.5:40000"), Server: netip.MustParseAddrPort("10.244.1.10:8080"),
		ScopeName: "otelhttp", ScopeVersion: "0.72",
		Rest:   `{"flags":257,"scope":{"schema_url":"https://opentelemetry.io/schemas/1.30.0"}}`,
		Events: `[{"time":1790000000000000006,"name":"exception","attributes":{"exception.type":"E","exception.message":"bad"}},{"time":1790000000000000007,"name":"plain \"event\"","attributes":{}}]`,
		Links:  `[{"trace_id":"66656463626139383736353433323130","span_id":"6c696e6b65643031","trace_state":"s=1","attributes":{"n":1}},{"trace_id":"","span_id":"","attributes":{}}]`,
	}
	if d := cmp.Diff(want, got, cmpopts.EquateComparable(netip.Addr{}, netip.AddrPort{}), cmpopts.IgnoreFields(span.Span{}, "Attributes", "OTelResource")); d != "" {
		t.Error(d)
	}
	if got.OTelResource == 0 {
		t.Error("the resource has no id")
	}
}

func TestAttributesKeepTheirTypes(t *testing.T) {
	t.Parallel()
	attributes := decodeSpans(t, sample())[0].Attributes
	for _, want := range []span.Attribute{
		{Key: "yes", Value: "true", Type: span.AttributeBool}, {Key: "no", Value: "false", Type: span.AttributeBool},
		{Key: "half", Value: "0.5", Type: span.AttributeDouble}, {Key: "big", Value: "1e+300", Type: span.AttributeDouble},
		{Key: "min", Value: "-9223372036854775808", Type: span.AttributeInt}, {Key: "max", Value: "9223372036854775807", Type: span.AttributeInt},
		{Key: "blob", Value: "AP8B", Type: span.AttributeBytes}, {Key: "empty", Value: "", Type: span.AttributeString},
		{Key: "text", Value: "quote \" back \\ line \n tab \t nul \x00 é 😀", Type: span.AttributeString}, {Key: "none", Value: "", Type: span.AttributeString},
		{Key: "array", Value: `["x",-1,null,["inner"],{"k":"v"}]`, Type: span.AttributeJSON},
		{Key: "map", Value: `{"a":"b","n":2,"deeper":{"t":true},"none":null}`, Type: span.AttributeJSON},
		{Key: "nothing", Value: "[]", Type: span.AttributeJSON}, {Key: "empty map", Value: "{}", Type: span.AttributeJSON},
		{Key: "network.peer.port", Value: "40000", Type: span.AttributeInt}, // what has a column stays an attribute too
	} {
		if !slices.Contains(attributes, want) {
			t.Errorf("no attribute %+v in %+v", want, attributes)
		}
	}
}

func TestInvalidSpansAreLeftOutAndTheRestIsTaken(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		why   string
		spoil func(*trace.Span)
	}{
		{"trace_id is zero", func(s *trace.Span) { s.TraceId = make([]byte, 16) }},
		{"trace_id has 0 bytes", func(s *trace.Span) { s.TraceId = nil }},
		{"trace_id has 8 bytes", func(s *trace.Span) { s.TraceId = s.TraceId[:8] }},
		{"span_id is zero", func(s *trace.Span) { s.SpanId = make([]byte, 8) }},
		{"span_id has 9 bytes", func(s *trace.Span) { s.SpanId = append(s.SpanId, 1) }},
		{"parent_span_id has 3 bytes", func(s *trace.Span) { s.ParentSpanId = []byte("abc") }},
		{"start_time_unix_nano is missing", func(s *trace.Span) { s.StartTimeUnixNano = 0 }},
		{"after the year 2262", func(s *trace.Span) { s.StartTimeUnixNano = 1 << 63 }},
		{"after the year 2262", func(s *trace.Span) { s.EndTimeUnixNano = 1<<64 - 1 }},
	} {
		bad, good := server(), server()
		c.spoil(bad)
		d := newDecoder()
		if err := d.Protobuf(marshal(t, request(good, bad, good))); err != nil {
			t.Errorf("%s: %v", c.why, err)
			continue
		}
		alone := newDecoder()
		if err := alone.Protobuf(marshal(t, request(good, good))); err != nil {
			t.Fatal(err)
		}
		if d.rejected != 1 || !strings.Contains(d.rejection(), c.why) {
			t.Errorf("%s: %d rejected, %q", c.why, d.rejected, d.rejection())
		}
		d.rejected = 0
		if x := diffBatches(alone, d); x != "" {
			t.Errorf("%s: what is left differs: %s", c.why, x)
		}
	}
}

func TestAnEndBeforeTheStartIsNoDuration(t *testing.T) {
	t.Parallel()
	s := server()
	s.EndTimeUnixNano = s.StartTimeUnixNano - 5
	if got := decodeSpans(t, request(s)); len(got) != 1 || got[0].Duration != 0 {
		t.Errorf("got %+v", got)
	}
}

func TestEveryShortPrefixFailsOrIsARequest(t *testing.T) {
	t.Parallel()
	body := marshal(t, sample())
	for n := range body {
		d := newDecoder()
		err := d.Protobuf(body[:n:n])
		if whole := proto.Unmarshal(body[:n], new(coltrace.ExportTraceServiceRequest)) == nil; whole != (err == nil) {
			t.Fatalf("%d of %d bytes: error %v, but protobuf accepts: %v", n, len(body), err, whole)
		}
		if err := d.batch.Check(); err != nil {
			t.Fatalf("%d of %d bytes: %v", n, len(body), err)
		}
		if err != nil && d.batch.Len() != 0 {
			t.Fatalf("%d of %d bytes: %d spans after an error", n, len(body), d.batch.Len())
		}
	}
}

// again is a field a second time, as only a peculiar encoder writes it.
func again(number protowire.Number, payload []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(nil, number, protowire.BytesType), payload)
}

// The same request, written in ways that protobuf allows.
func TestPeculiarEncodingsMeanTheSame(t *testing.T) {
	t.Parallel()
	plain := marshal(t, request(server()))
	span1 := marshal(t, server())
	resource := marshal(t, request().ResourceSpans[0].Resource)
	scopeSpans := again(2, again(2, span1))
	for name, body := range map[string][]byte{
		"the resource after the spans":  again(1, slices.Concat(scopeSpans, again(1, resource))),
		"the resource in two parts":     again(1, slices.Concat(again(1, nil), scopeSpans, again(1, resource))),
		"unknown fields":                again(1, slices.Concat(again(999, []byte("?")), again(1, resource), scopeSpans)),
		"an unknown group":              again(1, slices.Concat([]byte{7<<3 | 3, 8, 1, 7<<3 | 4}, again(1, resource), scopeSpans)),
		"a known field of another type": again(1, slices.Concat([]byte{1 << 3, 5}, again(1, resource), scopeSpans)),
	} {
		want, got := newDecoder(), newDecoder()
		if err := want.Protobuf(plain); err != nil {
			t.Fatal(err)
		}
		if err := got.Protobuf(body); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if d := diffBatches(want, got); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
}

// A text that is not UTF-8 costs itself and nothing else: what is readable of it stays.
func TestTextsThatAreNotUTF8AreRepaired(t *testing.T) {
	t.Parallel()
	whole := decodeSpans(t, sample())
	body := marshal(t, sample())
	for _, s := range []string{"svc-item", "vendor=1", "no stock", "url.path", "/items/42", "inner", "deeper", "plain", "otelhttp", "0.72", "schemas", "s=1", "exception.message"} {
		i := bytes.Index(body, []byte(s))
		if i < 0 {
			t.Fatalf("%q is not in the sample", s)
		}
		bad := slices.Clone(body)
		bad[i] = 0xff
		d := newDecoder()
		if err := d.Protobuf(bad); err != nil || d.batch.Len() != len(whole) || !strings.Contains(d.Warning(), "not UTF-8") {
			t.Errorf("%q: %v, %d of %d spans, %q", s, err, d.batch.Len(), len(whole), d.Warning())
		}
		for s := range d.batch.Spans() {
			if text := fmt.Sprintf("%+v", *s); !utf8.ValidString(text) {
				t.Errorf("%q: a column is not UTF-8: %q", s.Endpoint, text)
			}
		}
	}
}

func TestDeepValuesAreCutOff(t *testing.T) {
	t.Parallel()
	v := strValue("core")
	for range 500 {
		v = array("", v).Value
	}
	s := server()
	s.Attributes = []*common.KeyValue{{Key: "deep", Value: v}}
	got := decodeSpans(t, request(s))[0].Attributes[0].Value
	if want := strings.Repeat("[", maxDepth) + "null" + strings.Repeat("]", maxDepth); got != want {
		t.Errorf("got %s", got)
	}
}

func TestTooManySpansAreRefusedAsAWhole(t *testing.T) {
	t.Parallel()
	one := again(2, marshal(t, &trace.Span{TraceId: []byte("0123456789abcdef"), SpanId: []byte("server01"), StartTimeUnixNano: 1}))
	d := newDecoder()
	err := d.Protobuf(again(1, again(2, bytes.Repeat(one, MaxSpans+1))))
	if !errors.Is(err, ErrTooMany) || d.batch.Len() != 0 {
		t.Errorf("error %v, %d spans", err, d.batch.Len())
	}
}

// A value that a later one replaces is not looked into: what is wrong in it costs nothing. (protobuf
// refuses the whole request.)
func TestReplacedValueCostsNothing(t *testing.T) {
	t.Parallel()
	cutOff := again(5, []byte{1<<3 | length, 7}) // an array whose element is missing
	want, got := newDecoder(), newDecoder()
	with := func(value []byte) []byte {
		attribute := again(9, slices.Concat(again(1, []byte("key")), again(2, value)))
		return again(1, again(2, again(2, slices.Concat(marshal(t, server()), attribute))))
	}
	if err := want.Protobuf(with(again(1, []byte("kept")))); err != nil {
		t.Fatal(err)
	}
	if err := got.Protobuf(with(slices.Concat(cutOff, again(1, []byte("kept"))))); err != nil {
		t.Fatal(err)
	}
	if d := diffBatches(want, got); d != "" {
		t.Error(d)
	}
}

// Of a field that comes twice the last counts (protobuf's encoding, "Last One Wins"): of a kind that nobody knows, and is
// kept as its number, nothing is left.
func TestOfTwoKindsTheLastCounts(t *testing.T) {
	t.Parallel()
	unknown := protowire.AppendVarint(protowire.AppendTag(nil, 6, protowire.VarintType), 49)
	want, got := newDecoder(), newDecoder()
	with := func(before []byte) []byte {
		return again(1, again(2, again(2, slices.Concat(before, marshal(t, server())))))
	}
	if err := want.Protobuf(with(nil)); err != nil {
		t.Fatal(err)
	}
	if err := got.Protobuf(with(unknown)); err != nil {
		t.Fatal(err)
	}
	if d := diffBatches(want, got); d != "" {
		t.Error(d)
	}
}

// FuzzProtobuf: the walker accepts what protobuf accepts, and makes the same rows of the
// bytes as of their plain encoding. It also accepts what is wrong where nobody looks, in values that
// are replaced or left out.
func FuzzProtobuf(f *testing.F) {
	f.Add(marshal(f, sample()))
	f.Add(marshal(f, request(server())))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, body []byte) {
		var m coltrace.ExportTraceServiceRequest
		whole := proto.UnmarshalOptions{DiscardUnknown: true}.Unmarshal(body, &m)
		got := newDecoder()
		err := got.Protobuf(body)
		if strings.Contains(fmt.Sprint(whole), "invalid UTF-8") {
			return // here it costs the text alone
		}
		if whole == nil && err != nil {
			t.Fatalf("refused, though protobuf accepts it: %v", err)
		}
		if check := got.batch.Check(); check != nil {
			t.Fatal(check)
		}
		if err != nil || whole != nil {
			return
		}
		want := newDecoder()
		if err := want.Protobuf(marshal(t, &m)); err != nil {
			t.Fatalf("the plain encoding is refused: %v", err)
		}
		if d := diffBatches(want, got); d != "" {
			t.Fatal(d)
		}
	})
}

func benchmarkBody(b *testing.B) []byte {
	var spans []*trace.Span
	for i := range 800 {
		s := server()
		s.TraceId[14], s.TraceId[15] = byte(i>>8), byte(i)
		s.Attributes[1] = str("url.path", fmt.Sprint("/items/", i))
		spans = append(spans, s)
	}
	return marshal(b, request(spans...))
}

func BenchmarkProtobuf(b *testing.B) {
	body, d := benchmarkBody(b), newDecoder()
	b.ReportAllocs()
	for b.Loop() {
		d.Reset("agent", "node0", peerAddr)
		if err := d.Protobuf(body); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/800, "ns/span")
}
