package tempo

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/throughline-io/throughline/pkg/store"
)

// Of TraceQL this is what a search by one span can answer, and what Explore's form and Traces
// Drilldown ask: one spanset { ... } with comparisons that hold together (&&), alternatives (||) of one
// attribute, select() and hints behind it. Anything else is an error that says what is not answered.

// maxDepth bounds how deep brackets lie in one another, maxComparisons how many comparisons a query has.
const (
	maxDepth       = 32
	maxComparisons = 16
)

// query is what a TraceQL query asks of one span.
type query struct {
	filters []store.Filter
	nothing bool // { false }
}

// parse reads a query. Errors say where.
func parse(text string) (query, error) {
	tokens, err := lex(text)
	if err != nil {
		return query{}, err
	}
	p := &parser{tokens: tokens}
	q, err := p.query()
	if err != nil {
		return query{}, fmt.Errorf("TraceQL, at %d: %w", p.peek().at+1, err)
	}
	return q, nil
}

type parser struct {
	tokens      []token
	depth       int
	comparisons int
}

func (p *parser) peek() token { return p.tokens[0] }

func (p *parser) next() token {
	t := p.tokens[0]
	if t.kind != end {
		p.tokens = p.tokens[1:]
	}
	return t
}

func (p *parser) is(s string) bool { return p.peek().kind == sign && p.peek().text == s }

// take takes a sign if it is next.
func (p *parser) take(s string) bool {
	if !p.is(s) {
		return false
	}
	p.next()
	return true
}

func (p *parser) query() (q query, err error) {
	if p.peek().kind == end {
		return q, nil
	}
	if !p.is("{") {
		return q, fmt.Errorf("%q: want a spanset { ... }", p.peek().text)
	}
	q, err = p.spanset()
	if err != nil {
		return q, err
	}
	for {
		switch t := p.peek(); {
		case t.kind == end:
			return q, nil
		case p.take("|"):
			if err := p.stage(); err != nil {
				return q, err
			}
		case t.kind == word && t.text == "with":
			p.next()
			if err := p.brackets(); err != nil {
				return q, err
			}
		case t.kind == sign:
			return q, fmt.Errorf("%q between spansets is not answered here: one spanset { ... } is, as all conditions are about one span", t.text)
		default:
			return q, fmt.Errorf("%q is not expected", t.text)
		}
	}
}

// stage reads a part of the pipeline. select() names what an answer should show beside; the answer
// has what it has.
func (p *parser) stage() error {
	switch t := p.next(); t.text {
	case "select":
		return p.brackets()
	case "rate", "count_over_time", "sum_over_time", "avg_over_time", "min_over_time", "max_over_time", "quantile_over_time", "histogram_over_time", "compare", "topk", "bottomk":
		return fmt.Errorf("metrics (%s) are not answered here: Throughline's own data source has rates, errors and durations", t.text)
	default:
		return fmt.Errorf("| %s is not answered here: select() is", t.text)
	}
}

// brackets skips ( ... ).
func (p *parser) brackets() error {
	if !p.take("(") {
		return errors.New("want (")
	}
	for open := 1; open > 0; {
		switch t := p.next(); {
		case t.kind == end:
			return errors.New("want )")
		case t.kind == sign && t.text == "(":
			open++
		case t.kind == sign && t.text == ")":
			open--
		}
	}
	return nil
}

func (p *parser) spanset() (query, error) {
	p.next()
	if p.take("}") {
		return query{}, nil
	}
	q, err := p.any()
	if err == nil && !p.take("}") {
		err = fmt.Errorf("%q: want }", p.peek().text)
	}
	return q, err
}

// any reads alternatives.
func (p *parser) any() (query, error) {
	q, err := p.all()
	for err == nil && p.take("||") {
		var other query
		if other, err = p.all(); err == nil {
			q, err = either(q, other)
		}
	}
	return q, err
}

// either is one of two: of one attribute with one operator the values are put together.
func either(a, b query) (query, error) {
	switch {
	case a.nothing:
		return b, nil
	case b.nothing:
		return a, nil
	case len(a.filters) == 0 || len(b.filters) == 0: // true
		return query{}, nil
	}
	x, y := a.filters[0], b.filters[0]
	if len(a.filters) > 1 || len(b.filters) > 1 || x.Key != y.Key || x.Operator != y.Operator || x.Not || y.Not {
		return query{}, errors.New("|| is answered between values of one attribute (span.a = 1 || span.a = 2), not between conditions on several")
	}
	x.Values = append(slices.Clone(x.Values), y.Values...)
	return query{filters: []store.Filter{x}}, nil
}

func (p *parser) all() (query, error) {
	q, err := p.one()
	for err == nil && p.take("&&") {
		var other query
		if other, err = p.one(); err == nil {
			q.filters, q.nothing = append(q.filters, other.filters...), q.nothing || other.nothing
		}
	}
	return q, err
}

func (p *parser) one() (query, error) {
	if p.depth++; p.depth > maxDepth {
		return query{}, fmt.Errorf("brackets are more than %d deep", maxDepth)
	}
	defer func() { p.depth-- }()
	switch t := p.peek(); {
	case p.take("("):
		q, err := p.any()
		if err == nil && !p.take(")") {
			err = fmt.Errorf("%q: want )", p.peek().text)
		}
		return q, err
	case t.kind == word && (t.text == "true" || t.text == "false"):
		p.next()
		return query{nothing: t.text == "false"}, nil
	case t.kind == word:
		return p.comparison()
	case p.is("!"):
		return query{}, errors.New("! before a condition is not answered here: != and !~ are")
	default:
		return query{}, fmt.Errorf("%q: want an attribute such as resource.service.name, or one of name, status, kind, duration", t.text)
	}
}

var operators = []string{"=", "!=", "=~", "!~", ">=", "<=", ">", "<"}

func (p *parser) comparison() (query, error) {
	if p.comparisons++; p.comparisons > maxComparisons {
		return query{}, fmt.Errorf("more than %d comparisons", maxComparisons)
	}
	name := p.next().text
	operator := p.peek()
	if operator.kind != sign || !slices.Contains(operators, operator.text) {
		return query{}, fmt.Errorf("%s %s: want one of %s, and a value", name, operator.text, strings.Join(operators, " "))
	}
	p.next()
	minus := ""
	if p.take("-") {
		minus = "-"
	}
	value := p.next()
	switch {
	case value.kind == end || value.kind == sign:
		return query{}, fmt.Errorf("%s %s: want a value", name, operator.text)
	case minus != "" && value.kind != number:
		return query{}, fmt.Errorf("- before %q: want a number", value.text)
	}
	value.text = minus + value.text
	f, err := filter(name, operator.text, value)
	if err != nil {
		return query{}, err
	}
	return query{filters: f}, nil
}
