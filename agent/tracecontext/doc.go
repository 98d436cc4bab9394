// Package tracecontext reads the trace context that a message carries, whatever the protocol
// carries it in: header fields, query attributes, comments of a statement. It is the one
// place that knows the forms: W3C, B3, Jaeger, SkyWalking, Datadog, sqlcommenter.
package tracecontext
