// Package server is Throughline's server: it takes spans from agents (ingest), says whose
// they are (tag), keeps them in a ClickHouse, by default an embedded one (engine), and
// answers questions about them over HTTP (query).
//
// All state is in the store and, for what it does not have yet, in a log (spool). The server may
// be killed at any moment: what it has acknowledged is in one of them, and agents send again what
// it has not.
package server
