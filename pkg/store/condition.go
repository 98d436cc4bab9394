package store

import (
	"fmt"
	"math"
	"strings"
)

// conditions are the parts of a WHERE clause and the parameters they are bound to.
type conditions struct {
	parts  []string
	params params
	// rollUp: they are on requests_minute, which has no attributes and no resources.
	rollUp bool
	// places says where the keys of attributes occur; see Store.places.
	places map[string][]placedKey
	// scan: they are for rows that are read anyway, and ask for no index.
	scan bool
}

func newConditions() *conditions { return &conditions{params: params{}} }

// sub are conditions of their own with the same parameters, for a part of a part.
func (c *conditions) sub() *conditions {
	return &conditions{params: c.params, rollUp: c.rollUp, places: c.places, scan: c.scan}
}

// bind names a value for use in a part.
func (c *conditions) bind(value, typ string) string {
	name := fmt.Sprintf("p%d", len(c.params))
	c.params[name] = value
	return "{" + name + ":" + typ + "}"
}

func (c *conditions) add(part string) { c.parts = append(c.parts, part) }

func (c *conditions) where() string {
	if len(c.parts) == 0 {
		return ""
	}
	return " WHERE " + c.all()
}

// all is the condition that every part holds.
func (c *conditions) all() string { return strings.Join(c.parts, " AND ") }

// oneOf is the condition that one of the parts holds.
func oneOf(parts []string) string {
	switch len(parts) {
	case 0:
		return "0"
	case 1:
		return parts[0]
	}
	return "(" + strings.Join(parts, " OR ") + ")"
}

// during limits the time of spans to that from one moment to another, within a slice. The bucket,
// which comes first in the table's order, is enough for all minutes but the first and the last.
func (c *conditions) during(from, to int64, part slice) {
	first, last := int64(bucket(part.from)), int64(math.MaxUint32)
	if part.to > 0 {
		last = int64(bucket(part.to)) - 1
	}
	if from > 0 {
		first = max(first, int64(bucket(from)))
	}
	if to > 0 {
		last = min(last, int64(bucket(to)))
	}
	if last -= last % 60; first == last {
		c.add("bucket = " + c.bind(fmt.Sprintf("%010d", first), "DateTime('UTC')"))
	} else {
		if first > 0 {
			c.add("bucket >= " + c.bind(fmt.Sprintf("%010d", first), "DateTime('UTC')"))
		}
		if last < math.MaxUint32-60 {
			c.add("bucket <= " + c.bind(fmt.Sprintf("%010d", last), "DateTime('UTC')"))
		}
	}
	if from > 0 && first == int64(bucket(from)) {
		c.add(startColumn + " >= " + c.bind(fmt.Sprint(from), "Int64"))
	}
	if to > 0 && last == int64(bucket(to)) {
		c.add(startColumn + " <= " + c.bind(fmt.Sprint(to), "Int64"))
	}
}

// startColumn is a span's start in conditions. In the table's order it comes behind the group, by
// which it lies anywhere: to look at every granule's starts excludes nothing, and took half of a
// search's time. Nobody looks through bitOr.
const startColumn = "bitOr(start, 0)"

// upTo limits the time of spans to what is not newer than a row.
func (c *conditions) upTo(bucket uint32, start int64) {
	c.add("bucket <= " + c.bind(formatUint(uint64(bucket)), "DateTime('UTC')"))
	c.add(startColumn + " <= " + c.bind(fmt.Sprint(start), "Int64"))
}

// minutes limits the time of a roll-up.
func (c *conditions) minutes(from, to int64) {
	if from > 0 {
		c.add("minute >= " + c.bind(formatMinute(from), "DateTime('UTC')"))
	}
	if to > 0 {
		c.add("minute <= " + c.bind(formatMinute(to), "DateTime('UTC')"))
	}
}

// filters adds that every one of the filters holds.
func (c *conditions) filters(filters ...Filter) error {
	for _, f := range filters {
		if err := c.filter(f); err != nil {
			return err
		}
	}
	return nil
}

// filter adds that a filter holds. One that asks nothing, such as an empty field of a form,
// adds nothing.
func (c *conditions) filter(f Filter) error {
	if f.senders != nil {
		c.holds(c.sentBy(f.senders), f.Not)
		return nil
	}
	tests, err := f.tests()
	if err != nil {
		return err
	}
	var parts []string
	for _, t := range tests {
		part, err := c.condition(f, t)
		if err != nil && t.list {
			continue
		}
		if err != nil {
			return fmt.Errorf("%w: filter %.300s: %w", ErrMalformed, f, err)
		}
		if part != "" {
			parts = append(parts, part)
		}
	}
	if len(parts) == 0 {
		return nil
	}
	c.holds(oneOf(parts), f.Not)
	return nil
}

// holds adds a condition, or that it does not hold.
func (c *conditions) holds(condition string, not bool) {
	if not {
		condition = "NOT (" + condition + ")"
	}
	c.add(condition)
}

// matches adds that an expression is like a pattern; see Equal.
func (c *conditions) matches(pattern, expression string) {
	if pattern != "" && pattern != "*" {
		c.add(c.text(test{Operator: Equal, value: pattern})(expression))
	}
}
