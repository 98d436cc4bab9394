package tracecontext

import (
	"net/url"
	"strings"
)

// SQL finds the context in a comment of a statement, as sqlcommenter writes it:
// /*action='run',traceparent='00-...-01',tracestate='a%3D1'*/. With it comes the statement
// without that comment, which would make every statement another one.
func SQL(text string) (c Context, without string, ok bool) {
	if !strings.Contains(text, "traceparent") { // nearly all
		return c, text, false
	}
	for at := 0; ; {
		begin := strings.Index(text[at:], "/*")
		if begin < 0 {
			return Context{}, text, false
		}
		begin += at
		length := strings.Index(text[begin+2:], "*/")
		if length < 0 {
			return Context{}, text, false // cut off, perhaps in the middle of an id
		}
		end := begin + 2 + length + 2
		if c, ok = comment(text[begin+2 : end-2]); ok {
			return c, strings.TrimSpace(strings.TrimRight(text[:begin], " \t\r\n") + text[end:]), true
		}
		at = end
	}
}

// comment reads key='value' pairs. Values are percent-encoded, quotes in them escaped.
func comment(text string) (Context, bool) {
	var r Reader
	for text != "" {
		key, rest, found := strings.Cut(text, "=")
		if !found || rest == "" || rest[0] != '\'' {
			break
		}
		value, rest, found := strings.Cut(rest[1:], "'")
		if !found {
			break
		}
		if plain, err := url.PathUnescape(value); err == nil {
			value = plain
		}
		r.Field([]byte(strings.Trim(key, " ,\t\r\n")), []byte(value))
		text = rest
	}
	return r.Context()
}
