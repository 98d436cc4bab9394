package shop

import (
	"context"
	"fmt"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// retryExport is the pause before a batch is sent again.
const retryExport = 200 * time.Millisecond

// startTelemetry sets up the SDK as the standard variables say (OTEL_SERVICE_NAME,
// OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_BSP_*) and returns what flushes it.
func startTelemetry(ctx context.Context) (stop func(context.Context) error, err error) {
	exporter, err := otlptracehttp.New(ctx)
	if err != nil {
		return nil, fmt.Errorf("OTLP exporter: %w", err)
	}
	res, err := resource.New(ctx, resource.WithFromEnv(), resource.WithTelemetrySDK(), resource.WithHost(), resource.WithProcessPID())
	if err != nil {
		return nil, fmt.Errorf("OTel resource: %w", err)
	}
	provider := sdktrace.NewTracerProvider(sdktrace.WithBatcher(patient{exporter}), sdktrace.WithResource(res))
	otel.SetTracerProvider(provider)
	otel.SetTextMapPropagator(propagation.TraceContext{})
	return provider.Shutdown, nil
}

// patient sends a batch again until it is acknowledged, as a collector with
// retry_on_failure does: the SDK's own exporter gives up at once when nobody listens. The
// batch processor's export timeout bounds it.
type patient struct{ sdktrace.SpanExporter }

func (p patient) ExportSpans(ctx context.Context, spans []sdktrace.ReadOnlySpan) error {
	for {
		err := p.SpanExporter.ExportSpans(ctx, spans)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(retryExport):
		}
	}
}

func tracer() trace.Tracer { return otel.Tracer("github.com/throughline-io/throughline/demo/webshop") }

// internal runs fn inside an INTERNAL span.
func internal(ctx context.Context, name string, fn func(context.Context) error) error {
	ctx, span := tracer().Start(ctx, name)
	defer span.End()
	err := fn(ctx)
	if err != nil {
		span.RecordError(err)
	}
	return err
}

// nested runs fn inside one INTERNAL span for each name, the first the outermost: the
// layers of a service, such as controller and service.
func nested(ctx context.Context, fn func(context.Context) error, names ...string) error {
	if len(names) == 0 {
		return fn(ctx)
	}
	return internal(ctx, names[0], func(ctx context.Context) error { return nested(ctx, fn, names[1:]...) })
}
