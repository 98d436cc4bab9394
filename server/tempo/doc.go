// Package tempo answers what tools ask of Grafana Tempo's HTTP API, from our store: traces with the
// parents that were found, searches in TraceQL and by tags, and names and values of tags. Grafana's
// own Tempo data source, Explore and whatever else speaks that API can be pointed at it.
//
// It follows the API's documentation (grafana.com/docs/tempo, "Tempo HTTP API" and "TraceQL");
// none of Tempo's code is in it.
package tempo
