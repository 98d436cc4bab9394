package trace_test

import (
	"fmt"
	"testing"

	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/trace"
	"github.com/throughline-io/throughline/pkg/trace/tracetest"
)

var sink any

func BenchmarkAssemble(b *testing.B) {
	for _, n := range []int{100, 10_000, 100_000} {
		for _, c := range []struct {
			name  string
			spans func() []*span.Span
		}{
			{"one trace", func() []*span.Span { return tracetest.Large(n, 1) }},
			{"many traces", func() []*span.Span {
				var all []*span.Span
				for _, t := range tracetest.Many(n/100, 10, 1) {
					all = append(all, t...)
				}
				return all
			}},
		} {
			spans := shuffled(c.spans(), 1)
			b.Run(fmt.Sprintf("%s/%d", c.name, len(spans)), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					sink = trace.Assemble(spans, trace.Options{})
				}
			})
		}
	}
}

func BenchmarkWhere(b *testing.B) {
	for _, n := range []int{100, 100_000} {
		tree := trace.Assemble(tracetest.Large(n, 1), trace.Options{})
		b.Run(fmt.Sprint(len(tree.Spans)), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				sink = trace.Where(tree, 0, 0, -1)
			}
		})
	}
}

func BenchmarkPrint(b *testing.B) {
	for _, n := range []int{100, 100_000} {
		tree := trace.Assemble(tracetest.Large(n, 1), trace.Options{})
		b.Run(fmt.Sprint(len(tree.Spans)), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				sink = trace.Print(tree, tracetest.Entity)
			}
		})
	}
}
