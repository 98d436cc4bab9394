//go:build tools

// Package tools names the program that `go tool mage jaeger` builds: a module of its own, since Jaeger brings a
// thousand others.
package tools

import _ "github.com/jaegertracing/jaeger/cmd/jaeger"
