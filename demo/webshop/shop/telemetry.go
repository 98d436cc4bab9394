package shop

import (
	"context"
	"fmt"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

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
	provider := sdktrace.NewTracerProvider(sdktrace.WithBatcher(exporter), sdktrace.WithResource(res))
	otel.SetTracerProvider(provider)
	otel.SetTextMapPropagator(propagation.TraceContext{})
	return provider.Shutdown, nil
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
