package otlp

import (
	"bytes"
	"math"
	"strconv"
)

// number reads a number, or a string that holds one, as its text.
func (s *scanner) number() ([]byte, error) {
	if s.peek() == '"' {
		return s.string()
	}
	from := s.at
	for s.at < len(s.body) {
		switch c := s.body[s.at]; {
		case c >= '0' && c <= '9', c == '-', c == '+', c == '.', c == 'e', c == 'E':
			s.at++
			continue
		}
		break
	}
	if n := s.body[from:s.at]; validNumber(n) {
		return n, nil
	}
	return nil, s.fail("no number")
}

// validNumber reports whether b is a number by JSON's grammar.
func validNumber(b []byte) bool {
	digits := func() bool {
		n := 0
		for n < len(b) && b[n] >= '0' && b[n] <= '9' {
			n++
		}
		b = b[n:]
		return n > 0
	}
	b = bytes.TrimPrefix(b, []byte("-"))
	if len(b) > 1 && b[0] == '0' && b[1] >= '0' && b[1] <= '9' || !digits() {
		return false
	}
	if len(b) > 0 && b[0] == '.' {
		if b = b[1:]; !digits() {
			return false
		}
	}
	if len(b) > 0 && (b[0] == 'e' || b[0] == 'E') {
		if b = b[1:]; len(b) > 0 && (b[0] == '+' || b[0] == '-') {
			b = b[1:]
		}
		if !digits() {
			return false
		}
	}
	return len(b) == 0
}

// unsigned reads a whole number from 0; numbers of 64 bits come as strings or as numbers.
func (s *scanner) unsigned() (uint64, error) {
	if s.null() {
		return 0, nil
	}
	t, err := s.number()
	if err != nil {
		return 0, err
	}
	if n, ok := decimal(t); ok {
		return n, nil
	}
	if f, err := strconv.ParseFloat(string(t), 64); err == nil && validNumber(t) && f >= 0 && f < 1<<63 && f == math.Trunc(f) { // 1.79e18
		return uint64(f), nil
	}
	return 0, s.fail("no whole number from 0 to 2^64")
}

// decimal is a number of up to 19 digits; the rare longer one goes the slow way.
func decimal(t []byte) (n uint64, ok bool) {
	if len(t) == 0 || len(t) > 19 {
		n, err := strconv.ParseUint(string(t), 10, 64)
		return n, err == nil
	}
	for _, c := range t {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = 10*n + uint64(c-'0')
	}
	return n, true
}

func (s *scanner) signed() (int64, error) {
	t, err := s.number()
	if err != nil {
		return 0, err
	}
	if n, ok := decimal(bytes.TrimPrefix(t, []byte("-"))); ok {
		if t[0] != '-' && n <= math.MaxInt64 {
			return int64(n), nil
		}
		if t[0] == '-' && n <= 1<<63 {
			return -int64(n), nil
		}
	}
	if f, err := strconv.ParseFloat(string(t), 64); err == nil && validNumber(t) && math.Abs(f) < 1<<63 && f == math.Trunc(f) {
		return int64(f), nil
	}
	return 0, s.fail("no whole number of 64 bits")
}

// double reads a number, or the name of one that JSON has none for.
func (s *scanner) double() (float64, error) {
	t, err := s.number()
	if err != nil {
		return 0, err
	}
	switch string(t) {
	case "NaN":
		return math.NaN(), nil
	case "Infinity":
		return math.Inf(1), nil
	case "-Infinity":
		return math.Inf(-1), nil
	}
	if f, err := strconv.ParseFloat(string(t), 64); err == nil && validNumber(t) {
		return f, nil
	}
	return 0, s.fail("no number")
}
