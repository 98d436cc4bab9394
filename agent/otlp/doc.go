// Package otlp receives OpenTelemetry spans: OTLP/HTTP in protobuf and JSON, OTLP/gRPC,
// plain or compressed with gzip or zstd. What a request says is read by pkg/otlp.
//
// A request that is malformed is refused as a whole; invalid spans are left out and reported
// as a partial success. A request is answered with success only when its spans are durably
// stored.
package otlp
