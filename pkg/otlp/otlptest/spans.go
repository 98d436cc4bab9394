// Package otlptest reads requests of OTLP in tests, as the agent's receivers do.
package otlptest

import (
	"net/netip"
	"slices"
	"testing"

	"github.com/throughline-io/throughline/pkg/otlp"
	"github.com/throughline-io/throughline/pkg/span"
)

// Spans are those of an ExportTraceServiceRequest, passed on by node0's agent.
func Spans(t testing.TB, request []byte) []*span.Span {
	t.Helper()
	d := otlp.NewDecoder(new(otlp.Resources), true)
	d.Reset("agent", "node0", netip.MustParseAddr("10.0.0.9"))
	if err := d.Protobuf(request); err != nil {
		t.Fatal(err)
	}
	if err := d.Batch().Check(); err != nil {
		t.Fatal(err)
	}
	return slices.Collect(d.Batch().Spans())
}
