// Package libchdb binds the C interface of libchdb, ClickHouse as a library, without cgo.
//
// It needs libchdb 26.7 or newer: older ones have no streaming insert, and an insert whose
// data stands in the statement's text ends at the first empty line of the data and runs
// what follows it as SQL.
//
// All connections of a process must use the same data directory. A fault inside the
// library ends the process, so the only binary that imports this package is
// throughline-store.
package libchdb

import "errors"

// ErrUnsupported is wrapped by every error that says that the library cannot run here at
// all: another try would fail in the same way.
var ErrUnsupported = errors.New("the embedded engine cannot run here")

// Param is the value of {Name:Type} in a statement, as text.
type Param struct{ Name, Value string }
