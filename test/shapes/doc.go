// Package shapes makes the traces that users of OpenTelemetry alone send: a checkout through
// a dozen services, one that failed, a queue and its worker, calls of a model, N+1, retries,
// clocks that differ, a nightly batch, and what no SDK should send but some do.
//
// They go the way of every span that is received: Make gives OTLP requests, Batch and Spans
// read them with the agent's receiver. Nothing is random: a shape is the same for the same
// name, base and size, down to its ids.
package shapes
