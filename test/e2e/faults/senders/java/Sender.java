import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.exporter.otlp.trace.OtlpGrpcSpanExporter;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Makes spans by OpenTelemetry's SDK for Java; see ../README.md. */
public final class Sender {
  /** An exporter that tells of each span what became of it. */
  private record Told(SpanExporter exporter) implements SpanExporter {
    @Override
    public CompletableResultCode export(Collection<SpanData> spans) {
      List<SpanData> copy = List.copyOf(spans); // the processor clears its own
      CompletableResultCode result = exporter.export(spans);
      result.whenComplete(
          () -> {
            StringBuilder lines = new StringBuilder();
            for (SpanData s : copy) {
              lines.append(result.isSuccess() ? "acknowledged " : "dropped ").append(s.getSpanId()).append('\n');
            }
            System.out.print(lines);
            System.out.flush();
          });
      return result;
    }

    @Override
    public CompletableResultCode flush() {
      return exporter.flush();
    }

    @Override
    public CompletableResultCode shutdown() {
      return exporter.shutdown();
    }
  }

  public static void main(String[] args) throws InterruptedException {
    String protocol = args[0], address = args[1], service = args[2];
    long pause = 1000 / Long.parseLong(args[3]);
    CountDownLatch stop = new CountDownLatch(1), ended = new CountDownLatch(1);
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  stop.countDown();
                  try {
                    ended.await();
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                }));
    SpanExporter exporter =
        protocol.equals("grpc")
            ? OtlpGrpcSpanExporter.builder().setEndpoint("http://" + address).build()
            : OtlpHttpSpanExporter.builder().setEndpoint("http://" + address + "/v1/traces").build();
    SdkTracerProvider provider =
        SdkTracerProvider.builder()
            .setResource(Resource.create(Attributes.of(AttributeKey.stringKey("service.name"), service)))
            .addSpanProcessor(BatchSpanProcessor.builder(new Told(exporter)).build())
            .build();
    Tracer tracer = provider.get("sender");
    int made = 0;
    do {
      Span root = tracer.spanBuilder("GET /items/{id}").setSpanKind(SpanKind.SERVER).setNoParent().startSpan();
      for (int i = 0; i < 4; i++) {
        tracer.spanBuilder("work").setParent(Context.root().with(root)).startSpan().end();
      }
      root.end();
      made += 5;
    } while (!stop.await(pause, TimeUnit.MILLISECONDS));
    provider.shutdown().join(1, TimeUnit.MINUTES);
    System.out.println("made " + made);
    System.out.flush();
    ended.countDown();
  }
}
