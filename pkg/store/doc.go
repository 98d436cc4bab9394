// Package store keeps spans in ClickHouse: the embedded engine of one machine and a
// cluster alike, through ClickHouse's HTTP interface.
//
// Writes are whole blocks in the Native format, made from the columns of a span.Batch
// without touching single values. A trace is read in two statements: the edges between
// its groups of spans, then the rows; see trace.go for how that is proven complete. The
// schema is in sql/, applied by Migrate.
//
// The package opens no files and reads no environment: how to reach the store comes in by
// Config.
package store
