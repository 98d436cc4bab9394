package saved

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	common "go.opentelemetry.io/proto/otlp/common/v1"
	tracev1 "go.opentelemetry.io/proto/otlp/trace/v1"
)

// A span as Jaeger's query API answers it and its page saves it. Times are microseconds.
type jaegerSpan struct {
	TraceID       string            `json:"traceID"`
	SpanID        string            `json:"spanID"`
	ParentSpanID  string            `json:"parentSpanID"` // of Jaeger's storage, and of its first versions
	OperationName string            `json:"operationName"`
	References    []jaegerReference `json:"references"`
	StartTime     float64           `json:"startTime"`
	Duration      float64           `json:"duration"`
	Tags          []jaegerTag       `json:"tags"`
	Logs          []jaegerLog       `json:"logs"`
	ProcessID     string            `json:"processID"`
	Process       *jaegerProcess    `json:"process"` // of Jaeger's storage
	Warnings      []string          `json:"warnings"`
}

type jaegerReference struct {
	RefType string `json:"refType"`
	TraceID string `json:"traceID"`
	SpanID  string `json:"spanID"`
}

type jaegerTag struct {
	Key   string          `json:"key"`
	Type  string          `json:"type"`
	Value json.RawMessage `json:"value"`
}

type jaegerLog struct {
	Timestamp float64     `json:"timestamp"`
	Fields    []jaegerTag `json:"fields"`
}

type jaegerProcess struct {
	ServiceName string      `json:"serviceName"`
	Tags        []jaegerTag `json:"tags"`
}

// jaeger reads an answer of the API, {"data":[trace]}, one trace, or spans as they lie in
// Jaeger's storage.
func (r *reader) jaeger(n node) error {
	b := r.builder()
	err := r.jaegerTraces(b, n, "")
	if err != nil {
		return err
	}
	return r.built(b)
}

func (r *reader) jaegerTraces(b *builder, n node, path string) error {
	if n.is('[') && strings.Count(path, "[") < 2 {
		k := 0
		for m := range n.members() {
			if err := r.jaegerTraces(b, m.node, fmt.Sprintf("%s[%d]", path, k)); err != nil {
				return err
			}
			k++
		}
		return nil
	}
	if !n.is('{') {
		return r.unreadable(n.at, fmt.Errorf("%s is no trace", path))
	}
	data, wrapped := n.member("data")
	if wrapped && path == "" {
		return r.jaegerTraces(b, data, "data")
	}
	spans, ok := n.member("spans")
	if !ok {
		return r.jaegerSpan(b, n, path, "", nil)
	}
	return r.jaegerTrace(b, n, spans, strings.TrimPrefix(path+".spans", "."))
}

func (r *reader) jaegerTrace(b *builder, n, spans node, path string) error {
	var whole struct {
		TraceID   string                   `json:"traceID"`
		Processes map[string]jaegerProcess `json:"processes"`
	}
	if err := r.decode(n, strings.TrimSuffix(path, ".spans"), &whole); err != nil {
		return err
	}
	k := 0
	for m := range spans.members() {
		if err := r.jaegerSpan(b, m.node, fmt.Sprintf("%s[%d]", path, k), whole.TraceID, whole.Processes); err != nil {
			return err
		}
		k++
	}
	return nil
}

func (r *reader) jaegerSpan(b *builder, n node, path, traceID string, processes map[string]jaegerProcess) error {
	if b.full() {
		return nil
	}
	var s jaegerSpan
	if err := r.decode(n, path, &s); err != nil {
		return err
	}
	if s.TraceID == "" {
		s.TraceID = traceID
	}
	process, key := s.Process, s.TraceID+" "+s.ProcessID
	if process == nil {
		known := processes[s.ProcessID]
		process = &known
	} else {
		text, _ := json.Marshal(process) // it was JSON before
		key = string(text)
	}
	scope := &common.InstrumentationScope{}
	b.add(s.span(scope), key, scope, process.attributes)
	return nil
}

func (p *jaegerProcess) attributes() []*common.KeyValue {
	list := serviceAttribute(p.ServiceName)
	for _, t := range p.Tags {
		a := t.attribute()
		if a.Key == "hostname" { // of Jaeger's own clients
			a.Key = "host.name"
		}
		list = append(list, a)
	}
	return list
}

func (s *jaegerSpan) span(scope *common.InstrumentationScope) *tracev1.Span {
	start := nanoseconds(s.StartTime)
	out := &tracev1.Span{
		TraceId: id(s.TraceID, 16), SpanId: id(s.SpanID, 8), Name: strings.ToValidUTF8(s.OperationName, "\ufffd"),
		StartTimeUnixNano: start, EndTimeUnixNano: start + nanoseconds(s.Duration), Status: &tracev1.Status{},
	}
	s.refer(out)
	for _, t := range s.Tags {
		if t.Key == "error" && t.text() == "true" && out.Status.Code == tracev1.Status_STATUS_CODE_UNSET {
			out.Status.Code = tracev1.Status_STATUS_CODE_ERROR
			continue
		}
		if t.Key == "error" && (t.text() == "false" || t.text() == "true") || takeTag(out, scope, t.Key, t.text()) {
			continue
		}
		out.Attributes = append(out.Attributes, t.attribute())
	}
	if len(s.Warnings) > 0 {
		list := &common.ArrayValue{}
		for _, w := range s.Warnings {
			list.Values = append(list.Values, textValue(w))
		}
		out.Attributes = append(out.Attributes, &common.KeyValue{Key: "jaeger.warnings", Value: &common.AnyValue{Value: &common.AnyValue_ArrayValue{ArrayValue: list}}})
	}
	for _, l := range s.Logs {
		out.Events = append(out.Events, l.event())
	}
	return out
}

// refer sets parent and links. The parent is the first span of the trace that this one is the
// child of; else the first that it follows.
func (s *jaegerSpan) refer(out *tracev1.Span) {
	parent := -1
	for k, ref := range s.References {
		if sameID(ref.TraceID, s.TraceID) && (parent < 0 || ref.RefType == "CHILD_OF" && s.References[parent].RefType != "CHILD_OF") {
			parent = k
		}
	}
	if parent >= 0 {
		out.ParentSpanId = id(s.References[parent].SpanID, 8)
	} else if strings.Trim(s.ParentSpanID, "0") != "" {
		out.ParentSpanId = id(s.ParentSpanID, 8)
	}
	for k, ref := range s.References {
		if k != parent {
			out.Links = append(out.Links, &tracev1.Span_Link{
				TraceId: id(ref.TraceID, 16), SpanId: id(ref.SpanID, 8),
				Attributes: []*common.KeyValue{textAttribute("opentracing.ref_type", strings.ToLower(ref.RefType))},
			})
		}
	}
}

// sameID compares ids with and without leading zeros.
func sameID(a, b string) bool {
	return strings.EqualFold(strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0"))
}

// event is a log as OpenTelemetry's compatibility with OpenTracing has it: one with the event
// "error" is an exception.
func (l jaegerLog) event() *tracev1.Span_Event {
	e := &tracev1.Span_Event{TimeUnixNano: nanoseconds(l.Timestamp)}
	for _, f := range l.Fields {
		if f.Key == "event" && e.Name == "" {
			e.Name = f.text()
			continue
		}
		e.Attributes = append(e.Attributes, f.attribute())
	}
	if e.Name != "error" {
		return e
	}
	e.Name = "exception"
	for _, a := range e.Attributes {
		switch a.Key {
		case "error.kind":
			a.Key = "exception.type"
		case "message":
			a.Key = "exception.message"
		case "stack":
			a.Key = "exception.stacktrace"
		}
	}
	return e
}

// text is a tag's value as text.
func (t jaegerTag) text() string {
	var s string
	if json.Unmarshal(t.Value, &s) == nil {
		return strings.ToValidUTF8(s, "\ufffd")
	}
	return strings.ToValidUTF8(string(t.Value), "\ufffd")
}

// attribute is a tag with its type; a number may be written as text, as JavaScript rounds what
// has more than 53 bits.
func (t jaegerTag) attribute() *common.KeyValue {
	key, text := strings.ToValidUTF8(t.Key, "\ufffd"), t.text()
	quoted := len(t.Value) > 0 && t.Value[0] == '"'
	switch {
	case t.Type == "bool" || t.Type == "" && !quoted:
		if v, err := strconv.ParseBool(text); err == nil {
			return &common.KeyValue{Key: key, Value: &common.AnyValue{Value: &common.AnyValue_BoolValue{BoolValue: v}}}
		}
	case t.Type == "binary":
		if v, err := base64.StdEncoding.DecodeString(text); err == nil {
			return &common.KeyValue{Key: key, Value: &common.AnyValue{Value: &common.AnyValue_BytesValue{BytesValue: v}}}
		}
	}
	if t.Type == "int64" || t.Type == "" && !quoted {
		if v, err := strconv.ParseInt(text, 10, 64); err == nil {
			return wholeAttribute(key, v)
		}
	}
	if t.Type == "float64" || t.Type == "int64" || t.Type == "" && !quoted {
		if v, err := strconv.ParseFloat(text, 64); err == nil {
			return &common.KeyValue{Key: key, Value: &common.AnyValue{Value: &common.AnyValue_DoubleValue{DoubleValue: v}}}
		}
	}
	return textAttribute(key, text)
}
