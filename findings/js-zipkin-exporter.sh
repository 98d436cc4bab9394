#!/bin/sh
# What OpenTelemetry's Zipkin exporter for JavaScript leaves of a span.
#
# Version: @opentelemetry/exporter-zipkin 2.0.1, with sdk-trace-base 2.0.1 and api 1.9.0, Node 18 or newer.
# Said:    "Events: ... the event's attributes as a JSON object in the annotation's value" (OpenTelemetry specification,
#          Zipkin exporter, Events) since version 1.0.
# Seen:    the annotation is the event's name alone: an exception's type, message and stack are lost, and so are all
#          links, without a word. A start that has a fraction of a microsecond (a timing of performance.now(), which
#          instrumentations pass as startTime) is written with that fraction, where Zipkin's API has a whole number
#          (zipkin2-api.yaml: timestamp, integer, int64); the duration is rounded. Output below, at the end.
#
# It needs Node, npm and its registry, and nothing of Throughline. It fails if this is no longer so.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund @opentelemetry/api@1.9.0 @opentelemetry/exporter-zipkin@2.0.1 @opentelemetry/sdk-trace-base@2.0.1 >/dev/null
cat > run.js <<'JS'
const http = require('node:http');
const { ROOT_CONTEXT } = require('@opentelemetry/api');
const { ZipkinExporter } = require('@opentelemetry/exporter-zipkin');
const { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } = require('@opentelemetry/sdk-trace-base');

const memory = new InMemorySpanExporter();
const tracer = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(memory)] }).getTracer('finding');
const link = { context: { traceId: '01'.repeat(16), spanId: '02'.repeat(8), traceFlags: 1 }, attributes: { why: 'retry' } };
const span = tracer.startSpan('pay', { startTime: [1700000000, 400], links: [link] }, ROOT_CONTEXT);
span.recordException(new TypeError('no money'), [1700000000, 1000800]);
span.end([1700000000, 1000800]);

const server = http.createServer((request, answer) => {
  let body = '';
  request.on('data', (part) => (body += part));
  request.on('end', () => {
    answer.writeHead(202).end();
    server.close();
    const [one] = JSON.parse(body);
    console.log(JSON.stringify(one.annotations));
    console.log(JSON.stringify({ timestamp: one.timestamp, duration: one.duration }));
    console.log('said of the link or of the exception:', /0202020202020202|TypeError|no money|retry/.test(body));
  });
});
server.listen(0, '127.0.0.1', () => new ZipkinExporter({ url: `http://127.0.0.1:${server.address().port}/api/v2/spans` }).export(memory.getFinishedSpans(), () => {}));
JS
node run.js > out
cat out
cat > want <<'WANT'
[{"timestamp":1700000000001001,"value":"exception"}]
{"timestamp":1700000000000000.5,"duration":1000}
said of the link or of the exception: false
WANT
diff want out
