// Package goruntime knows where the runtime of a Go program keeps what tells of its goroutines: in
// structs whose layout differs by version. A program's own debug information would tell; most have none:
// the table is made from that of a program that each version of Go builds, by go tool mage layouts.
package goruntime
