// Package otlp reads and writes OpenTelemetry's traces: requests of OTLP in protobuf and JSON
// become columns of a span.Batch, and spans become OTLP again. The agent receives with it, and
// the data source opens and saves files, so that a span means the same whichever way it came.
//
// A request's bytes are walked once and go straight into the columns of a span.Batch; no
// message objects are made, and nothing is allocated per span. Strings are checked to be
// UTF-8; old and new names of the semantic conventions are mapped to the columns that SYS
// and NET spans have too (method, resource, status, both ends of the connection).
//
// Invalid spans (an id that is zero, a time that cannot be) are rejected one by one; a
// request that is malformed is refused as a whole.
package otlp
