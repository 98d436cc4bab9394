package otlp_test

import (
	"bytes"
	"log"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	zipkin "github.com/openzipkin/zipkin-go"
	"github.com/openzipkin/zipkin-go/model"
	zipkinproto "github.com/openzipkin/zipkin-go/proto/zipkin_proto3"
	"github.com/openzipkin/zipkin-go/reporter"
	httpreporter "github.com/openzipkin/zipkin-go/reporter/http"

	"github.com/throughline-io/throughline/pkg/span"
)

func TestZipkinsSpans(t *testing.T) {
	t.Parallel()
	r := newReceiver(t)
	sample, err := os.ReadFile("../zipkin/testdata/shop.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		contentType, encoding, body string
		want, spans                 int
	}{
		{"application/json", "", string(sample), http.StatusAccepted, 6},
		{"application/json; charset=utf-8", "gzip", string(gzipped(sample)), http.StatusAccepted, 6},
		{"text/plain", "", "[]", http.StatusAccepted, 0},
		{"application/x-protobuf", "", "", http.StatusAccepted, 0},
		{"application/x-protobuf", "", "[]", http.StatusBadRequest, 0},
		{"application/json", "", `[{"traceId":"x"}]`, http.StatusBadRequest, 0},
		{"application/json", "br", "[]", http.StatusUnsupportedMediaType, 0},
		{"application/x-thrift", "", "", http.StatusUnsupportedMediaType, 0},
		{"application/json", "", strings.Repeat(" ", 2*maxBody), http.StatusRequestEntityTooLarge, 0},
		{"application/json", "", `[{"traceId":"1","id":"2"}]`, http.StatusAccepted, 0}, // it has no time: left out, and counted
	} {
		before := len(r.names())
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, r.url+"/api/v2/spans", bytes.NewReader([]byte(c.body)))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", c.contentType)
		if c.encoding != "" {
			req.Header.Set("Content-Encoding", c.encoding)
		}
		response, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if spans := len(r.names()) - before; response.StatusCode != c.want || spans != c.spans {
			t.Errorf("%s %s %.40s: %s, %d spans; want %d, %d", c.contentType, c.encoding, c.body, response.Status, spans, c.want, c.spans)
		}
	}
	if n := r.ledger.Counter("otlp", "APP", "rejected: invalid span").Load(); n != 1 {
		t.Errorf("%d spans are counted as invalid", n)
	}
}

// Zipkin's library for Go, as it comes, by both of its forms.
func TestZipkinsLibraryForGo(t *testing.T) {
	t.Parallel()
	for name, serializer := range map[string]reporter.SpanSerializer{"JSON": reporter.JSONSerializer{}, "protobuf": zipkinproto.SpanSerializer{}} {
		r := newReceiver(t)
		logged := new(bytes.Buffer)
		to := httpreporter.NewReporter(r.url+"/api/v2/spans", httpreporter.Serializer(serializer), httpreporter.Logger(log.New(logged, "", 0)))
		local, err := zipkin.NewEndpoint("shop", "10.0.0.3:8080")
		if err != nil {
			t.Fatal(err)
		}
		tracer, err := zipkin.NewTracer(to, zipkin.WithLocalEndpoint(local), zipkin.WithTraceID128Bit(true))
		if err != nil {
			t.Fatal(err)
		}
		parent := tracer.StartSpan("get /order", zipkin.Kind(model.Server))
		child := tracer.StartSpan("select", zipkin.Kind(model.Client), zipkin.Parent(parent.Context()), zipkin.RemoteEndpoint(&model.Endpoint{ServiceName: "db", IPv4: net.IPv4(10, 0, 0, 7), Port: 3306}))
		child.Tag("error", "too late")
		child.Annotate(time.Now(), "asked")
		child.Finish()
		parent.Finish()
		if err := to.Close(); err != nil || logged.Len() > 0 {
			t.Errorf("%s: %v, %s", name, err, logged)
		}
		got := map[string]*span.Span{}
		for _, s := range r.spans {
			got[s.Endpoint] = s
		}
		p, c := got["get /order"], got["select"]
		if p == nil || c == nil {
			t.Errorf("%s: stored %v", name, r.names())
			continue
		}
		if p.Kind != span.KindServer || p.Service != "shop" || p.SpanID.String() != parent.Context().ID.String() || p.TraceID.String() != parent.Context().TraceID.String() || p.Start == 0 {
			t.Errorf("%s: parent %+v", name, p)
		}
		if c.ParentSpanID != p.SpanID || c.Status != span.StatusServerError || c.StatusMessage != "too late" || !strings.Contains(c.Events, `"asked"`) || c.Server.String() != "10.0.0.7:3306" {
			t.Errorf("%s: child %+v", name, c)
		}
	}
}
