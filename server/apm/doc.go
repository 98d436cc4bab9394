// Package apm asks other APMs for the code of a trace when the trace is asked for here: Jaeger, Tempo
// and SkyWalking keep what their SDKs and agents sent them, and what Throughline's agents saw is joined
// with it to one tree. Nothing of it is stored.
//
// An APM that is away, slow or says what cannot be read costs its own code: the answer has the rest and
// says whose is missing. Each has a file here, and a line in kinds.
package apm
