// Package document writes spans as an OTLP document in JSON (TracesData), which any tool that
// reads OpenTelemetry's files can open, and which pkg/otlp reads into the same spans again.
//
// It is what was sent, but for the order of resources and scopes, for a value without a type,
// which becomes an empty text, and for bytes within arrays, maps, events and links, which become
// text in base64.
package document
