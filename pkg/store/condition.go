package store

import (
	"fmt"
	"strings"

	"github.com/throughline-io/throughline/pkg/span"
)

// conditions are the parts of a WHERE clause and the parameters they are bound to.
type conditions struct {
	parts  []string
	params params
}

func newConditions() *conditions { return &conditions{params: params{}} }

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
	return " WHERE " + strings.Join(c.parts, " AND ")
}

// between limits the time; the bucket comes first in the table's order.
func (c *conditions) between(from, to int64) {
	if from > 0 {
		c.add("bucket >= " + c.bind(formatMinute(from), "DateTime('UTC')"))
		c.add("start >= " + c.bind(fmt.Sprint(from), "Int64"))
	}
	if to > 0 {
		c.add("bucket <= " + c.bind(formatMinute(to), "DateTime('UTC')"))
		c.add("start <= " + c.bind(fmt.Sprint(to), "Int64"))
	}
}

// matches compares expressions with a pattern in which * stands for any text, and upper and
// lower case are the same then, as nobody remembers which a path has; one of the
// expressions must match.
func (c *conditions) matches(pattern string, expressions ...string) {
	if pattern == "" || pattern == "*" {
		return
	}
	operator := " = "
	if strings.Contains(pattern, "*") {
		operator, pattern = " ILIKE ", likePattern(pattern)
	}
	bound := c.bind(pattern, "String")
	for i, e := range expressions {
		expressions[i] = e + operator + bound
	}
	if len(expressions) == 1 {
		c.add(expressions[0])
		return
	}
	c.add("(" + strings.Join(expressions, " OR ") + ")")
}

// likePattern turns * into LIKE's % and quotes what LIKE would understand.
func likePattern(pattern string) string {
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`, `*`, `%`).Replace(pattern)
}

// ends keeps spans of which an end, or who saw them, is an entity with such a value.
func (c *conditions) ends(column, pattern string, alternatives ...string) {
	if pattern == "" || pattern == "*" {
		return
	}
	inner := &conditions{params: c.params}
	inner.matches(pattern, column)
	ids := "(SELECT id FROM entities" + inner.where() + ")"
	parts := []string{"entity IN " + ids, "client_entity IN " + ids, "server_entity IN " + ids}
	if len(alternatives) > 0 {
		outer := &conditions{params: c.params}
		outer.matches(pattern, alternatives...)
		parts = append(outer.parts, parts...)
	}
	c.add("(" + strings.Join(parts, " OR ") + ")")
}

// attribute keeps spans with this attribute: by the index where it holds the key, else by
// reading.
func (c *conditions) attribute(key, pattern string) {
	indexed := !strings.Contains(pattern, "*")
	for _, k := range unsearched {
		indexed = indexed && k != key
	}
	if indexed {
		c.add("has(" + attributeItems + ", " + c.bind(key+"="+pattern, "String") + ")")
		return
	}
	bound := c.bind(key, "String")
	c.add("mapContains(attributes, " + bound + ")")
	c.matches(pattern, "attributes["+bound+"]")
}

// requestText is span.Span.Request as an expression.
const requestText = "if(protocol = 'HTTP', if(endpoint = '', toString(type), concat(type, ' ', endpoint)), if(request_resource != '', request_resource, toString(endpoint)))"

// status understands "ok", "error" and the names of single outcomes.
func (c *conditions) status(name string) error {
	switch name {
	case "":
		return nil
	case "error":
		c.add(fmt.Sprintf("status >= %d", span.StatusClientError))
		return nil
	}
	for s := span.StatusUnknown; s <= span.StatusTimeout; s++ {
		if s.String() == name {
			c.add(fmt.Sprintf("status = %d", s))
			return nil
		}
	}
	return fmt.Errorf("%w: status %q: want ok, error, unknown, client error, server error or timeout", ErrMalformed, name)
}
