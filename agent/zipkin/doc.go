// Package zipkin turns spans of Zipkin's model of version 2, in protobuf and JSON, into an
// ExportTraceServiceRequest, which pkg/otlp reads (openzipkin/zipkin-api, zipkin.proto and
// zipkin2-api.yaml). Ids of 64 bits get zeros in front; the two ends of a call may have one id, as they
// have in Zipkin. Times are whole microseconds, as they are sent.
package zipkin
