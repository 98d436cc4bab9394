package store

import (
	"cmp"
	"context"
	"fmt"
	"time"
)

// ValuesQuery asks for the values of a variable, most frequent first where they come from
// spans, else by name.
type ValuesQuery struct {
	// Name is namespace, workload, service, pod, node, protocol, request_resource, or the key
	// of an attribute.
	Name string
	// From and To (Unix ns, as minutes) bound what is read; From 0 is a day before To, To 0
	// is now.
	From, To int64
	// The other variables narrow the choice.
	Namespace, Workload, Service, Protocol string
	// Pattern narrows it to values that match; * stands for any characters.
	Pattern string
	Limit   int // 1000
}

// entityValues are the variables that the entities know without reading a span.
var entityValues = map[string]bool{"namespace": true, "workload": true, "pod": true, "node": true, "service": true}

func (q *ValuesQuery) statement(now time.Time) (string, params, error) {
	c := newConditions()
	limit := q.limit() + 1 // one more tells whether there are more
	from, to := q.during(now)
	narrow := func() { q.narrow(c) }
	frequent := func(inner string) (string, params, error) {
		outer := &conditions{params: c.params}
		outer.add("value != ''")
		outer.matches(q.Pattern, "value")
		return "SELECT toString(value) FROM (" + inner + ")" + outer.where() + " ORDER BY n DESC, value LIMIT " + c.bind(fmt.Sprint(limit), "UInt64"), c.params, nil
	}
	// The roll-up knows these without a look at spans.
	fromRequests := func(column string) (string, params, error) {
		c.add("minute >= " + c.bind(formatMinute(from), "DateTime('UTC')"))
		c.add("minute <= " + c.bind(formatMinute(to), "DateTime('UTC')"))
		narrow()
		return frequent("SELECT " + column + " AS value, sum(requests_minute.count) AS n FROM requests_minute" + c.where() + " GROUP BY value")
	}
	switch {
	case q.Name == "":
		return "", nil, fmt.Errorf("%w: no variable named", ErrMalformed)
	case q.Name == "service" && (q.Namespace == "" || q.Namespace == "*") && (q.Workload == "" || q.Workload == "*"):
		return fromRequests("service")
	case entityValues[q.Name]:
		c.add(q.Name + " != ''")
		c.matches(q.Namespace, "namespace")
		c.matches(q.Workload, "workload")
		if q.Name != "service" {
			c.matches(q.Service, "service")
		}
		c.matches(q.Pattern, q.Name)
		return "SELECT DISTINCT toString(" + q.Name + ") AS value FROM entities" + c.where() + " ORDER BY value LIMIT " + c.bind(fmt.Sprint(limit), "UInt64"), c.params, nil
	case q.Name == "protocol":
		return fromRequests("protocol")
	case q.Name == "request_resource":
		// Requests as they are counted: by route, so that there are few.
		return fromRequests("request")
	default:
		key := q.withKey(c, now)
		return frequent("SELECT value, count() AS n FROM (SELECT attributes[" + key + "] AS value FROM spans" + c.where() +
			" ORDER BY bucket DESC LIMIT " + fmt.Sprint(newestRows) + ") GROUP BY value")
	}
}

func (q *ValuesQuery) limit() int { return min(cmp.Or(max(q.Limit, 0), 1000), maxLimit) }

func (q *ValuesQuery) during(now time.Time) (from, to int64) {
	to = cmp.Or(q.To, now.UnixNano())
	return cmp.Or(q.From, to-int64(24*time.Hour)), to
}

// isAttribute: only spans know the values of attributes.
func (q *ValuesQuery) isAttribute() bool {
	return !entityValues[q.Name] && q.Name != "protocol" && q.Name != "request_resource"
}

func (q *ValuesQuery) narrow(c *conditions) {
	c.ends("namespace", q.Namespace)
	c.ends("workload", q.Workload)
	if q.Name != "service" {
		c.ends("service", q.Service, "service")
	}
	c.matches(q.Protocol, "protocol")
}

// withKey are the conditions on spans that have the attribute; it gives back the key's name
// in them.
func (q *ValuesQuery) withKey(c *conditions, now time.Time) (key string) {
	key = c.bind(q.Name, "String")
	c.add("mapContains(attributes, " + key + ")")
	from, to := q.during(now)
	c.between(from, to)
	q.narrow(c)
	return key
}

// Values are the values of a variable.
func (s *Store) Values(ctx context.Context, q ValuesQuery) ([]string, error) {
	now := time.Now()
	sql, p, err := q.statement(now)
	if err != nil {
		return nil, fmt.Errorf("values of %q: %w", q.Name, err)
	}
	values, err := s.list(ctx, sql, p)
	if err == nil && q.isAttribute() {
		c := newConditions()
		q.withKey(c, now)
		err = s.newestOnly(ctx, "the values", c, newestRows)
	}
	if err != nil {
		return nil, fmt.Errorf("values of %q: %w", q.Name, err)
	}
	return firstOf(ctx, "values", values, q.limit()), nil
}
