package main

import (
	"context"
	"fmt"
)

// otlp measures each way of sending against programs of their own: a real agent, which takes the
// spans to a real server with the embedded store, or a peer.
func otlp(ctx context.Context, o options) error {
	for _, s := range sendings {
		if !o.wants("otlp", s.name) {
			continue
		}
		if err := s.measure(ctx, o); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
	}
	return nil
}

func (s sending) measure(ctx context.Context, o options) error {
	b, err := o.bed(ctx)
	if err != nil {
		return err
	}
	defer b.close()
	requests := s.requests(o.spans)
	pace := "as fast as they are answered"
	if s.rate > 0 {
		pace = fmt.Sprintf("%d spans a second", s.rate)
	}
	sample, err := newExporter(s.spans, 0)
	if err != nil {
		return err
	}
	fmt.Printf("\notlp/%s: %d spans, %d a request of %d bytes, %d connections, %s, each answered when its spans are on disk\n",
		s.name, requests*s.spans, s.spans, len(sample.body), s.connections, pace)
	var took durations
	err = b.measure(ctx, requests*s.spans, func() (err error) {
		took, err = s.send(ctx, b.otlp, requests)
		return err
	})
	if err == nil {
		fmt.Printf("answered after p50 %v, p99 %v\n", took.at(0.5), took.at(0.99))
	}
	return err
}
