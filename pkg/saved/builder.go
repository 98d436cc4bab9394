package saved

import (
	"encoding/hex"
	"math"
	"strings"

	coltrace "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	common "go.opentelemetry.io/proto/otlp/common/v1"
	resource "go.opentelemetry.io/proto/otlp/resource/v1"
	tracev1 "go.opentelemetry.io/proto/otlp/trace/v1"
)

// builder makes OTLP of another format: spans by their resource and scope.
type builder struct {
	request coltrace.ExportTraceServiceRequest
	of      map[builderKey]*tracev1.ScopeSpans
	most    int // spans
	spans   int
	beyond  int
}

type builderKey struct{ resource, scope, version string }

func (r *reader) builder() *builder {
	return &builder{of: map[builderKey]*tracev1.ScopeSpans{}, most: r.room()}
}

// read reads what was built.
func (r *reader) built(b *builder) error {
	r.beyond += b.beyond
	return r.request(&b.request)
}

// full reports whether no more spans are read, and counts the one that is not.
func (b *builder) full() bool {
	if b.spans >= b.most {
		b.beyond++
		return true
	}
	return false
}

// add adds a span to the resource that the key stands for.
func (b *builder) add(s *tracev1.Span, key string, scope *common.InstrumentationScope, attributes func() []*common.KeyValue) {
	b.spans++
	k := builderKey{key, scope.GetName(), scope.GetVersion()}
	to := b.of[k]
	if to == nil {
		to = &tracev1.ScopeSpans{Scope: scope}
		b.of[k] = to
		b.request.ResourceSpans = append(b.request.ResourceSpans, &tracev1.ResourceSpans{Resource: &resource.Resource{Attributes: attributes()}, ScopeSpans: []*tracev1.ScopeSpans{to}})
	}
	to.Spans = append(to.Spans, s)
}

// id reads hex digits, with or without leading zeros; nil of "". What is none is kept as one
// byte, so that the reader of OTLP leaves the span out and says why.
func id(text string, size int) []byte {
	if text == "" {
		return nil
	}
	if len(text) < 2*size {
		text = strings.Repeat("0", 2*size-len(text)) + text
	}
	b, err := hex.DecodeString(text)
	if err != nil {
		return []byte{0}
	}
	return b
}

// nanoseconds of microseconds; 0, which is no time, of what is none.
func nanoseconds(micros float64) uint64 {
	if !(micros > 0) || micros > math.MaxInt64/1e3 {
		return 0
	}
	whole := uint64(micros)
	return whole*1000 + uint64(math.Round((micros-float64(whole))*1000))
}

// noService is what OpenTelemetry's collector writes for a resource without a name.
const noService = "OTLPResourceNoServiceName"

// serviceAttribute is the resource's name; nothing where it has none.
func serviceAttribute(name string) []*common.KeyValue {
	if name == "" || strings.EqualFold(name, noService) {
		return nil
	}
	return []*common.KeyValue{textAttribute("service.name", name)}
}

func textAttribute(key, value string) *common.KeyValue {
	return &common.KeyValue{Key: key, Value: textValue(value)}
}

func textValue(value string) *common.AnyValue {
	return &common.AnyValue{Value: &common.AnyValue_StringValue{StringValue: strings.ToValidUTF8(value, "\ufffd")}}
}

func wholeAttribute(key string, value int64) *common.KeyValue {
	return &common.KeyValue{Key: key, Value: &common.AnyValue{Value: &common.AnyValue_IntValue{IntValue: value}}}
}

// kinds are the span kinds as the tag span.kind and Zipkin have them, in lower case.
var kinds = map[string]tracev1.Span_SpanKind{
	"internal": tracev1.Span_SPAN_KIND_INTERNAL, "server": tracev1.Span_SPAN_KIND_SERVER, "client": tracev1.Span_SPAN_KIND_CLIENT,
	"producer": tracev1.Span_SPAN_KIND_PRODUCER, "consumer": tracev1.Span_SPAN_KIND_CONSUMER,
}

// takeTag takes a tag by which OpenTelemetry's exporters write a field of a span that Jaeger
// and Zipkin have none for; false for a tag like any other. Their specification:
// https://opentelemetry.io/docs/specs/otel/common/mapping-to-non-otlp/
func takeTag(s *tracev1.Span, scope *common.InstrumentationScope, key, value string) bool {
	switch key {
	case "span.kind":
		kind := kinds[strings.ToLower(value)]
		if kind != 0 {
			s.Kind = kind
		}
		return kind != 0
	case "otel.status_code":
		switch value {
		case "ERROR", "STATUS_CODE_ERROR": // the second as the collector writes it to Zipkin
			s.Status.Code = tracev1.Status_STATUS_CODE_ERROR
		case "OK", "STATUS_CODE_OK":
			s.Status.Code = tracev1.Status_STATUS_CODE_OK
		case "UNSET", "STATUS_CODE_UNSET":
		default:
			return false
		}
	case "otel.status_description":
		s.Status.Message = value
	case "w3c.tracestate":
		s.TraceState = value
	case "otel.scope.name":
		scope.Name = value
	case "otel.scope.version":
		scope.Version = value
	case "otel.library.name": // before version 1.10 of the specification, and still beside the name of today
		if scope.Name == "" {
			scope.Name = value
		}
	case "otel.library.version":
		if scope.Version == "" {
			scope.Version = value
		}
	default:
		return false
	}
	return true
}
