package document

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"go.opentelemetry.io/collector/pdata/ptrace"
	common "go.opentelemetry.io/proto/otlp/common/v1"
	resource "go.opentelemetry.io/proto/otlp/resource/v1"
	tracev1 "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/throughline-io/throughline/pkg/span"
)

// Item is a span with the attributes of its resource.
type Item struct {
	Span     *span.Span
	Resource []span.Attribute
}

// chunk is how many spans are made objects of at a time, so that a large trace is written in
// little memory. A resource with more spans than that stands in the document several times.
const chunk = 1000

const (
	head = `{"resourceSpans":[`
	tail = `]}`
)

// Write writes the spans, those of one resource and scope together, in their order.
func Write(w io.Writer, items []Item) error {
	if _, err := io.WriteString(w, head); err != nil {
		return err
	}
	first := true
	for _, group := range groups(items) {
		text, err := marshal(group)
		if err != nil {
			return err
		}
		if !first {
			text = append([]byte{','}, text...)
		}
		first = false
		if _, err := w.Write(text); err != nil {
			return err
		}
	}
	_, err := io.WriteString(w, tail)
	return err
}

// groups are the items by resource and scope, no more than a chunk in each, in the order in
// which each begins.
func groups(items []Item) [][]Item {
	type key struct {
		resource    uint64
		name, scope string
	}
	open := map[key]int{}
	var out [][]Item
	for _, item := range items {
		k := key{span.ResourceID(item.Resource), item.Span.ScopeName, item.Span.ScopeVersion}
		at, ok := open[k]
		if !ok || len(out[at]) == chunk {
			at = len(out)
			open[k] = at
			out = append(out, nil)
		}
		out[at] = append(out[at], item)
	}
	return out
}

// marshal is the ResourceSpans of items of one resource and scope, as JSON. The collector's
// library writes it: protojson has ids in base64, which OTLP's JSON has not.
func marshal(items []Item) ([]byte, error) {
	scope := &tracev1.ScopeSpans{Scope: &common.InstrumentationScope{Name: items[0].Span.ScopeName, Version: items[0].Span.ScopeVersion}}
	for _, item := range items {
		s, err := message(item.Span)
		if err != nil {
			return nil, fmt.Errorf("span %s: %w", span.FormatID(item.Span.ID), err)
		}
		scope.Spans = append(scope.Spans, s)
	}
	binary, err := proto.Marshal(&tracev1.TracesData{ResourceSpans: []*tracev1.ResourceSpans{{
		Resource:   &resource.Resource{Attributes: keyValues(items[0].Resource)},
		ScopeSpans: []*tracev1.ScopeSpans{scope},
	}}})
	if err != nil {
		return nil, err
	}
	traces, err := new(ptrace.ProtoUnmarshaler).UnmarshalTraces(binary)
	if err != nil {
		return nil, err
	}
	text, err := new(ptrace.JSONMarshaler).MarshalTraces(traces)
	if err != nil {
		return nil, err
	}
	text, found := bytes.CutPrefix(text, []byte(head))
	text, closed := bytes.CutSuffix(text, []byte(tail))
	if !found || !closed {
		return nil, errors.New("the library writes OTLP in another way than was expected")
	}
	return text, nil
}

func message(s *span.Span) (*tracev1.Span, error) {
	events, err := span.ReadEvents(s.Events)
	if err != nil {
		return nil, err
	}
	links, err := span.ReadLinks(s.Links)
	if err != nil {
		return nil, err
	}
	out := &tracev1.Span{
		TraceId: s.TraceID[:], SpanId: s.SpanID[:], TraceState: s.TraceState,
		Name: s.Endpoint, Kind: tracev1.Span_SpanKind(s.Kind),
		StartTimeUnixNano: uint64(s.Start), EndTimeUnixNano: uint64(s.End()),
		Attributes: keyValues(s.Attributes),
		Status:     &tracev1.Status{Code: statusCode(s)},
	}
	if !s.ParentSpanID.IsZero() {
		out.ParentSpanId = s.ParentSpanID[:]
	}
	if out.Status.Code == tracev1.Status_STATUS_CODE_ERROR || s.StatusMessage != exceptionText(s, events) {
		out.Status.Message = s.StatusMessage
	}
	for _, e := range events {
		out.Events = append(out.Events, &tracev1.Span_Event{TimeUnixNano: uint64(e.Time), Name: e.Name, Attributes: keyValues(e.Attributes)})
	}
	for _, l := range links {
		out.Links = append(out.Links, &tracev1.Span_Link{TraceId: l.TraceID[:], SpanId: l.SpanID[:], TraceState: l.TraceState, Attributes: keyValues(l.Attributes)})
	}
	return out, nil
}
