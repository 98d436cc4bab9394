package plugin

import (
	"encoding/json"
	"strconv"

	"github.com/throughline-io/throughline/pkg/span"
)

// attributeValue is an attribute's value with its type. Integers beyond 2^53 stay text:
// JavaScript would round them.
func attributeValue(a span.Attribute) any {
	switch a.Type {
	case span.AttributeBool:
		if v, err := strconv.ParseBool(a.Value); err == nil {
			return v
		}
	case span.AttributeInt:
		if v, err := strconv.ParseInt(a.Value, 10, 64); err == nil && v < 1<<53 && v > -1<<53 {
			return v
		}
	case span.AttributeDouble:
		if v, err := strconv.ParseFloat(a.Value, 64); err == nil && v-v == 0 { // not NaN, not infinite: those are no JSON
			return v
		}
	case span.AttributeJSON:
		if json.Valid([]byte(a.Value)) {
			return json.RawMessage(a.Value)
		}
	}
	return a.Value
}
