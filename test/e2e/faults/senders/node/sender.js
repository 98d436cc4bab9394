// Makes spans by OpenTelemetry's SDK for Node; see ../README.md.
const { diag, DiagConsoleLogger, DiagLogLevel, ROOT_CONTEXT, SpanKind, trace } = require('@opentelemetry/api');
const { resourceFromAttributes } = require('@opentelemetry/resources');
const { BasicTracerProvider, BatchSpanProcessor } = require('@opentelemetry/sdk-trace-base');

const [protocol, address, service, rate] = process.argv.slice(2);
// Its own log goes to stderr: stdout tells what became of spans.
for (const level of ['debug', 'info', 'log', 'warn']) {
  console[level] = console.error;
}
diag.setLogger(new DiagConsoleLogger(), DiagLogLevel.WARN);

const exporters = {
  grpc: () => new (require('@opentelemetry/exporter-trace-otlp-grpc').OTLPTraceExporter)({ url: `http://${address}` }),
  http: () => new (require('@opentelemetry/exporter-trace-otlp-proto').OTLPTraceExporter)({ url: `http://${address}/v1/traces` }),
  json: () => new (require('@opentelemetry/exporter-trace-otlp-http').OTLPTraceExporter)({ url: `http://${address}/v1/traces` }),
};
const exporter = exporters[protocol]();

// told is an exporter that tells of each span what became of it.
const told = {
  export(spans, done) {
    exporter.export(spans, (result) => {
      const what = result.code === 0 ? 'acknowledged' : 'dropped';
      process.stdout.write(spans.map((s) => `${what} ${s.spanContext().spanId}\n`).join(''));
      if (result.error) {
        console.error(new Date().toISOString(), result.error.message);
      }
      done(result);
    });
  },
  forceFlush: () => exporter.forceFlush(),
  shutdown: () => exporter.shutdown(),
};
const provider = new BasicTracerProvider({
  resource: resourceFromAttributes({ 'service.name': service }),
  spanProcessors: [new BatchSpanProcessor(told)],
});
const tracer = provider.getTracer('sender');
let made = 0;
const timer = setInterval(() => {
  const root = tracer.startSpan('GET /items/{id}', { kind: SpanKind.SERVER }, ROOT_CONTEXT);
  for (let i = 0; i < 4; i++) {
    tracer.startSpan('work', {}, trace.setSpan(ROOT_CONTEXT, root)).end();
  }
  root.end();
  made += 5;
}, 1000 / rate);
process.on('SIGTERM', async () => {
  clearInterval(timer);
  await provider.shutdown().catch((error) => console.error(error));
  process.stdout.write(`made ${made}\n`, () => process.exit(0));
});
