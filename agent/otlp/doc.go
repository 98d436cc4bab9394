// Package otlp receives OpenTelemetry spans: OTLP/HTTP in protobuf and JSON, OTLP/gRPC,
// plain or compressed with gzip or zstd.
//
// A request's bytes are walked once and go straight into the columns of a span.Batch; no
// message objects are made, and nothing is allocated per span. Strings are checked to be
// UTF-8; old and new names of the semantic conventions are mapped to the columns that SYS
// and NET spans have too (method, resource, status, both ends of the connection).
//
// Invalid spans (an id that is zero, a time that cannot be) are rejected one by one and
// reported as a partial success; a request that is malformed is refused as a whole. A
// request is answered with success only when its spans are durably stored.
package otlp
