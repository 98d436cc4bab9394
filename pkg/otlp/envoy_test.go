package otlp

import (
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	common "go.opentelemetry.io/proto/otlp/common/v1"
	trace "go.opentelemetry.io/proto/otlp/trace/v1"

	"github.com/throughline-io/throughline/pkg/span"
)

// Spans as Envoy 1.40 sends them, whose tags are texts: of a request, of what it passes on, of a connection that
// fails, of a call of gRPC.
func TestSpansOfEnvoy(t *testing.T) {
	t.Parallel()
	const server, client = trace.Span_SPAN_KIND_SERVER, trace.Span_SPAN_KIND_CLIENT
	pod := netip.AddrPortFrom(peerAddr, 0)
	asked := []*common.KeyValue{
		str("node_id", ""), str("zone", ""), str("guid:x-request-id", "622732a3-4b58-9b0c-811a-1e82bf66a558"), str("http.url", "http://shop:8080/a/ok?x=1"), str("http.method", "GET"),
		str("downstream_cluster", "-"), str("user_agent", "curl/7.88.1"), str("http.protocol", "HTTP/1.1"), str("peer.address", "10.0.0.7"), str("request_size", "3"), str("response_size", "5"),
		str("component", "proxy"), str("upstream_cluster", "upstream"), str("http.status_code", "200"), str("response_flags", "-"),
	}
	for name, c := range map[string]struct {
		kind       trace.Span_SpanKind
		status     trace.Status_StatusCode
		attributes []*common.KeyValue
		want       span.Span
	}{
		"request": {server, 0, asked, span.Span{
			Protocol: "HTTP", Version: "1.1", Type: "GET", Resource: "/a/ok?x=1", XRequestID: "622732a3-4b58-9b0c-811a-1e82bf66a558", Code: 200, Status: span.StatusOK, RequestSize: 3, ResponseSize: 5,
			Client: netip.MustParseAddrPort("10.0.0.7:0"), Server: pod,
		}},
		"request, before the pod that makes it": {client, 0, asked, span.Span{ // who asks is no server
			Protocol: "HTTP", Version: "1.1", Type: "GET", Resource: "/a/ok?x=1", XRequestID: "622732a3-4b58-9b0c-811a-1e82bf66a558", Code: 200, Status: span.StatusOK, RequestSize: 3, ResponseSize: 5,
			Client: pod,
		}},
		"passed on": {client, 0, []*common.KeyValue{
			str("http.protocol", "HTTP/1.1"), str("upstream_address", "10.0.0.9:9080"), str("peer.address", "10.0.0.9:9080"), str("http.status_code", "200"),
		}, span.Span{Protocol: "HTTP", Version: "1.1", Code: 200, Status: span.StatusOK, Client: pod, Server: netip.MustParseAddrPort("10.0.0.9:9080")}},
		"nobody listens": {client, 0, []*common.KeyValue{
			str("error", "true"), str("error.reason", "remote connection failure"), str("http.protocol", "-"), str("upstream_address", "[fd00::9]:9"), str("peer.address", "[fd00::9]:9"),
			str("http.status_code", "0"), str("response_flags", "UF"),
		}, span.Span{Protocol: "HTTP", Status: span.StatusServerError, StatusMessage: "remote connection failure", Client: pod, Server: netip.MustParseAddrPort("[fd00::9]:9")}},
		"gRPC": {server, trace.Status_STATUS_CODE_ERROR, []*common.KeyValue{
			str("http.url", "http://shop:8080/shop.Stock/Get"), str("http.method", "POST"), str("http.protocol", "HTTP/2"), str("peer.address", "/run/envoy.sock"), str("grpc.path", "/shop.Stock/Get"),
			str("http.status_code", "200"), str("grpc.status_code", "13"), str("grpc.message", "no"), str("error", "true"),
		}, span.Span{Protocol: "gRPC", Version: "2", Type: "Get", Resource: "/shop.Stock/Get", Code: 13, Status: span.StatusServerError, StatusMessage: "no", Server: pod}},
		"gRPC that its caller did wrong": {server, 0, []*common.KeyValue{
			str("http.url", "http://shop:8080/shop.Stock/Get"), str("http.status_code", "200"), str("grpc.status_code", "5"),
		}, span.Span{Protocol: "gRPC", Type: "Get", Resource: "/shop.Stock/Get", Code: 5, Status: span.StatusClientError, Server: pod}},
		"OpenTracing":           {server, 0, []*common.KeyValue{truth("error", true)}, span.Span{Status: span.StatusServerError, Server: pod}},
		"a text":                {server, 0, []*common.KeyValue{str("error", "none")}, span.Span{Server: pod}},
		"it is said to be well": {server, trace.Status_STATUS_CODE_OK, []*common.KeyValue{truth("error", true), str("error.reason", "none")}, span.Span{Status: span.StatusOK, Server: pod}},
	} {
		s := &trace.Span{TraceId: []byte("0123456789abcdef"), SpanId: []byte("envoy001"), Kind: c.kind, StartTimeUnixNano: sampleStart, EndTimeUnixNano: sampleStart + 1000, Attributes: c.attributes}
		s.Status = &trace.Status{Code: c.status}
		got := decodeSpans(t, request(s))[0]
		kept := span.Span{
			Protocol: got.Protocol, Version: got.Version, Type: got.Type, Resource: got.Resource, XRequestID: got.XRequestID, Code: got.Code, Status: got.Status,
			StatusMessage: got.StatusMessage, RequestSize: got.RequestSize, ResponseSize: got.ResponseSize, Client: got.Client, Server: got.Server,
		}
		if d := cmp.Diff(c.want, kept, cmpopts.EquateComparable(netip.Addr{}, netip.AddrPort{})); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
}
