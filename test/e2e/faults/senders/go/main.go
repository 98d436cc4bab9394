// Command go makes spans by OpenTelemetry's SDK for Go, as every program here does; see ../README.md.
package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"sync"
	"syscall"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "sender:", err)
		os.Exit(1)
	}
}

func run() error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	if len(os.Args) != 5 {
		return fmt.Errorf("usage: %s http|grpc HOST:PORT SERVICE TRACES_PER_SECOND", os.Args[0])
	}
	protocol, address, service := os.Args[1], os.Args[2], os.Args[3]
	rate, err := strconv.Atoi(os.Args[4])
	if err != nil {
		return err
	}
	var exporter *otlptrace.Exporter
	if protocol == "grpc" {
		exporter, err = otlptracegrpc.New(context.Background(), otlptracegrpc.WithEndpoint(address), otlptracegrpc.WithInsecure())
	} else {
		exporter, err = otlptracehttp.New(context.Background(), otlptracehttp.WithEndpoint(address), otlptracehttp.WithInsecure())
	}
	if err != nil {
		return err
	}
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { fmt.Fprintln(os.Stderr, time.Now().Format(time.TimeOnly), err) }))
	told := &told{SpanExporter: exporter, out: bufio.NewWriter(os.Stdout)}
	provider := sdktrace.NewTracerProvider(sdktrace.WithBatcher(told), sdktrace.WithResource(resource.NewSchemaless(attribute.String("service.name", service))))
	tracer := provider.Tracer("sender")
	made := 0
	for tick := time.NewTicker(time.Second / time.Duration(rate)); ctx.Err() == nil; {
		parent, root := tracer.Start(context.Background(), "GET /items/{id}", trace.WithSpanKind(trace.SpanKindServer))
		for range 4 {
			_, child := tracer.Start(parent, "work")
			child.End()
		}
		root.End()
		made += 5
		select {
		case <-tick.C:
		case <-ctx.Done():
		}
	}
	if err := provider.Shutdown(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	told.mu.Lock()
	defer told.mu.Unlock()
	fmt.Fprintln(told.out, "made", made)
	return told.out.Flush()
}

// told is an exporter that tells of each span what became of it.
type told struct {
	sdktrace.SpanExporter
	mu  sync.Mutex
	out *bufio.Writer
}

func (t *told) ExportSpans(ctx context.Context, spans []sdktrace.ReadOnlySpan) error {
	err := t.SpanExporter.ExportSpans(ctx, spans)
	what := "acknowledged"
	if err != nil {
		what = "dropped"
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, s := range spans {
		fmt.Fprintln(t.out, what, s.SpanContext().SpanID())
	}
	return err
}
