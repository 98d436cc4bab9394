// Package otlptrace says an assembled trace in OpenTelemetry's words: code as it was sent, system
// calls and packets as spans of their own resources, under the parents that were found for them.
// Files, answers to other tools' queries and exports are made of it, so that a span is the same
// wherever it goes.
package otlptrace
