package tracetest

import "github.com/throughline-io/throughline/pkg/span"

// Large is one trace of at least n spans: the shop's handler goes through its work again
// and again.
func Large(n int, seed uint64) []*span.Span {
	const fixed = 7 // spans above the handler's work
	rounds := max(1, (n-fixed+len(reference)-fixed-1)/(len(reference)-fixed))
	return NewShop(seed).repeat(Epoch, rounds)
}

// Many is n traces of one shop, concurrency of them at a time, on shared connections.
func Many(n, concurrency int, seed uint64) [][]*span.Span {
	shop := NewShop(seed)
	traces := make([][]*span.Span, 0, n)
	next := make([]int64, max(1, concurrency))
	for k := range next {
		next[k] = Epoch + int64(k)*700*µs
	}
	for k := range n {
		at := &next[k%len(next)]
		t := shop.Trace(*at)
		*at = t[0].End() + shop.jitter(200*µs)
		traces = append(traces, t)
	}
	return traces
}
