// Package skywalking turns what SkyWalking's agents send into OpenTelemetry's spans: segments of its
// protocol of version 3, in protobuf and JSON, become an ExportTraceServiceRequest, which pkg/otlp reads
// (apache/skywalking-data-collect-protocol, language-agent/Tracing.proto and management/Management.proto).
//
// Ids are those of span.SkyWalkingTraceID and SkyWalkingSpanID, so that system calls and packets whose
// request carries an sw8 header are of the same trace. Times are whole milliseconds, as they are sent.
package skywalking
