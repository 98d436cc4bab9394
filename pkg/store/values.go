package store

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
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
	part   slice // of which spans are read
	spans  bool  // the statement reads spans
	later  bool  // another part was read: what is of no time is known
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
	if err != nil || inner == "" {
		return "", nil, err
	}
	outer := c.sub()
	outer.add("value != ''")
	outer.matches(q.Pattern, "value")
	return "SELECT CAST(value, 'String') AS v, toUInt64(sum(n)) AS count FROM (" + inner + ")" + outer.where() + " GROUP BY value ORDER BY count DESC, v LIMIT " + c.bind(fmt.Sprint(q.limit()+1), "UInt64"), c.params, nil
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
	from, to := q.during()
	c.during(from, to, q.part)
	if err := c.filters(q.narrow()...); err != nil {
		return "", err
	}
	q.spans = true
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
			if q.later {
				continue
			}
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
	return s.countedFirst(ctx, q)
}

// countedFirst are the values that the newest spans have, the most frequent first, and then those
// that were kept. What reads no spans is read whole.
func (s *Store) countedFirst(ctx context.Context, q *values) ([]string, error) {
	counts := map[string]uint64{}
	from, to := q.during()
	w := newSweep(from, to, suggestTime)
	var stored []string
	more := false
	if key, ok := q.kept(); ok {
		var err error
		if stored, more, err = s.keptValues(ctx, key, from, q.Pattern, q.limit()); err != nil {
			return nil, err
		}
	}
	isKept := len(stored) > 0
	for part, ok := w.next(); ok; part, ok = w.next() {
		q.part = part
		total, err := s.count(ctx, q, counts)
		if err != nil {
			return nil, err
		}
		if q.later = true; !q.spans || isKept || total >= newestRows || len(counts) > q.limit() {
			break
		}
	}
	list := slices.SortedFunc(maps.Keys(counts), func(a, b string) int { return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b)) })
	if !isKept {
		if q.spans && w.until() > 0 && len(list) <= q.limit() {
			olderNotRead(ctx, "the values", w.until())
		}
		return list, nil
	}
	if more {
		leftOut(ctx, "%s has more values than are kept to choose from: %d, and those of the newest spans, are listed", q.Name, maxValuesOfKey)
	}
	for _, v := range stored {
		if _, known := counts[v]; !known {
			list = append(list, v)
		}
	}
	return list, nil
}

// kept is the key whose values are kept in a table. The table knows nothing of other variables.
func (q *values) kept() (key placedKey, ok bool) {
	if len(q.narrow()) > 0 {
		return key, false
	}
	switch q.Name {
	case "name", "status_message", "scope_name", "scope_version", "code":
		return placedKey{ofSpan, q.Name}, true
	}
	at := slices.IndexFunc(q.places, func(p placedKey) bool { return p.place == onSpan })
	if at < 0 {
		return key, false
	}
	return q.places[at], true
}

// count adds how often values occur in a part of the time, and says how often all of them do.
func (s *Store) count(ctx context.Context, q *values, counts map[string]uint64) (total uint64, err error) {
	sql, p, err := q.statement()
	if err != nil || sql == "" {
		return 0, err
	}
	var value texts
	var n numbers[uint64]
	err = s.read(ctx, sql, p, searching, []resultColumn{{"v", &value}, {"count", &n}}, func(rows int) error {
		for i := range rows {
			counts[strings.Clone(value.at(i))] += n.at(i)
			total += n.at(i)
		}
		return nil
	})
	return total, err
}
