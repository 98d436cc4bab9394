package l7

import "strings"

// httpMethods are the methods that are believed by their first letters. Any other token is
// a method, too (RFC 9110, 9.1), but takes a whole request line to be told from other text.
var httpMethods = [...]string{"GET", "POST", "PUT", "HEAD", "DELETE", "PATCH", "OPTIONS", "CONNECT", "TRACE"}

// Bounds of a request line that is waited for where the protocol is not known yet.
const (
	maxMethod = 32
	maxTarget = 8 << 10
)

// matchRequestLine tells whether a request line begins with data.
func matchRequestLine(data []byte) Match {
	for _, method := range httpMethods {
		if data[0] != method[0] {
			continue
		}
		switch m := prefixMatch(data, method, MatchRequest); {
		case m == MatchMore:
			return MatchMore
		case m == MatchRequest && len(data) < len(method)+2:
			if len(data) == len(method) || data[len(method)] == ' ' {
				return MatchMore
			}
		case m == MatchRequest && data[len(method)] == ' ' && isTargetByte(data[len(method)+1]):
			return MatchRequest
		}
	}
	method := 0
	for method < len(data) && method <= maxMethod && tokenBytes[data[method]] {
		method++
	}
	switch {
	case method > maxMethod:
		return MatchNone
	case method == len(data):
		return MatchMore
	case method == 0, data[method] != ' ':
		return MatchNone
	}
	rest := data[method+1:] // that one may be cut
	end := 0
	for end < len(rest) && end < maxTarget && isTargetByte(rest[end]) {
		end++
	}
	switch {
	case end == len(rest) && end < maxTarget:
		return MatchMore
	case end == 0, end == maxTarget, rest[end] != ' ':
		return MatchNone
	}
	return prefixMatch(rest[end+1:], httpVersionPrefix, MatchRequest)
}

// tokenBytes are those of a token of RFC 9110, 5.6.2.
var tokenBytes = func() (is [256]bool) {
	for c := range is {
		is[c] = isLetter(byte(c)) || isDigit(byte(c)) || strings.IndexByte("!#$%&'*+-.^_`|~", byte(c)) >= 0
	}
	return is
}()

// isToken reports whether text is a token.
func isToken(text []byte) bool {
	for _, c := range text {
		if !tokenBytes[c] {
			return false
		}
	}
	return true
}

func isTargetByte(c byte) bool { return c > ' ' && c < 0x7f }

// methodName avoids an allocation for the usual methods; "" is none.
func methodName(b []byte) string {
	for _, m := range httpMethods {
		if string(b) == m {
			return m
		}
	}
	if len(b) > maxMethod || !isToken(b) {
		return ""
	}
	return string(b)
}
