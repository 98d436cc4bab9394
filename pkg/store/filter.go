package store

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Operator says how a filter compares.
type Operator string

// The operators.
const (
	// Equal: in values * stands for any characters, and upper and lower case are the same
	// then. A value may be a list, as variables with several values are written: a|b, {a,b}
	// or (a|b).
	Equal Operator = ""
	// Matches: a regular expression (RE2) that matches the whole value; as in Equal, a lone *
	// stands for any characters, too.
	Matches Operator = "=~"
	// The rest compare numbers, and with key duration lengths of time such as 5ms.
	AtLeast  Operator = ">="
	MoreThan Operator = ">"
	AtMost   Operator = "<="
	LessThan Operator = "<"
)

// Filter keeps what has, or with Not has not, one of the values.
type Filter struct {
	// Key is namespace, workload, service, pod, node, protocol, request_resource, name, kind,
	// status, code, duration, source, point, status_message, scope_name, scope_version, event
	// (a name), any_value (whatever is stored of it as text) or root; else the key of an
	// attribute: of the span, of its resource or of one of its events, whichever has it.
	// resource.KEY, span.KEY and event.KEY mean one of these.
	Key      string
	Operator Operator
	Not      bool
	Values   []string

	attribute bool            // the key is an attribute's, whatever it is
	senders   map[uint64]bool // entities whose resources are what it asks for; see Store.bySender
}

// NewFilter makes a filter with an operator as Grafana writes them: =, !=, =~, !~, =|, !=|
// (one of several values), >=, >, <=, <.
func NewFilter(key, operator string, values ...string) (Filter, error) {
	f := Filter{Key: key, Values: values}
	switch operator {
	case "", "=", "=|":
	case "!=", "!=|":
		f.Not = true
	case "=~", "!~":
		f.Operator, f.Not = Matches, operator == "!~"
	case ">=", ">", "<=", "<":
		f.Operator = Operator(operator)
	default:
		return f, fmt.Errorf("%w: filter %s %s: the operator is not known: use =, !=, =~, !~, >=, >, <= or <", ErrMalformed, key, operator)
	}
	_, err := f.tests()
	return f, err
}

// filterText is key, operator and value.
var filterText = regexp.MustCompile(`(?s)^([^=!<>~]+)(=~|!=|!~|>=|<=|=|>|<)(.*)$`)

// ParseFilter reads a filter that is written as one text: http.response.status_code>=500.
func ParseFilter(text string) (Filter, error) {
	m := filterText.FindStringSubmatch(text)
	if m == nil {
		return Filter{}, fmt.Errorf("%w: filter %.100q: want a key, one of = != =~ !~ >= > <= < and a value", ErrMalformed, text)
	}
	return NewFilter(strings.TrimSpace(m[1]), m[2], m[3])
}

func (f Filter) String() string {
	operator := string(f.Operator)
	switch {
	case f.Operator == Matches && f.Not:
		operator = "!~"
	case f.Operator == Equal:
		operator = "="
		if f.Not {
			operator = "!="
		}
	}
	return f.Key + operator + strings.Join(f.Values, "|")
}

// test is what one value of a filter asks of a text.
type test struct {
	Operator
	value string // in a test Matches a whole expression
	list  bool   // it is a list of other tests, and may all the same be one value
}

// tests are what a filter asks: one of them is enough.
func (f Filter) tests() ([]test, error) {
	var all []test
	for _, v := range f.Values {
		switch f.Operator {
		case Equal:
			for _, one := range choices(v) {
				all = append(all, test{Operator: Equal, value: one})
			}
			all = append(all, test{Equal, v, len(all) > 0})
		case Matches:
			if patterns, ok := wildcards(v); ok {
				for _, p := range patterns {
					all = append(all, test{Operator: Equal, value: p})
				}
				continue
			}
			if _, err := regexp.Compile(v); err != nil {
				return nil, fmt.Errorf("%w: filter %s=~%.200s: %w", ErrMalformed, f.Key, v, err)
			}
			all = append(all, test{Operator: Matches, value: "(?s)^(?:" + v + ")$"})
		default:
			all = append(all, test{Operator: f.Operator, value: strings.TrimSpace(v)})
		}
	}
	return all, nil
}

// accepts tests a text in memory. Numbers are compared by the store alone.
func (t test) accepts(text string) bool {
	if t.Operator == Matches {
		re, err := regexp.Compile(t.value)
		return err == nil && re.MatchString(text)
	}
	return wild(t.value, text)
}

// passes reports whether a filter lets a value through.
func (f Filter) passes(value string) bool {
	tests, err := f.tests()
	tests = slices.DeleteFunc(tests, func(t test) bool { return t.value == "" })
	return err != nil || len(tests) == 0 || slices.ContainsFunc(tests, func(t test) bool { return t.accepts(value) }) != f.Not
}

// choices are the values that a text lists: a|b, with \| for a bar that is meant, {a,b} or
// (a|b), the forms in which variables with several values come; none where it is no list.
func choices(text string) []string {
	inner, list := text, ""
	switch n := len(text); {
	case n > 2 && text[0] == '{' && text[n-1] == '}' && strings.Contains(text, ","):
		inner, list = text[1:n-1], ","
	case n > 2 && text[0] == '(' && text[n-1] == ')' && strings.Contains(text, "|"):
		inner, list = text[1:n-1], "|"
	case strings.Contains(text, "|"):
		list = "|"
	default:
		return nil
	}
	var all []string
	var one strings.Builder
	end := func() {
		if v := strings.TrimSpace(one.String()); v != "" {
			all = append(all, v)
		}
		one.Reset()
	}
	for i := 0; i < len(inner); i++ {
		switch c := inner[i]; {
		case c == list[0]:
			end()
		case c == '\\' && i+1 < len(inner) && strings.IndexByte(escaped, inner[i+1]) >= 0:
			i++
			one.WriteByte(inner[i])
		default:
			one.WriteByte(c)
		}
	}
	end()
	return all
}

// escaped are the characters that variables put a backslash before in a list or a regular
// expression.
const escaped = `.*+?()[]{}|^$\/-,`

// wildcards are the patterns with * that a regular expression comes to, where it is one of
// those that variables make: (a|b|c), .*, escaped characters.
func wildcards(expression string) (patterns []string, ok bool) {
	text := strings.TrimSuffix(strings.TrimPrefix(expression, "^"), "$")
	if strings.HasPrefix(text, "(") && strings.HasSuffix(text, ")") {
		text = text[1 : len(text)-1]
	}
	var one strings.Builder
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '|':
			patterns = append(patterns, one.String())
			one.Reset()
		case c == '\\' && i+1 < len(text) && text[i+1] != '*' && strings.IndexByte(escaped, text[i+1]) >= 0:
			i++
			one.WriteByte(text[i])
		case strings.HasPrefix(text[i:], ".*"):
			one.WriteByte('*')
			i++
		case c == '.' || c == '*': // taken as they stand: * is our own wildcard
			one.WriteByte(c)
		case strings.IndexByte(`+?()[]{}^$\`, c) >= 0:
			return nil, false
		default:
			one.WriteByte(c)
		}
	}
	return append(patterns, one.String()), true
}
