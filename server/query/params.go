package query

import (
	"fmt"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/throughline-io/throughline/pkg/store"
)

// maxText bounds one text parameter: longer ones are no one's service or path.
const maxText = 4096

// params reads a request's parameters. The first thing wrong is kept and returned by done,
// so that handlers read like a list.
type params struct {
	values url.Values
	known  []string
	now    time.Time
	err    error
}

func newParams(raw string, now time.Time) *params {
	v, err := url.ParseQuery(raw)
	p := &params{values: v, now: now}
	if err != nil {
		p.fail("the query string cannot be read: %v", err)
	}
	return p
}

func (p *params) fail(format string, args ...any) {
	if p.err == nil {
		p.err = badRequest(format, args...)
	}
}

// one is the parameter's only value, "" where it is not given.
func (p *params) one(name string) string {
	p.known = append(p.known, name)
	switch v := p.values[name]; {
	case len(v) == 0:
		return ""
	case len(v) > 1:
		p.fail("parameter %s is given %d times", name, len(v))
		return ""
	case len(v[0]) > maxText:
		p.fail("parameter %s has %d bytes, at most %d are allowed", name, len(v[0]), maxText)
		return ""
	case strings.ContainsRune(v[0], 0):
		p.fail("parameter %s contains a NUL character", name)
		return ""
	default:
		return v[0]
	}
}

func (p *params) text(name string) string { return p.one(name) }

// choice is one of the options; the first is the default.
func (p *params) choice(name string, options ...string) string {
	v := p.one(name)
	if v == "" {
		return options[0]
	}
	if !slices.Contains(options, v) {
		p.fail("parameter %s=%s: want one of %s", name, strconv.Quote(v), strings.Join(nonEmpty(options), ", "))
		return options[0]
	}
	return v
}

func nonEmpty(s []string) []string {
	return slices.DeleteFunc(slices.Clone(s), func(v string) bool { return v == "" })
}

func (p *params) number(name string, otherwise, least, most int) int {
	v := p.one(name)
	if v == "" {
		return otherwise
	}
	n, err := strconv.Atoi(v)
	if err != nil || n < least || n > most {
		p.fail("parameter %s=%s: want a number from %d to %d", name, strconv.Quote(v), least, most)
		return otherwise
	}
	return n
}

// duration reads "1.5ms" or a number of nanoseconds.
func (p *params) duration(name string) int64 {
	v := p.one(name)
	if v == "" {
		return 0
	}
	n, err := strconv.ParseInt(v, 10, 64)
	if err != nil {
		var d time.Duration
		d, err = time.ParseDuration(v)
		n = int64(d)
	}
	if err != nil || n < 0 {
		p.fail("parameter %s=%s: want a duration such as 1.5ms or 2s, or a number of nanoseconds", name, strconv.Quote(v))
		return 0
	}
	return n
}

// time reads a moment as Unix nanoseconds; see ParseTime.
func (p *params) time(name string, otherwise int64) int64 {
	v := p.one(name)
	if v == "" {
		return otherwise
	}
	t, err := ParseTime(v, p.now)
	if err != nil {
		p.fail("parameter %s: %v", name, err)
		return otherwise
	}
	return t
}

// several are the values of a parameter that may be given several times.
func (p *params) several(name, want string, most int) []string {
	p.known = append(p.known, name)
	given := p.values[name]
	if len(given) > most {
		p.fail("parameter %s is given %d times, at most %d are allowed", name, len(given), most)
		return nil
	}
	for _, v := range given {
		if len(v) > maxText || strings.ContainsRune(v, 0) {
			p.fail("parameter %s=%.80q: want %s", name, v, want)
			return nil
		}
	}
	return given
}

// filters reads key, operator and value of a parameter that may be given several times.
func (p *params) filters(name string, most int) (out []store.Filter) {
	for _, v := range p.several(name, "key, operator and value", most) {
		f, err := store.ParseFilter(v)
		if err != nil {
			p.fail("parameter %s: %v", name, err)
			return nil
		}
		out = append(out, f)
	}
	return out
}

// pairs reads key=value of a parameter that may be given several times.
func (p *params) pairs(name string, most int) map[string]string {
	var out map[string]string
	for _, v := range p.several(name, "key=value", most) {
		key, value, ok := strings.Cut(v, "=")
		if !ok || key == "" {
			p.fail("parameter %s=%.80q: want key=value", name, v)
			return nil
		}
		if other, twice := out[key]; twice && other != value {
			p.fail("parameter %s: %q cannot be %q and %q", name, key, other, value)
			return nil
		}
		if out == nil {
			out = map[string]string{}
		}
		out[key] = value
	}
	return out
}

// done is the first thing wrong with the parameters, also one that nobody asked for: a
// filter misspelt must not silently find everything.
func (p *params) done() error {
	for name := range p.values {
		if !slices.Contains(p.known, name) {
			slices.Sort(p.known)
			p.fail("unknown parameter %.80q; known here: %s", name, strings.Join(p.known, ", "))
		}
	}
	return p.err
}

// ParseTime reads a moment: RFC 3339, Unix seconds, milliseconds, microseconds or
// nanoseconds (told apart by size), "now", or "now-1h30m".
func ParseTime(s string, now time.Time) (int64, error) {
	if rest, ok := strings.CutPrefix(s, "now"); ok {
		if rest == "" {
			return now.UnixNano(), nil
		}
		if d, err := parseSpan(strings.TrimPrefix(rest, "-")); err == nil && rest[0] == '-' && d >= 0 {
			return now.Add(-d).UnixNano(), nil
		}
		return 0, fmt.Errorf("%s: want now, or now- and a duration such as now-15m", strconv.Quote(s))
	}
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		if n < 0 {
			return 0, fmt.Errorf("%d is before 1970", n)
		}
		switch { // a Unix time of the years 1973 to 2286 has 9 or 10 digits in seconds, 3 more per unit
		case n < 1e10:
			return min(n, math.MaxInt64/int64(1e9)) * 1e9, nil
		case n < 1e13:
			return n * 1e6, nil
		case n < 1e16:
			return n * 1e3, nil
		}
		return n, nil
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return 0, fmt.Errorf("%s is no time: want RFC 3339 (2026-01-02T15:04:05Z), a Unix time in s, ms, µs or ns, now, or now-1h", strconv.Quote(s))
	}
	if y := t.Year(); y < 1970 || y > 2261 {
		return 0, fmt.Errorf("%s: the year must be from 1970 to 2261", s)
	}
	return t.UnixNano(), nil
}

// parseSpan is time.ParseDuration with days.
func parseSpan(s string) (time.Duration, error) {
	if days, ok := strings.CutSuffix(s, "d"); ok {
		n, err := strconv.ParseUint(days, 10, 16)
		return time.Duration(n) * 24 * time.Hour, err
	}
	return time.ParseDuration(s)
}
