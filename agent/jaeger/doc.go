// Package jaeger turns what Jaeger's clients send to its collector into an ExportTraceServiceRequest, which
// pkg/otlp reads: batches in protobuf, by gRPC (jaeger-idl, proto/api_v2: CollectorService, model.proto), and in
// thrift's binary protocol, by HTTP (thrift/jaeger.thrift). Thrift is first written as the same protobuf, so there
// is one reading. Ids of 64 bits get zeros in front. Times of thrift are whole microseconds, as they are sent.
package jaeger
