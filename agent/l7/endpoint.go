package l7

import "strings"

// placeholder stands for a path segment that names one thing of many.
const placeholder = "{id}"

// Endpoint is a path without its query, with every segment that looks like an id replaced:
// "/items/42?full=1" is "/items/{id}". A path without such segments is not copied.
func Endpoint(path string) string {
	if i := strings.IndexAny(path, "?#"); i >= 0 {
		path = path[:i]
	}
	var out []byte
	for at := 0; at < len(path); {
		end := strings.IndexByte(path[at:], '/')
		if end < 0 {
			end = len(path)
		} else {
			end += at
		}
		switch segment := path[at:end]; {
		case isID(segment):
			if out == nil {
				out = append(make([]byte, 0, len(path)+len(placeholder)), path[:at]...)
			}
			out = append(out, placeholder...)
		case out != nil:
			out = append(out, segment...)
		}
		if end < len(path) && out != nil {
			out = append(out, '/')
		}
		at = end + 1
	}
	if out == nil {
		return path
	}
	return string(out)
}

// isID reports whether a path segment is a number, a UUID or a hexadecimal id of 16 digits
// and more.
func isID(s string) bool {
	if s == "" {
		return false
	}
	digits, hex, dashes := 0, 0, 0
	for i := range len(s) {
		switch _, ok := hexDigit(s[i]); {
		case s[i] >= '0' && s[i] <= '9':
			digits++
			hex++
		case ok:
			hex++
		case s[i] == '-' && (i == 8 || i == 13 || i == 18 || i == 23):
			dashes++
		default:
			return false
		}
	}
	return digits == len(s) || dashes == 0 && hex >= 16 || dashes == 4 && len(s) == 36
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
