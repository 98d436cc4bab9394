// Package query is the server's HTTP API: traces, search, completion, ledger and status as
// JSON, and a read-only way to the store's own SQL interface.
//
// Everything but /clickhouse/ and Trace Completion, whose question is a body, answers GET only,
// has no side effects, and sends no CORS headers: pages of other origins cannot read it. An error is {"error": "..."} with a
// status: 400 the request is wrong, 401 no or a wrong token, 404 nothing there, 503 the
// store is away or the server is busy (Retry-After says when), 504 it took too long.
// A request that is given up takes its query to the store with it.
package query
