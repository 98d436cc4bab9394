//go:build !linux || !amd64

package libchdb

import (
	"fmt"
	"runtime"
)

// Load says that there is no library for this platform.
func Load(string) error {
	return fmt.Errorf("%w: libchdb is packaged for linux/amd64, this is %s/%s", ErrUnsupported, runtime.GOOS, runtime.GOARCH)
}

// Conn cannot be had on this platform.
type Conn struct{}

// Connect always fails on this platform.
func Connect(...string) (*Conn, error) { return nil, Load("") }

// Close does nothing.
func (*Conn) Close() {}

// Query always fails on this platform.
func (*Conn) Query(string, string, ...Param) (*Result, error) { return nil, Load("") }

// Text always fails on this platform.
func (*Conn) Text(string, string) (string, error) { return "", Load("") }

// Exec always fails on this platform.
func (*Conn) Exec(string) error { return Load("") }

// Stream always fails on this platform.
func (*Conn) Stream(string, string, ...Param) (*Stream, error) { return nil, Load("") }

// Insert always fails on this platform.
func (*Conn) Insert(string, string) (*Insert, error) { return nil, Load("") }

// Result cannot be had on this platform.
type Result struct{}

// Bytes is empty.
func (*Result) Bytes() []byte { return nil }

// Rows is zero.
func (*Result) Rows() uint64 { return 0 }

// Read is zero.
func (*Result) Read() (rows, bytes uint64) { return 0, 0 }

// Written is zero.
func (*Result) Written() (rows, bytes uint64) { return 0, 0 }

// Free does nothing.
func (*Result) Free() {}

// Stream cannot be had on this platform.
type Stream struct{}

// Next is the end.
func (*Stream) Next() (*Result, error) { return nil, nil }

// Close does nothing.
func (*Stream) Close() {}

// Insert cannot be had on this platform.
type Insert struct{}

// Write always fails on this platform.
func (*Insert) Write([]byte) (int, error) { return 0, Load("") }

// Done always fails on this platform.
func (*Insert) Done() (*Result, error) { return nil, Load("") }

// Cancel does nothing.
func (*Insert) Cancel() {}
