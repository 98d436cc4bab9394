package otlp

import (
	"bytes"
	"encoding/base64"
	"math"
	"strconv"
)

const hexDigits = "0123456789abcdef"

// appendQuoted writes a JSON string. s must be UTF-8.
func appendQuoted(dst, s []byte) []byte {
	dst = append(dst, '"')
	from := 0
	for i, c := range s {
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		dst = append(dst, s[from:i]...)
		from = i + 1
		switch c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\n':
			dst = append(dst, '\\', 'n')
		case '\r':
			dst = append(dst, '\\', 'r')
		case '\t':
			dst = append(dst, '\\', 't')
		default:
			dst = append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
	}
	return append(append(dst, s[from:]...), '"')
}

// appendScalar writes a value that is neither an array nor a map.
func appendScalar(dst []byte, v *value) []byte {
	switch v.kind {
	case valueString:
		return appendQuoted(dst, v.text)
	case valueBool:
		return strconv.AppendBool(dst, v.num != 0)
	case valueInt:
		return strconv.AppendInt(dst, int64(v.num), 10)
	case valueDouble:
		if f := math.Float64frombits(v.num); math.IsNaN(f) || math.IsInf(f, 0) {
			return append(appendDouble(append(dst, '"'), v.num), '"')
		}
		from := len(dst)
		if dst = appendDouble(dst, v.num); !bytes.ContainsAny(dst[from:], ".e") {
			dst = append(dst, ".0"...) // else it would be read as an integer
		}
		return dst
	case valueBytes:
		return append(base64.StdEncoding.AppendEncode(append(dst, '"'), v.text), '"')
	case valueJSON:
		return append(dst, v.text...)
	}
	return append(dst, "null"...)
}

// appendHex writes an id as a JSON string in lower-case hex.
func appendHex(dst, id []byte) []byte {
	dst = append(dst, '"')
	for _, c := range id {
		dst = append(dst, hexDigits[c>>4], hexDigits[c&15])
	}
	return append(dst, '"')
}
