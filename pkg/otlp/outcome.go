package otlp

import (
	"math"

	"github.com/throughline-io/throughline/pkg/span"
)

// OpenTelemetry's status codes.
const (
	statusUnset = 0
	statusOK    = 1
	statusError = 2
)

// codes says whose status codes a span has, as far as they tell how a request ended.
type codes uint8

const (
	noCodes   codes = iota // of other protocols, or none was sent
	httpCodes              // 100 to 599
	grpcCodes              // 0 to 16
)

// codesOf is whose codes spans of a protocol have.
func codesOf(protocol string) codes {
	switch protocol {
	case "HTTP":
		return httpCodes
	case "gRPC":
		return grpcCodes
	}
	return noCodes
}

// gRPC's status codes, by the names that newer conventions write.
var grpcNames = map[string]int64{
	"OK": 0, "CANCELLED": 1, "UNKNOWN": 2, "INVALID_ARGUMENT": 3, "DEADLINE_EXCEEDED": 4, "NOT_FOUND": 5, "ALREADY_EXISTS": 6,
	"PERMISSION_DENIED": 7, "RESOURCE_EXHAUSTED": 8, "FAILED_PRECONDITION": 9, "ABORTED": 10, "OUT_OF_RANGE": 11, "UNIMPLEMENTED": 12,
	"INTERNAL": 13, "UNAVAILABLE": 14, "DATA_LOSS": 15, "UNAUTHENTICATED": 16,
}

const grpcCancelled = 1

// rpcCode is a call's status code, a number or gRPC's name of it.
func (r *row) rpcCode() (int64, bool) {
	if n, ok := r.integer(slotRPCCode); ok {
		return n, true
	}
	n, ok := grpcNames[string(r.text(slotRPCCode))]
	return n, ok
}

// failure is whose fault a code tells of; StatusOK where it tells of none, StatusUnknown where
// it says nothing.
func (c codes) failure(code int64) span.Status {
	switch {
	case c == httpCodes && code >= 500:
		return span.StatusServerError
	case c == httpCodes && code >= 400:
		return span.StatusClientError
	case c == httpCodes && code >= 100:
		return span.StatusOK
	case c == grpcCodes:
		return span.GRPCStatus(code)
	}
	return span.StatusUnknown
}

// outcome maps OpenTelemetry's status and a protocol's code. Instrumentations leave the status
// of what went well UNSET: the code says it then. A call that its caller gave up, as streams
// end, is no failure unless the status says so.
func outcome(status uint64, of codes, code int64) span.Status {
	said := of.failure(code)
	switch {
	case status == statusOK:
		return span.StatusOK
	case of == grpcCodes && code == grpcCancelled && status != statusError:
		return span.StatusUnknown
	case said.Error():
		return said
	case status == statusError:
		return span.StatusServerError
	}
	return said
}

// StatusCode is OpenTelemetry's code from which a span's status follows, with its other
// columns. Where several would do it is the one that instrumentations send: nothing for what
// the protocol's code says already, and an error of the client only at the client.
func StatusCode(s *span.Span) int32 {
	return int32(statusCode(s.Status, codesOf(s.Protocol), s.Code, s.Kind))
}

func statusCode(status span.Status, of codes, code int32, kind span.Kind) uint64 {
	switch {
	case status == span.StatusOK && of.failure(int64(code)) == span.StatusOK:
		return statusUnset
	case status == span.StatusOK:
		return statusOK
	case status == span.StatusClientError && of != noCodes && kind == span.KindServer:
		return statusUnset
	case status.Error():
		return statusError
	default:
		return statusUnset
	}
}

// code32 is a code as it is stored; 0 and false for one that is none.
func code32(code int64, known bool) (int32, bool) {
	if code < math.MinInt32 || code > math.MaxInt32 {
		return 0, false
	}
	return int32(code), known
}
