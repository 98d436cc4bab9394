package document

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"go.opentelemetry.io/collector/pdata/ptrace"
	common "go.opentelemetry.io/proto/otlp/common/v1"
	resource "go.opentelemetry.io/proto/otlp/resource/v1"
	tracev1 "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/throughline-io/throughline/pkg/otlp"
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
		resource      uint64
		name, version string
		rest          string // of scope and resource
	}
	rests := map[string]string{}
	open := map[key]int{}
	var out [][]Item
	for _, item := range items {
		k := key{span.ResourceID(item.Resource), item.Span.ScopeName, item.Span.ScopeVersion, restOfScope(rests, item.Span.Rest)}
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

// restOfScope is the part of a span's rest that is of its scope and resource, as a text.
func restOfScope(known map[string]string, text string) string {
	of, ok := known[text]
	if !ok {
		if rest, err := span.ReadRest(text); err == nil { // one that cannot be read is an error later
			out, _ := json.Marshal(span.Rest{Scope: rest.Scope, Resource: rest.Resource}) // it was JSON
			of = string(out)
		}
		known[text] = of
	}
	return of
}

// Messages are the spans as OTLP's own messages, those of one resource and scope together.
func Messages(items []Item) (*tracev1.TracesData, error) {
	data := &tracev1.TracesData{}
	for _, group := range groups(items) {
		of, err := messages(group)
		if err != nil {
			return nil, err
		}
		data.ResourceSpans = append(data.ResourceSpans, of)
	}
	return data, nil
}

// messages is the ResourceSpans of items of one resource and scope.
func messages(items []Item) (*tracev1.ResourceSpans, error) {
	rest, err := span.ReadRest(items[0].Span.Rest)
	if err != nil {
		return nil, fmt.Errorf("span %s: %w", span.FormatID(items[0].Span.ID), err)
	}
	scope := &tracev1.ScopeSpans{
		Scope: &common.InstrumentationScope{
			Name: items[0].Span.ScopeName, Version: items[0].Span.ScopeVersion,
			Attributes: keyValues(rest.Scope.Attributes), DroppedAttributesCount: rest.Scope.Dropped,
		},
		SchemaUrl: rest.Scope.SchemaURL,
	}
	for _, item := range items {
		s, err := message(item.Span)
		if err != nil {
			return nil, fmt.Errorf("span %s: %w", span.FormatID(item.Span.ID), err)
		}
		scope.Spans = append(scope.Spans, s)
	}
	of := &resource.Resource{Attributes: keyValues(items[0].Resource), DroppedAttributesCount: rest.Resource.Dropped}
	for _, e := range rest.Resource.Entities {
		of.EntityRefs = append(of.EntityRefs, &common.EntityRef{SchemaUrl: e.SchemaURL, Type: e.Type, IdKeys: e.IDKeys, DescriptionKeys: e.DescriptionKeys})
	}
	return &tracev1.ResourceSpans{Resource: of, ScopeSpans: []*tracev1.ScopeSpans{scope}, SchemaUrl: rest.Resource.SchemaURL}, nil
}

// marshal is the ResourceSpans of items of one resource and scope, as JSON. The collector's
// library writes it: protojson has ids in base64, which OTLP's JSON has not.
func marshal(items []Item) ([]byte, error) {
	of, err := messages(items)
	if err != nil {
		return nil, err
	}
	binary, err := proto.Marshal(&tracev1.TracesData{ResourceSpans: []*tracev1.ResourceSpans{of}})
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
	rest, err := span.ReadRest(s.Rest)
	if err != nil {
		return nil, err
	}
	out := &tracev1.Span{
		TraceId: s.TraceID[:], SpanId: s.SpanID[:], TraceState: s.TraceState,
		Name: s.Endpoint, Kind: tracev1.Span_SpanKind(s.Kind),
		StartTimeUnixNano: uint64(s.Start), EndTimeUnixNano: uint64(s.End()),
		Attributes: keyValues(s.Attributes),
		Status:     &tracev1.Status{Code: tracev1.Status_StatusCode(otlp.StatusCode(s))},
		Flags:      rest.Flags, DroppedAttributesCount: rest.DroppedAttributes, DroppedEventsCount: rest.DroppedEvents, DroppedLinksCount: rest.DroppedLinks,
	}
	if rest.Kind != nil {
		out.Kind = tracev1.Span_SpanKind(*rest.Kind)
	}
	if rest.Status != nil {
		out.Status.Code = tracev1.Status_StatusCode(*rest.Status)
	}
	if rest.End != nil {
		out.EndTimeUnixNano = *rest.End
	}
	if !s.ParentSpanID.IsZero() {
		out.ParentSpanId = s.ParentSpanID[:]
	}
	told := out.Status.Code == tracev1.Status_STATUS_CODE_ERROR || s.StatusMessage != exceptionText(s, events)
	if rest.Message != nil {
		told = *rest.Message
	}
	if told {
		out.Status.Message = s.StatusMessage
	}
	for _, e := range events {
		out.Events = append(out.Events, &tracev1.Span_Event{TimeUnixNano: uint64(e.Time), Name: e.Name, Attributes: keyValues(e.Attributes), DroppedAttributesCount: e.Dropped})
	}
	for _, l := range links {
		out.Links = append(out.Links, &tracev1.Span_Link{
			TraceId: l.TraceID[:], SpanId: l.SpanID[:], TraceState: l.TraceState, Attributes: keyValues(l.Attributes),
			DroppedAttributesCount: l.Dropped, Flags: l.Flags,
		})
	}
	return out, nil
}
