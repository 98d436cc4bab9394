// Package jaeger answers what Jaeger's user interface and Grafana's Jaeger data source ask of
// jaeger-query: its JSON API (/api/services, /api/operations, /api/traces, ...) and of the documented
// HTTP form of its API version 3 what reads one trace, services and operations. Every span has the
// parent that was found for it, system calls and packets among them.
//
// It follows www.jaegertracing.io/docs ("APIs") and the answers of Jaeger 2; none of its code is in it.
package jaeger
