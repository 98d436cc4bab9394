#!/bin/sh
# A failed span in Zipkin's JSON as OpenTelemetry's collector writes it.
#
# Version: github.com/open-telemetry/opentelemetry-collector-contrib/pkg/translator/zipkin v0.165.1, which the
#          collector's zipkin exporter uses.
# Said:    "otel.status_code ... MUST be set to "OK" or "ERROR"" (OpenTelemetry specification, Mapping to
#          non-OTLP formats, Span Status); a span's name is kept.
# Seen:    otel.status_code is "STATUS_CODE_OK" or "STATUS_CODE_ERROR", the name comes out in lower case, and a
#          resource without service.name has the service "otlpresourcenoservicename". A reader that follows the
#          specification takes the failed span for one whose status was not set. Output below, at the end.
#
# It needs Go and its module proxy, and nothing of Throughline. It fails if this is no longer so.
set -eu
dir=$(mktemp -d)
trap 'chmod -R u+w "$dir"; rm -rf "$dir"' EXIT
cd "$dir"
cat > go.mod <<'MOD'
module finding

go 1.25

require github.com/open-telemetry/opentelemetry-collector-contrib/pkg/translator/zipkin v0.165.1
MOD
cat > main.go <<'GO'
package main

import (
	"encoding/json"
	"fmt"

	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/translator/zipkin/zipkinv2"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

func main() {
	traces := ptrace.NewTraces()
	s := traces.ResourceSpans().AppendEmpty().ScopeSpans().AppendEmpty().Spans().AppendEmpty()
	s.SetTraceID(pcommon.TraceID{1})
	s.SetSpanID(pcommon.SpanID{2})
	s.SetName("POST /Order")
	s.SetStartTimestamp(1_700_000_000_000_000_000)
	s.SetEndTimestamp(1_700_000_000_001_000_000)
	s.Status().SetCode(ptrace.StatusCodeError)
	s.Status().SetMessage("no money")
	spans, err := zipkinv2.FromTranslator{}.FromTraces(traces)
	if err != nil {
		panic(err)
	}
	text, err := json.Marshal(spans)
	if err != nil {
		panic(err)
	}
	fmt.Println(string(text))
}
GO
go mod tidy >/dev/null 2>&1
go run . > out
cat out
cat > want <<'WANT'
[{"timestamp":1700000000000000,"duration":1000,"traceId":"01000000000000000000000000000000","id":"0200000000000000","name":"post /order","localEndpoint":{"serviceName":"otlpresourcenoservicename"},"tags":{"error":"true","otel.status_code":"STATUS_CODE_ERROR","otel.status_description":"no money"}}]
WANT
diff want out
