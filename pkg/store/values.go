package store

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/throughline-io/throughline/pkg/span"
)

// ValuesQuery asks for the values of a variable, most frequent first where they come from
// spans, else by name.
type ValuesQuery struct {
	// Name is a key that a Filter may have.
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

// values is a query on its way.
type values struct {
	ValuesQuery
	places []placedKey // where the attribute occurs
	now    time.Time
	newest *conditions // of the spans of which the newest are read; nil: none are
}

func (q *ValuesQuery) limit() int { return min(cmp.Or(max(q.Limit, 0), 1000), maxLimit) }

func (q *values) during() (from, to int64) {
	to = cmp.Or(q.To, q.now.UnixNano())
	return cmp.Or(q.From, to-int64(24*time.Hour)), to
}

// narrow are the other variables, as filters.
func (q *ValuesQuery) narrow() (all []Filter) {
	for _, f := range []struct{ key, value string }{{"namespace", q.Namespace}, {"workload", q.Workload}, {"service", q.Service}, {"protocol", q.Protocol}} {
		if f.key != q.Name && f.value != "" && f.value != "*" {
			all = append(all, Filter{Key: f.key, Values: []string{f.value}})
		}
	}
	return all
}

// statement reads one more than is wanted, which tells whether there are more.
func (q *values) statement() (string, params, error) {
	c := newConditions()
	inner, err := q.source(c)
	if err != nil {
		return "", nil, err
	}
	outer := c.sub()
	outer.add("value != ''")
	outer.matches(q.Pattern, "value")
	return "SELECT toString(value) FROM (" + inner + ")" + outer.where() + " GROUP BY value ORDER BY sum(n) DESC, value LIMIT " + c.bind(fmt.Sprint(q.limit()+1), "UInt64"), c.params, nil
}

// source is where the values come from: rows of a value and how often it occurs.
func (q *values) source(c *conditions) (string, error) {
	switch q.Name {
	case "namespace", "workload", "pod", "node":
		return q.ofEntities(c)
	case "service":
		if len(q.narrow()) > 0 {
			return q.ofEntities(c)
		}
		return q.ofRequests(c, "service")
	case "protocol":
		return q.ofRequests(c, "protocol")
	case "request_resource", "request":
		// Requests as they are counted: by route, so that there are few.
		return q.ofRequests(c, "request")
	case "name":
		return q.ofSpans(c, "endpoint", "endpoint AS value", fmt.Sprintf("source = %d", span.APP))
	case "status_message", "scope_name", "scope_version":
		return q.ofSpans(c, q.Name, q.Name+" AS value", q.Name+" != ''")
	case "code":
		return q.ofSpans(c, "code", "toString(code) AS value", "code != 0")
	case "event":
		return q.ofSpans(c, "events", "arrayJoin(arrayMap(e -> JSONExtractString(e, 'name'), JSONExtractArrayRaw(events))) AS value", "events != ''")
	}
	return q.ofAttribute(c)
}

// ofRequests are the values of a column of the roll-up, which knows them without a look at
// spans.
func (q *values) ofRequests(c *conditions, column string) (string, error) {
	c.rollUp = true
	c.minutes(q.during())
	if err := c.filters(q.narrow()...); err != nil {
		return "", err
	}
	return "SELECT " + column + " AS value, sum(requests_minute.count) AS n FROM requests_minute" + c.where() + " GROUP BY value", nil
}

// ofEntities are the values that entities and resources know. They have no time, so all
// count once, and the list is by name.
func (q *values) ofEntities(c *conditions) (string, error) {
	sources := []struct {
		table string
		value func(key string) string
	}{
		{"entities", func(key string) string { return key }},
		{"otel_resources", func(key string) string {
			if key == "service" {
				return "attributes['service.name']"
			}
			return resourceValue(key)
		}},
	}
	var parts []string
	for _, s := range sources {
		one := c.sub()
		for _, f := range q.narrow() {
			if f.Key == "protocol" {
				continue // who somebody is does not depend on it
			}
			tests, err := f.tests()
			if err != nil {
				return "", err
			}
			var any []string
			for _, t := range tests {
				any = append(any, one.text(t)(s.value(f.Key)))
			}
			one.add(oneOf(any))
		}
		parts = append(parts, "SELECT DISTINCT toString("+s.value(q.Name)+") AS value, 0 AS n FROM "+s.table+one.where())
	}
	return strings.Join(parts, " UNION ALL "), nil
}

// ofSpans are the values of the newest spans that are like this.
func (q *values) ofSpans(c *conditions, columns, value string, like ...string) (string, error) {
	for _, part := range like {
		c.add(part)
	}
	c.between(q.during())
	if err := c.filters(q.narrow()...); err != nil {
		return "", err
	}
	q.newest = c
	return "SELECT value, count() AS n FROM (SELECT " + value + " FROM (SELECT " + columns + " FROM spans" + c.where() + " ORDER BY bucket DESC LIMIT " + fmt.Sprint(newestRows) + ")) GROUP BY value", nil
}

// ofAttribute are the values of an attribute at every place where it occurs.
func (q *values) ofAttribute(c *conditions) (string, error) {
	var parts []string
	for _, p := range q.places {
		one := c.sub()
		key := c.bind(p.key, "String")
		switch p.place {
		case onResource:
			parts = append(parts, "SELECT attributes["+key+"] AS value, count() AS n FROM otel_resources WHERE mapContains(attributes, "+key+") GROUP BY value")
			continue
		case onSpan:
			part, err := q.ofSpans(one, "attributes", "attributes["+key+"] AS value", "mapContains(attributes, "+key+")")
			if err != nil {
				return "", err
			}
			parts = append(parts, part)
		case onEvent:
			with := one.attributeOfEvent(p.key, test{Operator: Equal, value: "*"})
			part, err := q.ofSpans(one, "events", "arrayJoin(arrayMap(e -> "+eventValue(key)+", JSONExtractArrayRaw(events))) AS value", with)
			if err != nil {
				return "", err
			}
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, " UNION ALL "), nil
}

// Values are the values of a variable.
func (s *Store) Values(ctx context.Context, query ValuesQuery) ([]string, error) {
	if values := enumerations[query.Name]; values != nil {
		return namesLike(values, query.Pattern), nil
	}
	list, err := s.values(ctx, &values{ValuesQuery: query, now: time.Now()})
	if err != nil {
		return nil, fmt.Errorf("values of %q: %w", query.Name, err)
	}
	return firstOf(ctx, "values", list, query.limit()), nil
}

func (s *Store) values(ctx context.Context, q *values) ([]string, error) {
	if q.Name == "" {
		return nil, fmt.Errorf("%w: no variable named", ErrMalformed)
	}
	known, err := s.places(ctx, []Filter{{Key: q.Name}})
	if err != nil {
		return nil, err
	}
	if q.places = known[q.Name]; len(q.places) == 0 {
		q.places = []placedKey{{onSpan, q.Name}}
	}
	sql, p, err := q.statement()
	if err != nil {
		return nil, err
	}
	list, err := s.list(ctx, sql, p)
	if err == nil && q.newest != nil {
		err = s.newestOnly(ctx, "the values", q.newest, newestRows)
	}
	return list, err
}
