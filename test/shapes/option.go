package shapes

import (
	"fmt"

	common "go.opentelemetry.io/proto/otlp/common/v1"
	otlp "go.opentelemetry.io/proto/otlp/trace/v1"
)

// option gives a span what not every span has.
type option func(s *sent)

// attributes takes keys and values in turn: strings, ints, floats, bools.
func attributes(pairs ...any) option {
	return func(s *sent) { s.Attributes = append(s.Attributes, keyValues(pairs)...) }
}

// failed sets the status ERROR with its message.
func failed(message string) option {
	return func(s *sent) { s.Status = &otlp.Status{Code: otlp.Status_STATUS_CODE_ERROR, Message: message} }
}

// event is one so many milliseconds after the span's start.
func event(after float64, name string, pairs ...any) option {
	return func(s *sent) {
		s.Events = append(s.Events, &otlp.Span_Event{TimeUnixNano: s.StartTimeUnixNano + uint64(nanoseconds(after)), Name: name, Attributes: keyValues(pairs)})
	}
}

// exception is the event that SDKs record for one.
func exception(after float64, class, message string) option {
	return event(after, "exception", "exception.type", class, "exception.message", message, "exception.stacktrace", stack(class, message), "exception.escaped", false)
}

// linkTo links the span to another trace's.
func linkTo(traceID, spanID []byte, pairs ...any) option {
	return func(s *sent) {
		s.Links = append(s.Links, &otlp.Span_Link{TraceId: traceID, SpanId: spanID, Attributes: keyValues(pairs)})
	}
}

// on says which host the span's process runs on, where it is not its service's own.
func on(host string) option { return func(s *sent) { s.host = host } }

// under gives the span a parent that nobody sends.
func under(parent []byte) option { return func(s *sent) { s.ParentSpanId = parent } }

func keyValues(pairs []any) []*common.KeyValue {
	list := make([]*common.KeyValue, 0, len(pairs)/2)
	for i := 0; i < len(pairs); i += 2 {
		list = append(list, &common.KeyValue{Key: pairs[i].(string), Value: anyValue(pairs[i+1])})
	}
	return list
}

func anyValue(v any) *common.AnyValue {
	switch v := v.(type) {
	case string:
		return &common.AnyValue{Value: &common.AnyValue_StringValue{StringValue: v}}
	case int:
		return &common.AnyValue{Value: &common.AnyValue_IntValue{IntValue: int64(v)}}
	case float64:
		return &common.AnyValue{Value: &common.AnyValue_DoubleValue{DoubleValue: v}}
	case bool:
		return &common.AnyValue{Value: &common.AnyValue_BoolValue{BoolValue: v}}
	}
	panic(fmt.Sprintf("BUG: an attribute's value is a %T", v))
}
