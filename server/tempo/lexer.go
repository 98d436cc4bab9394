package tempo

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxQuery bounds a query's text.
const maxQuery = 8 << 10

// token is a word of TraceQL: a name or attribute, a number or duration, a text, or a sign.
type token struct {
	kind tokenKind
	text string // of a text its value
	at   int
}

type tokenKind uint8

const (
	end tokenKind = iota
	word
	number
	quoted
	sign
)

// signs, the longest first.
var signs = []string{"!>>", "!<<", "&>>", "&<<", "&&", "||", "!=", "!~", "=~", ">=", "<=", ">>", "<<", "&>", "&<", "&~", "!>", "!<", "{", "}", "(", ")", "=", ">", "<", "|", "!", "~", ",", "+", "-", "*", "/", "^", "%"}

func lex(query string) ([]token, error) {
	if len(query) > maxQuery {
		return nil, fmt.Errorf("the query has %d bytes, at most %d are allowed", len(query), maxQuery)
	}
	var out []token
	for at := 0; at < len(query); {
		c, size := utf8.DecodeRuneInString(query[at:])
		rest := query[at:]
		switch {
		case unicode.IsSpace(c):
			at += size
		case c == '"' || c == '`':
			value, n, err := quotation(rest)
			if err != nil {
				return nil, fmt.Errorf("at %d: %w", at+1, err)
			}
			out = append(out, token{quoted, value, at})
			at += n
		case c >= '0' && c <= '9':
			n := strings.IndexFunc(rest, func(r rune) bool {
				return (r < '0' || r > '9') && r != '.' && !unicode.IsLetter(r)
			})
			if n < 0 {
				n = len(rest)
			}
			out = append(out, token{number, rest[:n], at})
			at += n
		case c == '.' || c == '_' || unicode.IsLetter(c):
			name, n, err := attribute(rest)
			if err != nil {
				return nil, fmt.Errorf("at %d: %w", at+1, err)
			}
			out = append(out, token{word, name, at})
			at += n
		default:
			s := signAt(rest)
			if s == "" {
				return nil, fmt.Errorf("at %d: %q means nothing here", at+1, c)
			}
			out = append(out, token{sign, s, at})
			at += len(s)
		}
	}
	return append(out, token{end, "", len(query)}), nil
}

func signAt(rest string) string {
	for _, s := range signs {
		if strings.HasPrefix(rest, s) {
			return s
		}
	}
	return ""
}

// quotation reads a text in double quotes or backquotes, and how many bytes it takes.
func quotation(s string) (value string, n int, err error) {
	prefix, err := strconv.QuotedPrefix(s)
	if err != nil {
		return regexText(s)
	}
	if value, err = strconv.Unquote(prefix); err != nil {
		return regexText(s)
	}
	return value, len(prefix), nil
}

// regexText reads a text whose escapes are not Go's, as regular expressions come: "\d+".
func regexText(s string) (value string, n int, err error) {
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == s[0]:
			return b.String(), i + 1, nil
		case s[i] == '\\' && i+1 < len(s):
			if i++; s[i] != s[0] && s[i] != '\\' {
				b.WriteByte('\\')
			}
			b.WriteByte(s[i])
		default:
			b.WriteByte(s[i])
		}
	}
	return "", 0, fmt.Errorf("a text without its closing quote")
}

// attribute reads a name such as duration, resource.service.name, span:name, or .http.status_code;
// parts in quotes may hold anything: span."my key".
func attribute(s string) (name string, n int, err error) {
	var b strings.Builder
	for n < len(s) {
		c, size := utf8.DecodeRuneInString(s[n:])
		switch {
		case c == '"' && strings.HasSuffix(b.String(), "."):
			value, used, err := quotation(s[n:])
			if err != nil {
				return "", 0, err
			}
			b.WriteString(value)
			n += used
		case c == '_' || c == '.' || c == ':' || c == '-' && n > 0 || c == '/' && strings.Contains(b.String(), ".") || c == '@' || unicode.IsLetter(c) || unicode.IsDigit(c):
			b.WriteRune(c)
			n += size
		default:
			return b.String(), n, nil
		}
	}
	return b.String(), n, nil
}
