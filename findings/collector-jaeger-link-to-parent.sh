#!/bin/sh
# A span that links to its own parent, as OpenTelemetry's collector hands it to Jaeger.
#
# Version: github.com/open-telemetry/opentelemetry-collector-contrib/pkg/translator/jaeger v0.165.1, which the
#          collector uses to write Jaeger's format (and read what Jaeger's clients send).
# Said:    "Parent ID: as CHILD_OF reference" and "Links: as FOLLOWS_FROM references" (OpenTelemetry specification,
#          Mapping to non-OTLP formats and Jaeger exporter): a parent that is linked to as well would be two references.
# Seen:    there is one, FOLLOWS_FROM: the parent's own CHILD_OF is overwritten, and the link's attributes are gone.
#          Whoever takes CHILD_OF alone for a parent (or FOLLOWS_FROM for work that nobody waits for) draws a synchronous
#          child as a root or as asynchronous. Output below, at the end.
#
# It needs Go and its module proxy, and nothing of Throughline. It fails if this is no longer so.
set -eu
dir=$(mktemp -d)
trap 'chmod -R u+w "$dir"; rm -rf "$dir"' EXIT
cd "$dir"
cat > go.mod <<'MOD'
module finding

go 1.25

require github.com/open-telemetry/opentelemetry-collector-contrib/pkg/translator/jaeger v0.165.1
MOD
cat > main.go <<'GO'
package main

import (
	"fmt"

	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/translator/jaeger"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

func main() {
	for _, linked := range []bool{false, true} {
		traces := ptrace.NewTraces()
		s := traces.ResourceSpans().AppendEmpty().ScopeSpans().AppendEmpty().Spans().AppendEmpty()
		s.SetTraceID(pcommon.TraceID{1})
		s.SetSpanID(pcommon.SpanID{2})
		s.SetParentSpanID(pcommon.SpanID{3})
		if linked {
			l := s.Links().AppendEmpty()
			l.SetTraceID(pcommon.TraceID{1})
			l.SetSpanID(pcommon.SpanID{3})
			l.Attributes().PutStr("why", "retry")
		}
		for _, batch := range jaeger.ProtoFromTraces(traces) {
			for _, span := range batch.Spans {
				for _, ref := range span.References {
					fmt.Println(ref.RefType, ref.SpanID)
				}
				fmt.Println("linked:", linked, "references:", len(span.References))
			}
		}
	}
}
GO
go mod tidy >/dev/null 2>&1
go run . > out
cat out
cat > want <<'WANT'
CHILD_OF 0300000000000000
linked: false references: 1
FOLLOWS_FROM 0300000000000000
linked: true references: 1
WANT
diff want out
