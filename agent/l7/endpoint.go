package l7

import (
	"bytes"
	"strings"
)

const (
	// placeholder stands for a path segment that names one thing of many.
	placeholder = "{id}"

	// maxSegments bounds a path: what lies deeper is files' and generated paths' names.
	maxSegments = 12
	deeper      = "/*"

	// longName is longer than what people call a route's part.
	longName = 48
)

// Endpoint is a path without its query, with every segment that names one of many replaced:
// "/items/42?full=1" is "/items/{id}". It is told by form alone, so that everyone who sees a
// request says the same. A path without such segments is not copied.
func Endpoint(path string) string {
	if i := strings.IndexByte(path, '?'); i >= 0 {
		path = path[:i]
	}
	if i := strings.IndexByte(path, '#'); i >= 0 {
		path = path[:i]
	}
	var room [256]byte
	var out []byte
	for at, n := 0, 0; at < len(path); n++ {
		end := strings.IndexByte(path[at:], '/')
		if end < 0 {
			end = len(path)
		} else {
			end += at
		}
		if n > maxSegments {
			if out == nil {
				out = append(room[:0], path[:at]...)
			}
			return textOf(append(bytes.TrimSuffix(out, []byte("/")), deeper...))
		}
		segment := path[at:end]
		name := segment
		if i := strings.IndexByte(segment, ';'); i >= 0 { // parameters of a segment: session ids
			name = segment[:i]
		}
		if isID(name) {
			name = placeholder
		}
		if out == nil && name != segment {
			out = append(room[:0], path[:at]...)
		}
		if out != nil {
			out = append(out, name...)
			if end < len(path) {
				out = append(out, '/')
			}
		}
		at = end + 1
	}
	if out == nil {
		return path
	}
	return textOf(out)
}

// isID reports whether a path segment names one of many: a number, a date, a UUID, an id of
// hexadecimal digits or of letters among digits, an e-mail address, an article's title.
func isID(s string) bool {
	if s == "" {
		return false
	}
	var letters, digits, marks, tail int // tail: digits at the end
	hex, upper, plain := true, false, true
	for i := range len(s) {
		switch c := s[i]; {
		case isDigit(c):
			digits++
			tail++
			continue
		case isLetter(c):
			letters++
			_, ok := hexDigit(c)
			hex, upper = hex && ok, upper || c < 'a'
		case c == '-' || c == '_':
			marks++
		case c == '@' || c == '%' || c >= 0x80: // an address, or what is no route's name
			return true
		default:
			plain, hex = false, false // "app.js", "v1:read", "{id}"
		}
		tail = 0
	}
	switch {
	case len(s) > longName:
		return true
	case letters == 0 && plain:
		return digits > 0
	case hex && letters+digits >= 16 && (marks == 0 || isUUID(s)):
		return true
	case digits >= 4:
		return true
	case tail > 0 && tail < len(s) && (s[len(s)-tail-1] == '-' || s[len(s)-tail-1] == '_'):
		return true // item-42
	case plain && marks == 0 && len(s) >= 16 && digits >= 2 && upper:
		return true // what random generators of letters and digits make
	}
	return plain && marks >= 3 && len(s) >= 24
}

func isUUID(s string) bool {
	return len(s) == 36 && s[8] == '-' && s[13] == '-' && s[18] == '-' && s[23] == '-'
}

func hexDigit(c byte) (byte, bool) {
	switch {
	case c >= '0' && c <= '9':
		return c - '0', true
	case c >= 'a' && c <= 'f':
		return c - 'a' + 10, true
	case c >= 'A' && c <= 'F':
		return c - 'A' + 10, true
	}
	return 0, false
}
