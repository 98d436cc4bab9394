// Package document writes spans as an OTLP document in JSON (TracesData), which any tool that
// reads OpenTelemetry's files can open, and which pkg/otlp reads into the same spans again.
//
// What the agent does not keep is not written: flags, schema URLs, a scope's attributes, and
// how many attributes, events and links an SDK dropped. A status is written as the conventions
// have it: the store knows whether a span failed, not whether an HTTP span that did not says OK
// or nothing.
package document
