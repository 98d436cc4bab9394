package spool

import "bytes"

// A group of directBytes and more begins with a block of the file and fills the last one with zeros, so that it
// can be written past the page cache. A block that has acknowledged records is then never written again.
const (
	block       = 4096
	directBytes = 128 << 10
)

var zeros [block]byte

// upward is the end of the block that an offset lies in; an end is its own.
func upward[T int | int64](offset T) T { return (offset + block - 1) / block * block }

// filled appends zeros up to the end of a block.
func filled(b []byte) []byte { return append(b, zeros[:upward(len(b))-len(b)]...) }

// empty reports whether bytes are zeros, as what lies between groups.
func empty(b []byte) bool { return len(b) <= block && bytes.Equal(b, zeros[:len(b)]) }
