#!/usr/bin/env bash
# OpenTelemetry's OTLP/HTTP exporter for Go, v1.47.0: a batch whose connection is refused is dropped at once, though retries are on.
#
# Retries are on when nothing is set (for one minute, from 5 s on). The OTLP specification says of OTLP/HTTP: if the client cannot
# connect it SHOULD retry with exponential backoff, and if the server disconnects without a response it SHOULD send the same request
# again. One expects a receiver that restarts for a second to cost nothing, as with otlptracegrpc of the same version. Over HTTP only
# answers with a status (429, 502, 503, 504) are tried again: a refused connection, or one that is reset before the answer, is an
# error of the first and only try, and the batch processor drops the batch.
#
# Seen: "HTTP, refused: gave up after 1 tries; HTTP, closed without an answer: gave up after 1 tries; gRPC, refused: still trying".
# Exit status 0 while that is so, 1 when it changes. Needs Go and a module proxy.
set -euo pipefail
dir=$(mktemp -d)
trap 'chmod -R u+w "$dir"; rm -rf "$dir"' EXIT
cd "$dir"
cat > go.mod <<'MOD'
module finding

go 1.25

require (
	go.opentelemetry.io/otel/exporters/otlp/otlptrace v1.47.0
	go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc v1.47.0
	go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp v1.47.0
	go.opentelemetry.io/otel/sdk v1.47.0
	go.opentelemetry.io/otel/trace v1.47.0
)
MOD
cat > main.go <<'GO'
package main

import (
	"context"
	"fmt"
	"net"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/exporters/otlp/otlptrace"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"
)

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// outcome exports a span for 9 s at most: the first pause between tries is 5 s and some.
func outcome(e *otlptrace.Exporter, tries *atomic.Int64) string {
	ctx, cancel := context.WithTimeout(context.Background(), 9*time.Second)
	defer cancel()
	span := tracetest.SpanStub{Name: "s", SpanContext: trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{1}, SpanID: trace.SpanID{1}})}
	began := time.Now()
	err := e.ExportSpans(ctx, tracetest.SpanStubs{span}.Snapshots())
	if err != nil && time.Since(began) < 4*time.Second {
		n := int64(1) // refused: in less than the first pause
		if tries != nil {
			n = tries.Load()
		}
		return fmt.Sprintf("gave up after %d tries", n)
	}
	return "still trying"
}

func main() {
	l := must(net.Listen("tcp", "127.0.0.1:0"))
	refused := l.Addr().String()
	l.Close()
	closes := must(net.Listen("tcp", "127.0.0.1:0"))
	var tries atomic.Int64
	go func() {
		for {
			c, err := closes.Accept()
			if err != nil {
				return
			}
			tries.Add(1)
			must(c.Read(make([]byte, 1<<16)))
			c.Close()
		}
	}()
	ctx := context.Background()
	overHTTP := func(to string) *otlptrace.Exporter {
		return must(otlptracehttp.New(ctx, otlptracehttp.WithEndpoint(to), otlptracehttp.WithInsecure()))
	}
	overGRPC := must(otlptracegrpc.New(ctx, otlptracegrpc.WithEndpoint(refused), otlptracegrpc.WithInsecure()))
	fmt.Printf("HTTP, refused: %s; HTTP, closed without an answer: %s; gRPC, refused: %s\n",
		outcome(overHTTP(refused), nil), outcome(overHTTP(closes.Addr().String()), &tries), outcome(overGRPC, nil))
}
GO
go mod tidy >/dev/null 2>&1
go run . | tee out
grep -qx "HTTP, refused: gave up after 1 tries; HTTP, closed without an answer: gave up after 1 tries; gRPC, refused: still trying" out
