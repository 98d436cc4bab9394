package span

// GRPCStatus is what a status code of gRPC, 0 to 16, says of a call: whose fault it is. OpenTelemetry's conventions
// name the codes that are the server's (opentelemetry.io/docs/specs/semconv/rpc/grpc).
func GRPCStatus(code int64) Status {
	switch code {
	case 0:
		return StatusOK
	case 2, 4, 12, 13, 14, 15: // UNKNOWN, DEADLINE_EXCEEDED, UNIMPLEMENTED, INTERNAL, UNAVAILABLE, DATA_LOSS
		return StatusServerError
	case 1, 3, 5, 6, 7, 8, 9, 10, 11, 16:
		return StatusClientError
	}
	return StatusUnknown
}
