// Package plugin is the backend of Grafana's data source "Throughline": it reads spans from
// the store, assembles them and answers with data frames.
//
// Query types: "trace" (one trace, for the flame graph and for Grafana's own trace view),
// "search" (a table of requests) and "variables" (values for dashboard variables).
// Resources: span/{id} (all that is known of one span) and values/{name}.
//
// Like everything under pkg/, it opens no files and reads no environment: certificates and
// secrets come as text from the data source's settings.
package plugin
