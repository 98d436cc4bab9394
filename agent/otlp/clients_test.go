package otlp_test

import (
	"context"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/exporter"
	"go.opentelemetry.io/collector/exporter/otlphttpexporter"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/otel/attribute"
	otelcodes "go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	oteltrace "go.opentelemetry.io/otel/trace"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/encoding"
	"google.golang.org/grpc/mem"
	"google.golang.org/grpc/status"
	"gopkg.in/yaml.v3"

	"github.com/throughline-io/throughline/agent/export"
	"github.com/throughline-io/throughline/pkg/span"
)

// grpcAddress serves the receiver's OTLP/gRPC.
func (r *receiver) grpcAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := r.Server()
	go s.Serve(l)
	t.Cleanup(func() { s.Close() })
	return l.Addr().String()
}

// sdkExporters are the OpenTelemetry Go SDK's exporters, in the ways they can be set up.
// Their own retries are off, so that a test sees the first answer.
func sdkExporters(t *testing.T, r *receiver) map[string]*otlptrace.Exporter {
	t.Helper()
	overHTTP := func(path string, o ...otlptracehttp.Option) *otlptrace.Exporter {
		e, err := otlptracehttp.New(t.Context(), append(o, otlptracehttp.WithEndpointURL(r.url+path), otlptracehttp.WithRetry(otlptracehttp.RetryConfig{}))...)
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	overGRPC := func(o ...otlptracegrpc.Option) *otlptrace.Exporter {
		e, err := otlptracegrpc.New(t.Context(), append(o, otlptracegrpc.WithEndpoint(r.grpcAddress(t)), otlptracegrpc.WithInsecure(), otlptracegrpc.WithRetry(otlptracegrpc.RetryConfig{}))...)
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	exporters := map[string]*otlptrace.Exporter{
		"HTTP":              overHTTP("/v1/traces"),
		"HTTP, gzip":        overHTTP("/v1/traces", otlptracehttp.WithCompression(otlptracehttp.GzipCompression)),
		"HTTP, native path": overHTTP("/api/v1/otel/trace"),
		"gRPC":              overGRPC(),
		"gRPC, gzip":        overGRPC(otlptracegrpc.WithCompressor("gzip")),
		"gRPC, zstd":        overGRPC(otlptracegrpc.WithCompressor("zstd")),
	}
	for _, e := range exporters {
		t.Cleanup(func() { e.Shutdown(context.Background()) })
	}
	return exporters
}

func TestTheSDKsSpansArrive(t *testing.T) {
	t.Parallel()
	r := newReceiver(t)
	for name, e := range sdkExporters(t, r) {
		provider := sdktrace.NewTracerProvider(sdktrace.WithSyncer(e), sdktrace.WithResource(resource.NewSchemaless(attribute.String("service.name", "shop"), attribute.String("k8s.pod.ip", "10.244.1.10"))))
		ctx, parent := provider.Tracer("lib", oteltrace.WithInstrumentationVersion("1.2")).Start(t.Context(), "parent of "+name, oteltrace.WithSpanKind(oteltrace.SpanKindServer),
			oteltrace.WithAttributes(attribute.String("network.peer.address", "10.244.0.5"), attribute.Int("network.peer.port", 40000), attribute.StringSlice("list", []string{"a", "b"})))
		_, child := provider.Tracer("lib").Start(ctx, "child of "+name, oteltrace.WithSpanKind(oteltrace.SpanKindClient), oteltrace.WithLinks(oteltrace.Link{SpanContext: parent.SpanContext()}))
		child.RecordError(context.DeadlineExceeded)
		child.SetStatus(otelcodes.Error, "too late")
		child.End()
		parent.End()

		got := map[string]*span.Span{}
		for _, s := range r.spans {
			got[s.Endpoint] = s
		}
		p, c := got["parent of "+name], got["child of "+name]
		if p == nil || c == nil {
			t.Errorf("%s: got %v", name, r.names())
			continue
		}
		if p.Kind != span.KindServer || p.Service != "shop" || p.ScopeName != "lib" || p.ScopeVersion != "1.2" || p.PodIP != netip.MustParseAddr("10.244.1.10") ||
			p.Client != netip.MustParseAddrPort("10.244.0.5:40000") || p.SpanID.String() != parent.SpanContext().SpanID().String() || p.TraceID.String() != parent.SpanContext().TraceID().String() {
			t.Errorf("%s: parent %+v", name, p)
		}
		if c.ParentSpanID != p.SpanID || c.Kind != span.KindClient || c.Status != span.StatusServerError || c.StatusMessage != "too late" ||
			!strings.Contains(c.Events, `"exception.message":"context deadline exceeded"`) || !strings.Contains(c.Links, p.SpanID.String()) {
			t.Errorf("%s: child %+v", name, c)
		}
		if c.Start < p.Start || c.End() > p.End() {
			t.Errorf("%s: the child's time %d+%d is not within the parent's %d+%d", name, c.Start, c.Duration, p.Start, p.Duration)
		}
	}
}

func TestTheSDKIsToldOfInvalidSpans(t *testing.T) {
	t.Parallel()
	r := newReceiver(t)
	for name, e := range sdkExporters(t, r) {
		good := tracetest.SpanStub{Name: "good one by " + name, StartTime: time.Unix(1_790_000_000, 0), EndTime: time.Unix(1_790_000_001, 0), SpanContext: oteltrace.NewSpanContext(oteltrace.SpanContextConfig{TraceID: oteltrace.TraceID{1}, SpanID: oteltrace.SpanID{2}})}
		bad := good
		bad.Name, bad.SpanContext = "bad one by "+name, oteltrace.SpanContext{}
		err := e.ExportSpans(t.Context(), tracetest.SpanStubs{good, bad}.Snapshots())
		if err == nil || !strings.Contains(err.Error(), "trace_id is zero") || !strings.Contains(err.Error(), "1 spans rejected") {
			t.Errorf("%s: error %v", name, err)
		}
		if names := strings.Join(r.names(), ", "); !strings.Contains(names, good.Name) || strings.Contains(names, bad.Name) {
			t.Errorf("%s: stored %s", name, names)
		}
	}
}

func TestTheSDKIsToldThatTheStoreIsDown(t *testing.T) {
	t.Parallel()
	r := newReceiver(t)
	stub := tracetest.SpanStub{Name: "x", StartTime: time.Unix(1_790_000_000, 0), SpanContext: oteltrace.NewSpanContext(oteltrace.SpanContextConfig{TraceID: oteltrace.TraceID{1}, SpanID: oteltrace.SpanID{2}})}
	for err, said := range map[error]string{export.ErrDown: export.ErrDown.Error(), export.ErrFull: export.ErrFull.Error()} {
		r.fail(err)
		for name, e := range sdkExporters(t, r) {
			if err := e.ExportSpans(t.Context(), tracetest.SpanStubs{stub}.Snapshots()); err == nil || !strings.Contains(err.Error(), said) {
				t.Errorf("%s: error %v, want one that says %q", name, err, said)
			}
		}
	}
	if n := len(r.names()); n != 0 {
		t.Errorf("%d spans stored", n)
	}
}

// With its own retries, which are on unless told otherwise, an exporter loses nothing.
func TestTheSDKComesBackWhenTheStoreDoes(t *testing.T) {
	t.Parallel()
	r := newReceiver(t)
	retryHTTP := otlptracehttp.RetryConfig{Enabled: true, InitialInterval: time.Millisecond, MaxInterval: time.Millisecond, MaxElapsedTime: time.Minute}
	retryGRPC := otlptracegrpc.RetryConfig(retryHTTP)
	overHTTP, err := otlptracehttp.New(t.Context(), otlptracehttp.WithEndpointURL(r.url+"/v1/traces"), otlptracehttp.WithRetry(retryHTTP))
	if err != nil {
		t.Fatal(err)
	}
	overGRPC, err := otlptracegrpc.New(t.Context(), otlptracegrpc.WithEndpoint(r.grpcAddress(t)), otlptracegrpc.WithInsecure(), otlptracegrpc.WithRetry(retryGRPC))
	if err != nil {
		t.Fatal(err)
	}
	for name, e := range map[string]*otlptrace.Exporter{"HTTP": overHTTP, "gRPC": overGRPC} {
		for _, problem := range []error{export.ErrDown, export.ErrFull} {
			r.fail(problem)
			done := make(chan error)
			go func() {
				stub := tracetest.SpanStub{Name: name + problem.Error(), StartTime: time.Unix(1_790_000_000, 0), SpanContext: oteltrace.NewSpanContext(oteltrace.SpanContextConfig{TraceID: oteltrace.TraceID{1}, SpanID: oteltrace.SpanID{2}})}
				done <- e.ExportSpans(t.Context(), tracetest.SpanStubs{stub}.Snapshots())
			}()
			later := r.ledger.Counter("otlp", "APP", "requests refused: come back later")
			for seen := later.Load(); later.Load() == seen; {
				select {
				case err := <-done:
					t.Fatalf("%s, %v: gave up: %v", name, problem, err)
				case <-time.After(time.Millisecond):
				}
			}
			r.fail(nil)
			if err := <-done; err != nil {
				t.Errorf("%s, %v: %v", name, problem, err)
			}
		}
	}
	if n := len(r.names()); n != 4 {
		t.Errorf("%d spans stored, want 4", n)
	}
}

// The collector's exporter with the settings that users have, the address apart.
const collectorSettings = `
traces_endpoint: 'http://deepflow-agent.deepflow/api/v1/otel/trace'
tls:
  insecure: true
retry_on_failure:
  enabled: true
`

func TestTheCollectorsSpansArrive(t *testing.T) {
	t.Parallel()
	for name, more := range map[string]string{
		"as set up by users": "",
		"not compressed":     "compression: none\n",
		"zstd":               "compression: zstd\n",
		"JSON":               "encoding: json\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newReceiver(t)
			e := collectorExporter(t, r, more)
			if err := e.ConsumeTraces(t.Context(), collected("good", [8]byte{1})); err != nil {
				t.Fatal(err)
			}
			if err := e.ConsumeTraces(t.Context(), collected("bad", [8]byte{})); err != nil {
				t.Errorf("a partial success is no failure to the collector: %v", err)
			}
			if got := strings.Join(r.names(), " "); got != "good" {
				t.Errorf("stored %q", got)
			}
		})
	}
}

func TestTheCollectorIsToldWhatWentWrong(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		settings, want string
		store          error
	}{
		"store down":   {"retry_on_failure: {enabled: false}\n", "503", export.ErrDown},
		"queue full":   {"retry_on_failure: {enabled: false}\n", "503", export.ErrFull},
		"unknown path": {"traces_endpoint: URL/api/v2/trace\n", "404", nil},
		"encoding":     {"compression: snappy\n", "415", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newReceiver(t)
			r.fail(c.store)
			err := collectorExporter(t, r, c.settings).ConsumeTraces(t.Context(), collected("x", [8]byte{1}))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one that says %s", err, c.want)
			}
		})
	}
}

func TestTheCollectorComesBackWhenTheStoreDoes(t *testing.T) {
	t.Parallel()
	r := newReceiver(t)
	r.fail(export.ErrDown)
	e := collectorExporter(t, r, "")
	done := make(chan error)
	go func() { done <- e.ConsumeTraces(t.Context(), collected("late", [8]byte{1})) }()
	later := r.ledger.Counter("otlp", "APP", "requests refused: come back later")
	for later.Load() == 0 {
		select {
		case err := <-done:
			t.Fatalf("gave up: %v", err)
		case <-time.After(time.Millisecond):
		}
	}
	r.fail(nil)
	if err := <-done; err != nil || len(r.names()) != 1 {
		t.Errorf("error %v, stored %v", err, r.names())
	}
}

// collectorExporter is the collector's otlphttp exporter, without its queue, so that the
// test sees the answer.
func collectorExporter(t *testing.T, r *receiver, more string) exporter.Traces {
	t.Helper()
	settings := map[string]any{}
	for _, text := range []string{strings.ReplaceAll(collectorSettings, "http://deepflow-agent.deepflow", r.url), "sending_queue: {enabled: false}", strings.ReplaceAll(more, "URL", r.url)} {
		if err := yaml.Unmarshal([]byte(text), &settings); err != nil {
			t.Fatal(err)
		}
	}
	factory := otlphttpexporter.NewFactory()
	config := factory.CreateDefaultConfig()
	if err := confmap.NewFromStringMap(settings).Unmarshal(config); err != nil {
		t.Fatal(err)
	}
	e, err := factory.CreateTraces(t.Context(), exporter.Settings{ID: component.NewID(factory.Type()), TelemetrySettings: componenttest.NewNopTelemetrySettings()}, config)
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Start(t.Context(), componenttest.NewNopHost()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Shutdown(context.Background()) })
	return e
}

// collected is a span as a collector passes it on; with a span id of zero it is invalid.
func collected(name string, spanID [8]byte) ptrace.Traces {
	td := ptrace.NewTraces()
	rs := td.ResourceSpans().AppendEmpty()
	rs.Resource().Attributes().PutStr("service.name", "shop")
	rs.Resource().Attributes().PutStr("app.host.ip", "10.244.1.10")
	s := rs.ScopeSpans().AppendEmpty().Spans().AppendEmpty()
	s.SetName(name)
	s.SetTraceID([16]byte{1})
	s.SetSpanID(spanID)
	s.SetStartTimestamp(1_790_000_000_000_000_000)
	s.SetEndTimestamp(1_790_000_000_000_000_009)
	return td
}

// raw sends bytes as they are.
type raw struct{}

var _ encoding.CodecV2 = raw{}

func (raw) Name() string { return "proto" }

func (raw) Marshal(v any) (mem.BufferSlice, error) {
	return mem.BufferSlice{mem.SliceBuffer(v.([]byte))}, nil
}

func (raw) Unmarshal(data mem.BufferSlice, v any) error {
	*v.(*[]byte) = data.Materialize()
	return nil
}

func TestGRPCAnswers(t *testing.T) {
	t.Parallel()
	r := newReceiver(t)
	conn, err := grpc.NewClient(r.grpcAddress(t), grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithDefaultCallOptions(grpc.ForceCodecV2(raw{})))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	const method = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
	for _, c := range []struct {
		name, method string
		body         []byte
		want         codes.Code
	}{
		{"nothing in it", method, nil, codes.OK},
		{"truncated", method, []byte{1<<3 | 2, 100, 1}, codes.InvalidArgument},
		{"too large", method, make([]byte, maxBody+1), codes.InvalidArgument},
		{"unknown method", "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export", nil, codes.Unimplemented},
	} {
		var answer []byte
		if err := conn.Invoke(t.Context(), c.method, c.body, &answer); status.Code(err) != c.want {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
}
