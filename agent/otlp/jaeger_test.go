package otlp_test

import (
	"bytes"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/jaegertracing/jaeger-idl/model/v1"
	"github.com/jaegertracing/jaeger-idl/proto-gen/api_v2"
	"github.com/opentracing/opentracing-go"
	"github.com/opentracing/opentracing-go/ext"
	jaeger "github.com/uber/jaeger-client-go"
	jaegerlog "github.com/uber/jaeger-client-go/log"
	"github.com/uber/jaeger-client-go/transport"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	"github.com/throughline-io/throughline/pkg/span"
)

// Jaeger's client for Go, as it comes, in thrift over HTTP.
func TestJaegersClientForGo(t *testing.T) {
	t.Parallel()
	r := newReceiver(t)
	to := transport.NewHTTPTransport(r.url + "/api/traces?format=jaeger.thrift")
	logged := new(jaegerlog.BytesBufferLogger)
	tracer, closer := jaeger.NewTracer("shop", jaeger.NewConstSampler(true), jaeger.NewRemoteReporter(to, jaeger.ReporterOptions.Logger(logged)), jaeger.TracerOptions.Gen128Bit(true))
	parent := tracer.StartSpan("GET /order", ext.SpanKindRPCServer, opentracing.Tag{Key: "http.method", Value: "GET"}, opentracing.Tag{Key: "http.status_code", Value: uint16(500)})
	child := tracer.StartSpan("SELECT", opentracing.ChildOf(parent.Context()), ext.SpanKindRPCClient)
	ext.PeerHostIPv4.Set(child, 10<<24|7)
	ext.PeerPort.Set(child, 3306)
	ext.Error.Set(child, true)
	child.LogKV("event", "error", "message", "too late")
	child.Finish()
	after := tracer.StartSpan("after", opentracing.FollowsFrom(child.Context()))
	after.Finish()
	parent.Finish()
	if err := closer.Close(); err != nil || strings.Contains(logged.String(), "ERROR") {
		t.Errorf("%v %s", err, logged)
	}
	got := map[string]*span.Span{}
	for _, s := range r.spans {
		got[s.Endpoint] = s
	}
	p, c, f := got["GET /order"], got["SELECT"], got["after"]
	if p == nil || c == nil || f == nil {
		t.Fatalf("stored %v", r.names())
	}
	context := parent.Context().(jaeger.SpanContext)
	if p.Kind != span.KindServer || p.Service != "shop" || p.SpanID.String() != "0000000000000000"[len(context.SpanID().String()):]+context.SpanID().String() || !strings.HasSuffix(p.TraceID.String(), context.TraceID().String()) || p.Code != 500 || p.Start == 0 {
		t.Errorf("parent %+v, of %s", p, context)
	}
	if c.ParentSpanID != p.SpanID || c.TraceID != p.TraceID || c.Status != span.StatusServerError || !strings.Contains(c.Events, "too late") || c.Server.String() != "10.0.0.7:3306" {
		t.Errorf("child %+v", c)
	}
	if f.ParentSpanID != c.SpanID {
		t.Errorf("what follows %+v, want below what it follows", f)
	}
}

// Jaeger's API of gRPC, by the code that Jaeger makes of it.
func TestJaegersGRPC(t *testing.T) {
	t.Parallel()
	r := newReceiver(t)
	conn, err := grpc.NewClient(r.grpcAddress(t), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	collector := api_v2.NewCollectorServiceClient(conn)
	request := &api_v2.PostSpansRequest{Batch: model.Batch{Process: model.NewProcess("shop", nil), Spans: []*model.Span{
		{TraceID: model.NewTraceID(1, 2), SpanID: 3, OperationName: "by gRPC", StartTime: time.Now(), Duration: time.Millisecond},
	}}}
	if _, err := collector.PostSpans(t.Context(), request); err != nil || len(r.names()) != 1 || r.spans[0].Endpoint != "by gRPC" {
		t.Errorf("%v, %v", err, r.names())
	}
	if _, err := collector.PostSpans(t.Context(), &api_v2.PostSpansRequest{Batch: model.Batch{Spans: []*model.Span{{OperationName: strings.Repeat("x", 2*maxBody)}}}}); status.Code(err) != codes.ResourceExhausted && status.Code(err) != codes.InvalidArgument {
		t.Errorf("too large: %v", err)
	}
}

func TestJaegersBatches(t *testing.T) {
	t.Parallel()
	r := newReceiver(t)
	for _, c := range []struct {
		method, contentType, body string
		want                      int
	}{
		{http.MethodPost, "application/x-thrift", "\x00", http.StatusAccepted}, // a batch without spans
		{http.MethodPost, "application/vnd.apache.thrift.binary", "\x00", http.StatusAccepted},
		{http.MethodPost, "application/x-thrift", "", http.StatusBadRequest},
		{http.MethodPost, "application/x-thrift", "{}", http.StatusBadRequest},
		{http.MethodPost, "application/vnd.apache.thrift.compact", "\x00", http.StatusUnsupportedMediaType},
		{http.MethodPost, "application/json", "{}", http.StatusUnsupportedMediaType},
		{http.MethodGet, "application/x-thrift", "", http.StatusMethodNotAllowed},
		{http.MethodPost, "application/x-thrift", strings.Repeat("\x00", 2*maxBody), http.StatusRequestEntityTooLarge},
	} {
		req, err := http.NewRequestWithContext(t.Context(), c.method, r.url+"/api/traces", bytes.NewReader([]byte(c.body)))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", c.contentType)
		response, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != c.want {
			t.Errorf("%s %s %.20q: %s, want %d", c.method, c.contentType, c.body, response.Status, c.want)
		}
	}
}
