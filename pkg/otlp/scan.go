package otlp

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// scanner reads JSON from front to back, value by value. It makes no tree: the caller
// says what it expects next, and skips what it does not know.
type scanner struct {
	body []byte
	at   int
	// text takes strings that are not in the body as they are: those with escapes.
	text *[]byte

	repaired uint64 // strings that were not UTF-8
}

// SyntaxError says where a body is not OTLP's JSON.
type SyntaxError struct {
	What   string // such as "no number"
	Offset int    // bytes before it
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("the body is not an ExportTraceServiceRequest in OTLP's JSON: %s at byte %d", e.What, e.Offset)
}

func (s *scanner) fail(what string) error { return &SyntaxError{what, s.at} }

// peek is the first byte of the next token; 0 at the end.
func (s *scanner) peek() byte {
	for ; s.at < len(s.body); s.at++ {
		switch c := s.body[s.at]; c {
		case ' ', '\t', '\r', '\n':
		default:
			return c
		}
	}
	return 0
}

func (s *scanner) expect(c byte) error {
	if s.peek() != c {
		return s.fail("no " + strconv.QuoteRune(rune(c)))
	}
	s.at++
	return nil
}

// null reads a null, if it comes next. In OTLP's JSON it is the same as a missing value.
func (s *scanner) null() bool {
	if s.peek() == 'n' && bytes.HasPrefix(s.body[s.at:], []byte("null")) {
		s.at += len("null")
		return true
	}
	return false
}

// open begins an object or array; more is false if it is empty, or null instead.
func (s *scanner) open(begin, end byte) (more bool, err error) {
	if s.null() {
		return false, nil
	}
	if err := s.expect(begin); err != nil {
		return false, err
	}
	if s.peek() == end {
		s.at++
		return false, nil
	}
	return true, nil
}

// more reads what stands behind a member or element; it is false behind the last one.
func (s *scanner) more(end byte) (bool, error) {
	switch s.peek() {
	case ',':
		s.at++
		return true, nil
	case end:
		s.at++
		return false, nil
	}
	return false, s.fail("no ',' or " + strconv.QuoteRune(rune(end)))
}

// key reads a member's name.
func (s *scanner) key() ([]byte, error) {
	if s.peek() != '"' {
		return nil, s.fail("no name")
	}
	key, err := s.string()
	if err != nil {
		return nil, err
	}
	return key, s.expect(':')
}

// object reads an object; member must read the value of the key it is given.
func (s *scanner) object(member func(key []byte) error) error {
	more, err := s.open('{', '}')
	for more && err == nil {
		var key []byte
		if key, err = s.key(); err != nil {
			return err
		}
		if err = member(key); err != nil {
			return err
		}
		more, err = s.more('}')
	}
	return err
}

// array reads an array; element must read one element.
func (s *scanner) array(element func() error) error {
	more, err := s.open('[', ']')
	for more && err == nil {
		if err = element(); err != nil {
			return err
		}
		more, err = s.more(']')
	}
	return err
}

// string reads a string, or null as "". The result is part of the body or of s.text.
func (s *scanner) string() ([]byte, error) {
	if s.null() {
		return nil, nil
	}
	if err := s.expect('"'); err != nil {
		return nil, err
	}
	from := s.at
	for ; s.at < len(s.body); s.at++ {
		switch c := s.body[s.at]; {
		case c == '"':
			v := s.body[from:s.at:s.at]
			s.at++
			return s.valid(v), nil
		case c == '\\':
			return s.escaped(from)
		case c < ' ':
			return nil, s.fail("a control character in a string")
		}
	}
	return nil, s.fail("a string without an end")
}

// valid is a string whose bytes that are not UTF-8 became U+FFFD; see Decoder.text.
func (s *scanner) valid(v []byte) []byte {
	if utf8.Valid(v) {
		return v
	}
	s.repaired++
	return bytes.ToValidUTF8(v, replacement)
}

// escaped reads the rest of a string that has escapes, into s.text.
func (s *scanner) escaped(from int) ([]byte, error) {
	out := append(*s.text, s.body[from:s.at]...)
	begin := len(*s.text)
	for s.at < len(s.body) {
		c := s.body[s.at]
		s.at++
		switch {
		case c == '"':
			*s.text = out
			return s.valid(out[begin:len(out):len(out)]), nil
		case c < ' ':
			return nil, s.fail("a control character in a string")
		case c != '\\':
			out = append(out, c)
			continue
		}
		if s.at == len(s.body) {
			break
		}
		c = s.body[s.at]
		s.at++
		switch c {
		case '"', '\\', '/':
			out = append(out, c)
		case 'b':
			out = append(out, '\b')
		case 'f':
			out = append(out, '\f')
		case 'n':
			out = append(out, '\n')
		case 'r':
			out = append(out, '\r')
		case 't':
			out = append(out, '\t')
		case 'u':
			r, ok := s.unicode()
			if !ok {
				return nil, s.fail("a malformed \\u escape")
			}
			out = utf8.AppendRune(out, r)
		default:
			return nil, s.fail("an unknown escape")
		}
	}
	return nil, s.fail("a string without an end")
}

// unicode reads the digits of a \u escape, and the second escape of a surrogate pair.
func (s *scanner) unicode() (rune, bool) {
	r, ok := s.hex4()
	if !ok || !utf16.IsSurrogate(r) {
		return r, ok
	}
	if bytes.HasPrefix(s.body[s.at:], []byte(`\u`)) {
		back := s.at
		s.at += 2
		if low, ok := s.hex4(); ok {
			if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
				return pair, true
			}
		}
		s.at = back
	}
	return utf8.RuneError, true // half a pair
}

func (s *scanner) hex4() (rune, bool) {
	var b [2]byte
	if len(s.body)-s.at < 4 {
		return 0, false
	}
	if _, err := hex.Decode(b[:], s.body[s.at:s.at+4]); err != nil {
		return 0, false
	}
	s.at += 4
	return rune(b[0])<<8 | rune(b[1]), true
}

func (s *scanner) bool() (bool, error) {
	s.peek()
	for _, v := range []bool{true, false} {
		if t := strconv.AppendBool(nil, v); bytes.HasPrefix(s.body[s.at:], t) {
			s.at += len(t)
			return v, nil
		}
	}
	return false, s.fail("neither true nor false")
}

// bytes reads base64, in any of its alphabets, padded or not.
func (s *scanner) bytes() ([]byte, error) {
	t, err := s.string()
	if err != nil {
		return nil, err
	}
	encoding := base64.RawStdEncoding
	if bytes.ContainsAny(t, "-_") {
		encoding = base64.RawURLEncoding
	}
	begin := len(*s.text)
	out, err := encoding.AppendDecode(*s.text, bytes.TrimRight(t, "="))
	if err != nil {
		return nil, s.fail("no base64")
	}
	*s.text = out
	return out[begin:len(out):len(out)], nil
}

// maxNesting is how deep a value that is skipped may be.
const maxNesting = 200

// skip reads any value.
func (s *scanner) skip(depth int) (err error) {
	if depth == 0 {
		return s.fail("a value that is nested too deep")
	}
	switch c := s.peek(); {
	case c == '{':
		return s.object(func([]byte) error { return s.skip(depth - 1) })
	case c == '[':
		return s.array(func() error { return s.skip(depth - 1) })
	case c == '"':
		_, err = s.string()
	case c == 't' || c == 'f':
		_, err = s.bool()
	case s.null():
	default:
		_, err = s.number()
	}
	return err
}
