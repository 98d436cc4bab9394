// Package store keeps spans in ClickHouse: the embedded engine of one machine and a
// cluster alike, through ClickHouse's HTTP interface.
//
// Writes are whole blocks in the Native format, made from the columns of a span.Batch
// without touching single values. A trace is read in three statements: the edges of its own
// group of spans, then those of the groups that they name and, beside them, the rows; see
// trace.go for how that is proven complete. The schema is in sql/, applied by Migrate.
//
// Requests are counted per minute as spans are inserted (rollup.go); metrics, the
// service map, what is usual for a hop and the values of variables are read from there. A
// request is seen at up to ten points of its path; observed.go says which of them counts.
// What of an insert is sent again as the same block is counted once; what is gathered anew
// with other spans, after an answer that got lost, is counted twice in the roll-up, and once
// for everybody who reads spans.
//
// The package opens no files and reads no environment: how to reach the store comes in by
// Config.
package store
