// Package otlp receives OpenTelemetry spans: OTLP/HTTP in protobuf and JSON, OTLP/gRPC,
// plain or compressed with gzip or zstd. What a request says is read by pkg/otlp. What SkyWalking's agents,
// Zipkin's and Jaeger's libraries send, at the same addresses, becomes OTLP by agent/skywalking, agent/zipkin and
// agent/jaeger first.
//
// Nobody who sends can take more memory than Config.MaxMemory, nor more than half of it: bodies are
// accounted as they come, rows as they are made, and who sends slowly is ended when another needs the
// room. What a span has beyond the limits of pkg/otlp is left out and counted in its dropped counts.
//
// A request that is malformed is refused as a whole; invalid spans are left out and reported
// as a partial success. A request is answered with success only when its spans are durably
// stored.
package otlp
