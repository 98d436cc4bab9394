"""Makes spans by OpenTelemetry's SDK for Python; see ../README.md."""
import logging
import signal
import sys
import threading

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.trace import SpanKind, format_span_id, set_span_in_context

logging.basicConfig(format="%(asctime)s %(name)s %(message)s", stream=sys.stderr, level=logging.INFO)
protocol, address, service, rate = sys.argv[1:]
stop = threading.Event()
signal.signal(signal.SIGTERM, lambda *_: stop.set())


class Told(SpanExporter):
    """An exporter that tells of each span what became of it."""

    def __init__(self, exporter):
        self.exporter = exporter

    def export(self, spans):
        result = self.exporter.export(spans)
        what = "acknowledged" if result is SpanExportResult.SUCCESS else "dropped"
        sys.stdout.write("".join(f"{what} {format_span_id(s.context.span_id)}\n" for s in spans))
        return result

    def shutdown(self):
        self.exporter.shutdown()

    def force_flush(self, timeout_millis=30000):
        return self.exporter.force_flush(timeout_millis)


if protocol == "grpc":
    from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter

    exporter = OTLPSpanExporter(endpoint=address, insecure=True)
else:
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    exporter = OTLPSpanExporter(endpoint=f"http://{address}/v1/traces")
provider = TracerProvider(resource=Resource.create({"service.name": service}))
provider.add_span_processor(BatchSpanProcessor(Told(exporter)))
tracer = provider.get_tracer("sender")
made = 0
while not stop.is_set():
    root = tracer.start_span("GET /items/{id}", kind=SpanKind.SERVER)
    for _ in range(4):
        tracer.start_span("work", set_span_in_context(root)).end()
    root.end()
    made += 5
    stop.wait(1 / int(rate))
provider.shutdown()
print("made", made, flush=True)
