// Package span is the model of a span: one flat, typed record for the three sources
// (OpenTelemetry, system calls, packets), and Batch, the columns in which spans travel
// from the agent to the disk.
//
// A Span is understood once (by the agent), tagged once (by the server) and stored once.
// The struct Span exists for assembly, for tests and for sources that make few spans; the
// hot path appends to the columns of a Batch directly.
//
// The package imports nothing of Throughline and does no I/O.
package span
