package otlp

import (
	"testing"

	common "go.opentelemetry.io/proto/otlp/common/v1"
	trace "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	coltrace "go.opentelemetry.io/proto/otlp/collector/trace/v1"

	"github.com/throughline-io/throughline/pkg/span"
)

// Instrumentations leave the status of what went well UNSET, and so do servers with what their
// caller did wrong: the protocol's own code says it then. Of gRPC, 0 is OK.
func TestAProtocolsCodeSaysHowARequestEnded(t *testing.T) {
	t.Parallel()
	const unset, ok, failed = trace.Status_STATUS_CODE_UNSET, trace.Status_STATUS_CODE_OK, trace.Status_STATUS_CODE_ERROR
	for _, c := range []struct {
		system, key string
		code        any // nil: none was sent
		status      trace.Status_StatusCode
		want        span.Status
		number      int32
	}{
		{"grpc", "rpc.grpc.status_code", 0, unset, span.StatusOK, 0},
		{"grpc", "rpc.grpc.status_code", "0", unset, span.StatusOK, 0},
		{"grpc", "rpc.response.status_code", "OK", unset, span.StatusOK, 0},
		{"grpc", "rpc.grpc.status_code", nil, unset, span.StatusUnknown, 0},
		{"grpc", "rpc.grpc.status_code", nil, failed, span.StatusServerError, 0},
		{"grpc", "rpc.grpc.status_code", 0, ok, span.StatusOK, 0},
		{"grpc", "rpc.grpc.status_code", 0, failed, span.StatusServerError, 0}, // the status is whose word counts
		{"grpc", "rpc.grpc.status_code", 14, unset, span.StatusServerError, 14},
		{"grpc", "rpc.grpc.status_code", 14, ok, span.StatusOK, 14},
		{"grpc", "rpc.grpc.status_code", 5, unset, span.StatusClientError, 5},
		{"grpc", "rpc.grpc.status_code", 5, failed, span.StatusClientError, 5},
		{"grpc", "rpc.response.status_code", "DEADLINE_EXCEEDED", failed, span.StatusServerError, 4},
		{"grpc", "rpc.grpc.status_code", 1, unset, span.StatusUnknown, 1}, // given up, as streams end
		{"grpc", "rpc.grpc.status_code", 1, failed, span.StatusClientError, 1},
		{"grpc", "rpc.grpc.status_code", 99, unset, span.StatusUnknown, 99},
		{"grpc", "rpc.grpc.status_code", 1 << 40, unset, span.StatusUnknown, 0},
		{"grpc", "rpc.response.status_code", "no such code", unset, span.StatusUnknown, 0},
		{"dubbo", "rpc.response.status_code", 0, unset, span.StatusUnknown, 0}, // its codes are its own
		{"", "http.response.status_code", 200, unset, span.StatusOK, 200},
		{"", "http.response.status_code", 404, unset, span.StatusClientError, 404},
		{"", "http.response.status_code", 503, unset, span.StatusServerError, 503},
		{"", "http.response.status_code", 200, failed, span.StatusServerError, 200},
	} {
		s := proto.Clone(sample()).(*coltrace.ExportTraceServiceRequest)
		one := s.ResourceSpans[0].ScopeSpans[0].Spans[0]
		one.Attributes, one.Status = nil, &trace.Status{Code: c.status}
		add := func(key string, value *common.AnyValue) {
			one.Attributes = append(one.Attributes, &common.KeyValue{Key: key, Value: value})
		}
		if c.system != "" {
			add("rpc.system", &common.AnyValue{Value: &common.AnyValue_StringValue{StringValue: c.system}})
		}
		switch v := c.code.(type) {
		case int:
			add(c.key, &common.AnyValue{Value: &common.AnyValue_IntValue{IntValue: int64(v)}})
		case string:
			add(c.key, &common.AnyValue{Value: &common.AnyValue_StringValue{StringValue: v}})
		}
		got := decodeSpans(t, s)[0]
		if got.Status != c.want || got.Code != c.number {
			t.Errorf("%s %s=%v with status %v: %v, code %d; want %v, %d", c.system, c.key, c.code, c.status, got.Status, got.Code, c.want, c.number)
		}
	}
}
