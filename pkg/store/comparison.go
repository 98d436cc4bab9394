package store

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// text binds a test of texts; what comes back makes a condition on an expression.
func (c *conditions) text(t test) func(expression string) string {
	switch {
	case t.Operator == Matches:
		bound := c.bind(t.value, "String")
		return func(e string) string { return "match(" + e + ", " + bound + ")" }
	case t.Operator != Equal:
		bound := c.bind(t.value, "Float64")
		return func(e string) string {
			return "ifNull(toFloat64OrNull(toString(" + e + ")) " + string(t.Operator) + " " + bound + ", 0)"
		}
	case strings.Contains(t.value, "*"):
		bound := c.bind(likePattern(t.value), "String")
		return func(e string) string { return e + " ILIKE " + bound }
	default:
		bound := c.bind(t.value, "String")
		return func(e string) string { return e + " = " + bound }
	}
}

// check says what is wrong with a comparison of numbers.
func (t test) check() error {
	if t.Operator == Equal || t.Operator == Matches {
		return nil
	}
	if v, err := strconv.ParseFloat(t.value, 64); err != nil || v != v {
		return fmt.Errorf("%.100q is no number", t.value)
	}
	return nil
}

// number compares a column of whole numbers. A pattern is one of its digits.
func (c *conditions) number(column string, t test) (string, error) {
	if err := t.check(); err != nil {
		return "", err
	}
	if t.Operator == Equal {
		if v, err := strconv.ParseInt(t.value, 10, 32); err == nil {
			return column + " = " + c.bind(fmt.Sprint(v), "Int32"), nil
		}
	}
	return c.text(t)("toString(" + column + ")"), nil
}

// nanoseconds compares a column of lengths of time.
func (c *conditions) nanoseconds(column string, t test) (string, error) {
	operator := string(t.Operator)
	switch t.Operator {
	case Matches:
		return "", fmt.Errorf("a length of time is compared with >=, >, <=, < or =")
	case Equal:
		operator = "="
	}
	d, err := time.ParseDuration(t.value)
	if ns, fails := strconv.ParseInt(t.value, 10, 64); fails == nil {
		d, err = time.Duration(ns), nil
	}
	if err != nil || d < 0 {
		return "", fmt.Errorf("%.100q is no duration: write it as 500us, 5ms or 1.5s", t.value)
	}
	return column + " " + operator + " " + c.bind(fmt.Sprint(d.Nanoseconds()), "UInt64"), nil
}

// named is a value of an enumeration, and the condition that it is this one.
type named struct{ name, condition string }

// enumeration compares what has few values, by their names.
func enumeration(t test, values []named) (string, error) {
	if t.Operator != Equal && t.Operator != Matches {
		return "", fmt.Errorf("it has names and cannot be compared with %s", t.Operator)
	}
	var parts, names []string
	for _, v := range values {
		names = append(names, v.name)
		if t.accepts(v.name) || t.Operator == Equal && strings.EqualFold(t.value, v.name) {
			parts = append(parts, v.condition)
		}
	}
	if len(parts) == 0 && t.Operator == Equal && !strings.Contains(t.value, "*") {
		return "", fmt.Errorf("%.100q is not known: want %s", t.value, strings.Join(names, ", "))
	}
	return oneOf(parts), nil
}
