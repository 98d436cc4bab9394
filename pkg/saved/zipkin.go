package saved

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	common "go.opentelemetry.io/proto/otlp/common/v1"
	tracev1 "go.opentelemetry.io/proto/otlp/trace/v1"
)

// A span of Zipkin's API, version 2. Times are microseconds.
type zipkinSpan struct {
	TraceID        string             `json:"traceId"`
	ID             string             `json:"id"`
	ParentID       string             `json:"parentId"`
	Name           string             `json:"name"`
	Kind           string             `json:"kind"`
	Timestamp      float64            `json:"timestamp"`
	Duration       float64            `json:"duration"`
	LocalEndpoint  zipkinEndpoint     `json:"localEndpoint"`
	RemoteEndpoint zipkinEndpoint     `json:"remoteEndpoint"`
	Annotations    []zipkinAnnotation `json:"annotations"`
	Tags           map[string]string  `json:"tags"`
	Shared         bool               `json:"shared"`
}

type zipkinEndpoint struct {
	ServiceName string  `json:"serviceName"`
	IPv4        string  `json:"ipv4"`
	IPv6        string  `json:"ipv6"`
	Port        float64 `json:"port"`
}

type zipkinAnnotation struct {
	Timestamp float64 `json:"timestamp"`
	Value     string  `json:"value"`
}

// zipkin reads a list of spans, a list of traces which are lists of them, or one span.
func (r *reader) zipkin(n node) error {
	b := r.builder()
	if err := r.zipkinSpans(b, n, ""); err != nil {
		return err
	}
	return r.built(b)
}

func (r *reader) zipkinSpans(b *builder, n node, path string) error {
	if n.is('[') && strings.Count(path, "[") < 2 {
		k := 0
		for m := range n.members() {
			if err := r.zipkinSpans(b, m.node, fmt.Sprintf("%s[%d]", path, k)); err != nil {
				return err
			}
			k++
		}
		return nil
	}
	if !n.is('{') {
		return r.unreadable(n.at, fmt.Errorf("%s is no span", path))
	}
	if b.full() {
		return nil
	}
	var s zipkinSpan
	if err := r.decode(n, path, &s); err != nil {
		return err
	}
	service := s.LocalEndpoint.ServiceName
	scope := &common.InstrumentationScope{}
	b.add(s.span(scope), service, scope, func() []*common.KeyValue { return serviceAttribute(service) })
	return nil
}

func (s *zipkinSpan) span(scope *common.InstrumentationScope) *tracev1.Span {
	if s.Timestamp == 0 && len(s.Annotations) > 0 { // who joined a span late knows only when something happened
		s.Timestamp = slices.MinFunc(s.Annotations, func(a, b zipkinAnnotation) int { return int(a.Timestamp - b.Timestamp) }).Timestamp
	}
	start := nanoseconds(s.Timestamp)
	out := &tracev1.Span{
		TraceId: id(s.TraceID, 16), SpanId: id(s.ID, 8), ParentSpanId: id(s.ParentID, 8), Name: s.Name, Kind: kinds[strings.ToLower(s.Kind)],
		StartTimeUnixNano: start, EndTimeUnixNano: start + nanoseconds(s.Duration), Status: &tracev1.Status{},
	}
	out.Attributes = append(s.LocalEndpoint.attributes("network.local."), s.RemoteEndpoint.attributes("network.peer.")...)
	if peer := s.RemoteEndpoint.ServiceName; peer != "" {
		out.Attributes = append(out.Attributes, textAttribute("peer.service", peer))
	}
	for _, key := range slices.Sorted(maps.Keys(s.Tags)) {
		value := s.Tags[key]
		switch {
		case key == "error": // that it is there says that the span failed; its value may say why
			out.Status.Code = tracev1.Status_STATUS_CODE_ERROR
			if out.Status.Message == "" && value != "true" && value != "false" {
				out.Status.Message = value
			}
		case takeTag(out, scope, key, value), takeLink(out, key, value):
		default:
			out.Attributes = append(out.Attributes, textAttribute(key, value))
		}
	}
	for _, a := range s.Annotations {
		out.Events = append(out.Events, a.event())
	}
	return out
}

// attributes of an endpoint, its address and port, under the names that begin with side.
func (e zipkinEndpoint) attributes(side string) (list []*common.KeyValue) {
	for _, address := range []string{e.IPv4, e.IPv6} {
		if address != "" {
			list = append(list, textAttribute(side+"address", address))
			break
		}
	}
	if e.Port > 0 {
		list = append(list, wholeAttribute(side+"port", int64(e.Port)))
	}
	return list
}

// event is an annotation. OpenTelemetry's collector writes the attributes of an event behind
// its name: name|{"key":"value"}|0, the number of dropped ones last.
func (a zipkinAnnotation) event() *tracev1.Span_Event {
	e := &tracev1.Span_Event{TimeUnixNano: nanoseconds(a.Timestamp), Name: a.Value}
	first, last := strings.Index(a.Value, "|{"), strings.LastIndex(a.Value, "}|")
	if first < 0 || last < first {
		return e
	}
	var attributes map[string]json.RawMessage
	dropped, err := strconv.ParseUint(a.Value[last+2:], 10, 32)
	if err != nil || json.Unmarshal([]byte(a.Value[first+1:last+1]), &attributes) != nil {
		return e
	}
	e.Name, e.DroppedAttributesCount = a.Value[:first], uint32(dropped)
	for _, key := range slices.Sorted(maps.Keys(attributes)) {
		e.Attributes = append(e.Attributes, jaegerTag{Key: key, Value: attributes[key]}.attribute())
	}
	return e
}

// takeLink takes a tag by which OpenTelemetry's collector writes a link:
// otlp.link.0 = trace id|span id|trace state|attributes as JSON|dropped.
func takeLink(s *tracev1.Span, key, value string) bool {
	if !strings.HasPrefix(key, "otlp.link.") {
		return false
	}
	parts := strings.SplitN(value, "|", 4)
	if len(parts) < 4 {
		return false
	}
	link := &tracev1.Span_Link{TraceId: id(parts[0], 16), SpanId: id(parts[1], 8), TraceState: parts[2]}
	end := strings.LastIndexByte(parts[3], '|')
	var attributes map[string]json.RawMessage
	if end < 0 || json.Unmarshal([]byte(parts[3][:end]), &attributes) != nil {
		return false
	}
	for _, key := range slices.Sorted(maps.Keys(attributes)) {
		link.Attributes = append(link.Attributes, jaegerTag{Key: key, Value: attributes[key]}.attribute())
	}
	s.Links = append(s.Links, link)
	return true
}
