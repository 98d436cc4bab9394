package otlptrace_test

import (
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/throughline-io/throughline/pkg/otlp/document"
	"github.com/throughline-io/throughline/pkg/otlptrace"
	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/trace"
	"github.com/throughline-io/throughline/pkg/trace/tracetest"
)

// With the parents that were found, the 100 spans are one tree to whoever knows nothing but
// OpenTelemetry's parents; without, code keeps those that it was sent with.
func TestTheTreeInOpenTelemetrysWords(t *testing.T) {
	t.Parallel()
	spans := tracetest.WebShop(3)
	tree := trace.Assemble(spans, trace.Options{})
	own := otlptrace.SpanIDs(tree)
	at := map[*span.Span]int{}
	for i, s := range tree.Spans {
		at[s] = i
	}
	for _, parents := range []bool{true, false} {
		of := otlptrace.Trace{Tree: tree, Entities: tracetest.Entity, Parents: parents}
		items := of.Items()
		for i, p := range tracetest.Parents() {
			item := items[at[spans[i]]].Span
			want := span.SpanID{}
			if p >= 0 {
				want = own[at[spans[p]]]
			}
			if !parents && spans[i].Source == span.APP {
				want = spans[i].ParentSpanID
			}
			if item.ParentSpanID != want || item.SpanID != own[at[spans[i]]] || item.TraceID != of.ID() {
				t.Errorf("parents %v: span %d has id %s, parent %s and trace %s, want parent %s", parents, i+1, item.SpanID, item.ParentSpanID, item.TraceID, want)
			}
		}
		data, err := document.Messages(items)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for _, r := range data.ResourceSpans {
			for _, s := range r.ScopeSpans {
				n += len(s.Spans)
			}
		}
		if _, err := proto.Marshal(data); err != nil || n != 100 {
			t.Errorf("%d spans in the messages, error %v", n, err)
		}
	}
}

// The parent that code named, and why it has another one, are said.
func TestCodeSaysWhichParentItNamed(t *testing.T) {
	t.Parallel()
	spans := tracetest.WebShop(3)
	of := otlptrace.Trace{Tree: trace.Assemble(spans, trace.Options{}), Entities: tracetest.Entity, Parents: true}
	said := 0
	for _, item := range of.Items() {
		for _, a := range item.Span.Attributes {
			if a.Key == otlptrace.ParentAttribute {
				said++
			}
		}
	}
	if said != 7 { // the handlers of the seven calls that carry a trace context
		t.Errorf("%d spans of code say that they named another parent, want 7", said)
	}
	for _, s := range spans {
		if s.Source == span.APP && len(s.Attributes) > 0 {
			t.Fatal("the span of the trace was changed")
		}
	}
}
