package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	coltrace "go.opentelemetry.io/proto/otlp/collector/trace/v1"

	"github.com/throughline-io/throughline/test/shapes"
)

// Which of package shapes' traces the fixture stores when it starts.
const (
	shapesNone  = "none"
	shapesUsual = "usual" // all but the large ones, which a test asks for by control
	shapesAll   = "all"
)

// usualCheckouts is how many ordinary checkouts there are before the one that is slow, so
// that it can be compared with what is usual.
const usualCheckouts = 6

// shop is what was stored of package shapes: trace ids, by shape. Shapes have a namespace of
// their own, and were sent as OpenTelemetry's SDKs do, through a real agent.
type shop map[string][]string

// open stores the shapes that were asked for, spread over the range from begin on.
func (s shop) open(ctx context.Context, server, dir, which string, begin time.Time) error {
	var names []string
	switch which {
	case shapesNone:
		return nil
	case shapesUsual, shapesAll:
		for range usualCheckouts {
			names = append(names, "demo")
		}
		for _, name := range shapes.Names() {
			if name != "demo" && (which == shapesAll || !shapes.Large(name)) {
				names = append(names, name)
			}
		}
	default:
		return fmt.Errorf("-shapes %q: want %s, %s or %s", which, shapesNone, shapesUsual, shapesAll)
	}
	at := make([]time.Time, len(names))
	for k := range names {
		at[k] = begin.Add(fixtureRange * time.Duration(k) / time.Duration(len(names)))
	}
	return s.store(ctx, server, dir, names, at)
}

// store sends shapes, each from its time on, or earlier where it would not have ended by now.
func (s shop) store(ctx context.Context, server, dir string, names []string, at []time.Time) (err error) {
	c, err := startCollector(ctx, server, dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.close()) }()
	var requests []*coltrace.ExportTraceServiceRequest
	for k, name := range names {
		base := begun(name, at[k])
		requests = append(requests, shapes.Make(name, base, shapes.Full)...)
		s.add(name, base)
	}
	return c.send(ctx, requests)
}

// begun is the time a shape begins: it has ended a while ago.
func begun(name string, at time.Time) time.Time {
	last := time.Now().Add(-5*time.Second - shapes.Lasts(name, at, shapes.Full))
	if at.After(last) {
		return last
	}
	return at
}

// add notes a shape's traces, those of the same shape that were stored before behind them.
func (s shop) add(name string, base time.Time) {
	var ids []string
	for _, id := range shapes.TraceIDs(name, base) {
		ids = append(ids, id.String())
	}
	s[name] = slices.Concat(ids, s[name])
}
