// Package redact takes secrets out of what spans say: passwords of statements, tokens of URLs.
// It is the one place that knows where they stand. What it cannot tell from any other text (a
// password as a parameter's value of a name of its own) stays.
package redact

// Mark stands where a secret stood, as in OpenTelemetry's conventions for url.full.
const Mark = "REDACTED"
