package skywalking

import (
	"net/netip"
	"testing"

	"github.com/throughline-io/throughline/agent/protobuf"
	"github.com/throughline-io/throughline/pkg/otlp"
)

// A segment of two spans, as it comes, into rows.
func BenchmarkSegment(b *testing.B) {
	body := recorded(b, "python-1.segment")
	d := otlp.NewDecoder(new(otlp.Resources), true)
	w := new(protobuf.Writer)
	b.ReportAllocs()
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		w.Data = w.Data[:0]
		t := Translator{Writer: w}
		if err := t.Segment(body); err != nil {
			b.Fatal(err)
		}
		d.Reset("agent", "node0", netip.Addr{})
		if err := d.Protobuf(w.Data); err != nil {
			b.Fatal(err)
		}
	}
}
