// Package shop is the demo's five services: a natural WebShop in Go with the OpenTelemetry
// SDK and otelhttp, as its developers would write it. Nothing in it knows of Throughline:
// it exports OTLP to where the standard environment variables say, and sends no header but
// the propagator's.
//
//	web-shop   GET /full-test   -> svc-user, svc-item, svc-order
//	svc-user   POST /register, POST /login      (SQLite, in the process)
//	svc-item   GET /items, GET /items/{id}
//	svc-order  POST /orders     -> svc-item twice, svc-stock, MariaDB
//	svc-stock  GET /stock/{id}
package shop

// Config is what a service is told by its environment.
type Config struct {
	Listen   string // such as ":8080"
	Database string // svc-order: data source name of the MariaDB
	Break    Break  // what is slow
}

// Break names the one thing that a service makes slow on purpose.
type Break string

// The breaks a service can make itself.
const (
	BreakNone Break = ""
	BreakCode Break = "code" // a handler of svc-item
	BreakPool Break = "pool" // web-shop's pool of client connections is too small
)
