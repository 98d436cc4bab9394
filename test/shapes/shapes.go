package shapes

import (
	"fmt"
	"time"

	coltrace "go.opentelemetry.io/proto/otlp/collector/trace/v1"

	"github.com/throughline-io/throughline/pkg/span"
)

// Size is how much of the large shapes is made. The other shapes have one size.
type Size uint8

const (
	Full  Size = iota // up to 100,000 spans
	Small             // some hundred spans of the same structure: what a golden file can hold
)

// of is n in the full size.
func (s Size) of(full, small int) int {
	if s == Small {
		return small
	}
	return full
}

// shape makes the traces of a shape, the first of which begins at base.
type shape struct {
	name string
	make func(m *maker)
}

// all is every shape, those that are met most often first.
var all = []shape{
	{"demo", func(m *maker) { checkout(m.trace(0), order{}) }},
	{"demoslow", func(m *maker) { checkout(m.trace(0), order{slower: 900}) }},
	{"demofail", func(m *maker) { checkout(m.trace(0), order{fails: true}) }},
	{"kafka", kafka},
	{"async", async},
	{"genai", genAI},
	{"nplus1", nPlus1},
	{"retry", retry},
	{"fanout", fanOut},
	{"three", three},
	{"one", one},
	{"consumerroot", consumerRoot},
	{"skew", skew},
	{"orphans", orphans},
	{"names", names},
	{"zero", zero},
	{"allzero", allZero},
	{"long", long},
	{"deep", deep},
	{"siblings", siblings},
	{"big", big},
	{"big100k", big100k},
}

// Names lists the shapes.
func Names() []string {
	names := make([]string, len(all))
	for i, s := range all {
		names[i] = s.name
	}
	return names
}

// Large reports whether a shape has thousands of spans in its full size.
func Large(name string) bool {
	switch name {
	case "deep", "siblings", "big", "big100k":
		return true
	}
	return false
}

// Make gives the requests that bring a shape, whose first span starts at base. It panics
// for a name that is not one of Names.
func Make(name string, base time.Time, size Size) []*coltrace.ExportTraceServiceRequest {
	var requests []*coltrace.ExportTraceServiceRequest
	for _, t := range made(name, base, size) {
		requests = append(requests, t.requests()...)
	}
	return requests
}

// TraceIDs are the ids of a shape's traces, in the order of Spans.
func TraceIDs(name string, base time.Time) []span.TraceID {
	var ids []span.TraceID
	for _, t := range made(name, base, Small) { // the ids are the same for every size
		ids = append(ids, t.id)
	}
	return ids
}

// Lasts is the time from a shape's base to the end of its last span.
func Lasts(name string, base time.Time, size Size) time.Duration {
	last := base.UnixNano()
	for _, t := range made(name, base, size) {
		for _, s := range t.spans {
			last = max(last, int64(s.EndTimeUnixNano))
		}
	}
	return time.Duration(last - base.UnixNano())
}

func made(name string, base time.Time, size Size) []*trace {
	for _, s := range all {
		if s.name == name {
			m := newMaker(name, base, size)
			s.make(m)
			return m.traces
		}
	}
	panic(fmt.Sprintf("BUG: no shape is called %q: there are %q", name, Names()))
}
