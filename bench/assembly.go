package main

import (
	"fmt"
	"time"

	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/trace"
	"github.com/throughline-io/throughline/pkg/trace/tracetest"
)

func assembly() error {
	fmt.Printf("\nassembly of one trace\n%10s %12s %12s %14s\n", "spans", "p50", "p95", "ns per span")
	for _, n := range []int{100, 10_000, 100_000} {
		spans := tracetest.WebShop(1)
		if n > 100 {
			spans = tracetest.Large(n, 1)
		}
		runs := max(7, 20_000/n)
		var took durations
		for range runs {
			again := append([]*span.Span(nil), spans...)
			began := time.Now()
			t := trace.Assemble(again, trace.Options{})
			took = append(took, time.Since(began))
			if len(t.Roots) != 1 {
				return fmt.Errorf("%d spans gave %d roots, want 1", n, len(t.Roots))
			}
		}
		fmt.Printf("%10d %12v %12v %14.0f\n", len(spans), took.at(0.5), took.at(0.95), float64(took.at(0.5))/float64(len(spans)))
	}
	return nil
}
