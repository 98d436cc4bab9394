// Package plugin is the backend of Grafana's data source "Throughline": it reads spans from
// the store, assembles them and answers with data frames.
//
// Query types: "trace" (one trace, for the flame graph and for Grafana's own trace view),
// "search" (a table of requests), "metrics" (rates, errors and durations, also as heatmap),
// "serviceMap" (the node graph's frames), "annotations" and "variables". Resources: span/{id}
// (all that is known of one span), values, tag keys and suggestions. README.md has them all,
// field by field.
//
// Like everything under pkg/, it opens no files and reads no environment: certificates and
// secrets come as text from the data source's settings.
package plugin
