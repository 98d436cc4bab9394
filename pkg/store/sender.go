package store

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// senderKeys are attributes of OpenTelemetry resources by which figures per minute can be
// filtered, though they have no resources: who sends has one value of each, so that its
// entity stands for it.
var senderKeys = []string{"deployment.environment.name", "service.namespace"}

// maxSenders bounds the entities of a filter.
const maxSenders = 20_000

// bySender finds the entities that filters on senderKeys mean: those whose code sent spans
// with such a resource in that time. What agents saw of the same entities counts, too.
func (s *Store) bySender(ctx context.Context, from, to int64, filters []Filter) ([]Filter, error) {
	var out []Filter
	for _, f := range filters {
		key := strings.TrimPrefix(f.Key, "resource.")
		if !slices.Contains(senderKeys, key) {
			out = append(out, f)
			continue
		}
		sql, p, err := sendersSQL(from, to, key, f)
		if err != nil {
			return nil, err
		}
		if sql == "" {
			continue
		}
		if f.senders, err = s.senders(ctx, sql, p); err != nil {
			return nil, fmt.Errorf("whose %s it is: %w", key, err)
		}
		if len(f.senders) > maxSenders {
			return nil, fmt.Errorf("%w: filter %.300s: more than %d senders have it; choose a shorter time", ErrMalformed, f, maxSenders)
		}
		out = append(out, f)
	}
	return out, nil
}

// sendersSQL is "" where the filter asks nothing.
func sendersSQL(from, to int64, key string, f Filter) (string, params, error) {
	tests, err := f.tests()
	if err != nil {
		return "", nil, err
	}
	c := newConditions()
	var parts []string
	for _, t := range tests {
		if t.value == "" {
			continue
		}
		if err := t.check(); err != nil {
			return "", nil, fmt.Errorf("%w: filter %.300s: %w", ErrMalformed, f, err)
		}
		parts = append(parts, c.attributeInMap(key, t))
	}
	if len(parts) == 0 {
		return "", nil, nil
	}
	c.during(from, to, slice{})
	c.add("source = 1 AND entity != 0 AND otel_resource IN (SELECT id FROM otel_resources WHERE " + oneOf(parts) + ")")
	return "SELECT DISTINCT entity FROM spans" + c.where() + " LIMIT " + c.bind(fmt.Sprint(maxSenders+1), "UInt64"), c.params, nil
}

func (s *Store) senders(ctx context.Context, sql string, p params) (map[uint64]bool, error) {
	rows, err := s.query(ctx, sql, p, nil)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	found := map[uint64]bool{}
	for rows.Next() {
		var id uint64
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		found[id] = true
	}
	return found, rows.Err()
}

// sentBy is the condition that an end of the request, or who saw it, is one of these.
func (c *conditions) sentBy(senders map[uint64]bool) string {
	ids := c.bind(formatIDs(slices.Sorted(maps.Keys(senders))), "Array(UInt64)")
	return oneOf([]string{"entity IN " + ids, "client_entity IN " + ids, "server_entity IN " + ids})
}
