// Package saved reads traces that were saved as files: OTLP in JSON, the JSON of Jaeger, Zipkin
// and Tempo, and our own. All but our own is read as OTLP by pkg/otlp, so that a span means the
// same whether it was received or comes from a file. Nothing is stored.
package saved
