// Package hostd stands in for a Grafana server: it starts the built plugin's backend the way
// Grafana does (go-plugin, gRPC), answers the part of Grafana's HTTP API that the plugin's
// front end calls, and serves the page that loads the built module.js files. What it
// emulates, and what it leaves out, is listed in test/host/README.md.
package hostd
