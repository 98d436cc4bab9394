package otlp

import (
	"math"
	"strconv"

	"github.com/throughline-io/throughline/pkg/span"
)

// value is one attribute's value, of either encoding. Its text aliases the request or the
// row's arena and is valid until the row ends.
type value struct {
	kind valueKind
	text []byte // string, bytes; JSON text of an array or map
	num  uint64 // boolean, integer, bits of a double

	owned bool // text is a copy that may be appended to
}

type valueKind uint8

const (
	valueNone valueKind = iota
	valueString
	valueBool
	valueInt
	valueDouble
	valueBytes
	valueArray // text is protobuf ArrayValue
	valueList  // text is protobuf KeyValueList
	valueJSON  // text is JSON
	valueLong  // an array or map that is too long
)

// attributeTypes are the types as stored; a value that is not set is an empty string.
var attributeTypes = [...]span.AttributeType{
	valueNone: span.AttributeString, valueString: span.AttributeString, valueBool: span.AttributeBool, valueInt: span.AttributeInt,
	valueDouble: span.AttributeDouble, valueBytes: span.AttributeBytes, valueArray: span.AttributeJSON, valueList: span.AttributeJSON, valueJSON: span.AttributeJSON, valueLong: span.AttributeString,
}

// integer is the value as a whole number, where it is one or a text of one.
func (v *value) integer() (int64, bool) {
	switch v.kind {
	case valueInt:
		return int64(v.num), true
	case valueDouble:
		f := math.Float64frombits(v.num)
		return int64(f), f == math.Trunc(f) && math.Abs(f) < 1<<53
	case valueString:
		n, err := strconv.ParseInt(string(v.text), 10, 64)
		return n, err == nil
	}
	return 0, false
}

// appendDouble writes a number in its shortest form, and those that JSON has no numbers
// for by the names of protobuf's JSON mapping.
func appendDouble(dst []byte, bits uint64) []byte {
	f := math.Float64frombits(bits)
	switch {
	case math.IsNaN(f):
		return append(dst, "NaN"...)
	case math.IsInf(f, 1):
		return append(dst, "Infinity"...)
	case math.IsInf(f, -1):
		return append(dst, "-Infinity"...)
	}
	return strconv.AppendFloat(dst, f, 'g', -1, 64)
}
