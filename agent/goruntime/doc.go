// Package goruntime knows where the runtime of a Go program keeps what tells of its goroutines: in
// structs whose layout differs by version. A program's own debug information would tell; most have none.
package goruntime

// The table is made from the debug information of a program that each version of Go builds.
//go:generate go run ./generate -o layouts.go
