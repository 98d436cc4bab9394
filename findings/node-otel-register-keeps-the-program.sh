#!/bin/sh
# What SIGTERM does to a Node program that OpenTelemetry's register module was required into.
#
# Version: @opentelemetry/auto-instrumentations-node 0.81.2 with @opentelemetry/api 1.9.0, Node 18 or newer.
# Said:    "Gracefully shutdown SDK if a SIGTERM is received" (comment in its register.js). Node's documentation of
#          'SIGTERM': it has a default handler that exits with code 128 + signal number, and "if one of these signals
#          has a listener installed, its default behavior will be removed (Node.js will no longer exit)".
# Seen:    a server without a handler of its own ends at once on SIGTERM. With --require .../register and not one line of
#          the program changed it shuts the SDK down, goes on listening and answering, without traces from now on, and
#          ends only by SIGKILL: a pod is stopped only after its whole grace period. Output below, at the end.
#
# It needs Node, npm and its registry, and nothing of Throughline. It fails if this is no longer so.
set -eu
dir=$(mktemp -d)
pid=
trap 'if [ -n "$pid" ]; then kill -9 "$pid" 2>/dev/null || true; fi; rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund @opentelemetry/api@1.9.0 @opentelemetry/auto-instrumentations-node@0.81.2 >/dev/null
cat > server.js <<'JS'
const server = require('node:http').createServer((request, answer) => answer.end('here'));
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
JS
export OTEL_TRACES_EXPORTER=none OTEL_METRICS_EXPORTER=none OTEL_LOGS_EXPORTER=none OTEL_NODE_RESOURCE_DETECTORS=none
try() {
  node "$@" server.js > port &
  pid=$!
  until [ -s port ]; do sleep 0.1; done
  kill -TERM "$pid"
  i=0
  while [ $i -lt 80 ] && kill -0 "$pid" 2>/dev/null; do sleep 0.1; i=$((i + 1)); done
  if kill -0 "$pid" 2>/dev/null; then
    echo "8 s after SIGTERM: runs, and answers: $(node -e "fetch('http://127.0.0.1:$(cat port)').then((r) => r.text()).then(console.log)")"
    kill -9 "$pid"
  else
    echo "ended by SIGTERM"
  fi
  wait "$pid" 2>/dev/null || true
  pid=
  rm port
}
{
  try
  try --require @opentelemetry/auto-instrumentations-node/register
} > out
cat out
cat > want <<'WANT'
ended by SIGTERM
8 s after SIGTERM: runs, and answers: here
WANT
diff want out
