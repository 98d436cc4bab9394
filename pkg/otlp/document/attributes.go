package document

import (
	"encoding/base64"
	"encoding/json"
	"math"
	"strconv"
	"strings"

	common "go.opentelemetry.io/proto/otlp/common/v1"

	"github.com/throughline-io/throughline/pkg/span"
)

// keyValues keeps types, order, and two values of one key.
func keyValues(list []span.Attribute) []*common.KeyValue {
	out := make([]*common.KeyValue, 0, len(list))
	for _, a := range list {
		out = append(out, &common.KeyValue{Key: a.Key, Value: anyValue(a)})
	}
	return out
}

// anyValue is the value with its type; a text that is none of its type stays text.
func anyValue(a span.Attribute) *common.AnyValue {
	switch a.Type {
	case span.AttributeBool:
		if v, err := strconv.ParseBool(a.Value); err == nil {
			return &common.AnyValue{Value: &common.AnyValue_BoolValue{BoolValue: v}}
		}
	case span.AttributeInt:
		if v, err := strconv.ParseInt(a.Value, 10, 64); err == nil {
			return integer(v)
		}
	case span.AttributeDouble:
		if v, ok := parseDouble(a.Value); ok {
			return double(v)
		}
	case span.AttributeBytes:
		if v, err := base64.StdEncoding.DecodeString(a.Value); err == nil {
			return &common.AnyValue{Value: &common.AnyValue_BytesValue{BytesValue: v}}
		}
	case span.AttributeJSON:
		if v, err := valueOfJSON(a.Value); err == nil {
			return v
		}
	}
	return text(a.Value)
}

func text(v string) *common.AnyValue {
	return &common.AnyValue{Value: &common.AnyValue_StringValue{StringValue: v}}
}

func integer(v int64) *common.AnyValue {
	return &common.AnyValue{Value: &common.AnyValue_IntValue{IntValue: v}}
}

func double(v float64) *common.AnyValue {
	return &common.AnyValue{Value: &common.AnyValue_DoubleValue{DoubleValue: v}}
}

// parseDouble reads also the numbers that JSON has none for.
func parseDouble(text string) (float64, bool) {
	switch text {
	case "NaN":
		return math.NaN(), true
	case "Infinity":
		return math.Inf(1), true
	case "-Infinity":
		return math.Inf(-1), true
	}
	v, err := strconv.ParseFloat(text, 64)
	return v, err == nil
}

// valueOfJSON is an array or a map that is kept as JSON.
func valueOfJSON(text string) (*common.AnyValue, error) {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	return nextValue(d)
}

// nextValue reads a value, arrays and objects with all that is in them. The reader of OTLP
// cuts off what lies too deep, so this ends.
func nextValue(d *json.Decoder) (*common.AnyValue, error) {
	token, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch v := token.(type) {
	case string:
		return text(v), nil
	case bool:
		return &common.AnyValue{Value: &common.AnyValue_BoolValue{BoolValue: v}}, nil
	case json.Number:
		if n, err := strconv.ParseInt(v.String(), 10, 64); err == nil {
			return integer(n), nil
		}
		n, err := v.Float64()
		return double(n), err
	case json.Delim:
		if v == '[' {
			return array(d)
		}
		return object(d)
	}
	return &common.AnyValue{}, nil // null
}

func array(d *json.Decoder) (*common.AnyValue, error) {
	list := &common.ArrayValue{}
	for d.More() {
		v, err := nextValue(d)
		if err != nil {
			return nil, err
		}
		list.Values = append(list.Values, v)
	}
	_, err := d.Token() // the bracket
	return &common.AnyValue{Value: &common.AnyValue_ArrayValue{ArrayValue: list}}, err
}

func object(d *json.Decoder) (*common.AnyValue, error) {
	list := &common.KeyValueList{}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return nil, err
		}
		v, err := nextValue(d)
		if err != nil {
			return nil, err
		}
		list.Values = append(list.Values, &common.KeyValue{Key: key.(string), Value: v}) // a key is a string, by JSON's grammar
	}
	_, err := d.Token() // the brace
	return &common.AnyValue{Value: &common.AnyValue_KvlistValue{KvlistValue: list}}, err
}
