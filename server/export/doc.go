// Package export sends what agents saw to another trace store, by OTLP over gRPC or HTTP, with the
// parents that were found: whoever takes the spans needs to know nothing of how they relate.
//
// A trace is looked up and assembled when its spans have had time to come (pending.go); spans that
// come later are sent under the parents that are found then. Everything is bounded, and whatever is
// not sent is counted, by reason.
package export
