package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// TagsQuery asks for the keys of attributes.
type TagsQuery struct {
	From, To int64 // as of ValuesQuery
	Limit    int   // 1000
}

// newestRows is how many of the newest spans are read for what only spans know.
const newestRows = 200_000

func (q *TagsQuery) conditions(now time.Time) *conditions {
	c := newConditions()
	to := cmp.Or(q.To, now.UnixNano())
	c.between(cmp.Or(q.From, to-int64(24*time.Hour)), to)
	c.add("source = 1")
	return c
}

func (q *TagsQuery) limit() int { return min(cmp.Or(max(q.Limit, 0), 1000), maxLimit) }

func (q *TagsQuery) statement(now time.Time) (string, params) {
	c := q.conditions(now)
	return "SELECT toString(key) FROM (SELECT arrayJoin(mapKeys(attributes)) AS key FROM (SELECT attributes FROM spans" + c.where() +
		" ORDER BY bucket DESC LIMIT " + fmt.Sprint(newestRows) + ")) WHERE key != '' GROUP BY key ORDER BY count() DESC, key LIMIT " +
		c.bind(fmt.Sprint(q.limit()+1), "UInt64"), c.params
}

// Tag is the key of an attribute.
type Tag struct {
	Key   string
	Place string // where it stands: span, resource or event
}

// keysWithPlaces are all keys that were stored.
const keysWithPlaces = "SELECT key, min(place) AS first FROM attribute_keys GROUP BY key ORDER BY first, key LIMIT {limit:UInt64}"

// TagKeys are the keys of attributes: those of the newest spans in the range first, the most
// frequent before others, then all that were stored, of spans, of resources and of events.
// Their values are Values.
func (s *Store) TagKeys(ctx context.Context, q TagsQuery) ([]Tag, error) {
	now := time.Now()
	sql, p := q.statement(now)
	newest, err := s.list(ctx, sql, p)
	if err != nil {
		return nil, fmt.Errorf("keys of attributes: %w", err)
	}
	tags, known := []Tag{}, map[string]bool{}
	for _, key := range newest {
		tags, known[key] = append(tags, Tag{key, placeNames[onSpan]}), true
	}
	stored, err := s.storedKeys(ctx, q.limit()+1)
	switch {
	case code(err) == noSuchTable: // the server is older than this reader
		err = s.newestOnly(ctx, "the keys of attributes", q.conditions(now), newestRows)
	case err == nil:
		tags = append(tags, slices.DeleteFunc(stored, func(t Tag) bool { return known[t.Key] })...)
	}
	if err != nil {
		return nil, fmt.Errorf("keys of attributes: %w", err)
	}
	return firstOf(ctx, "keys of attributes", tags, q.limit()), nil
}

func (s *Store) storedKeys(ctx context.Context, limit int) ([]Tag, error) {
	var key texts
	var place numbers[uint8]
	var tags []Tag
	err := s.read(ctx, keysWithPlaces, params{"limit": fmt.Sprint(limit)}, nil, []resultColumn{{"key", &key}, {"first", &place}}, func(rows int) error {
		for i := range rows {
			tags = append(tags, Tag{strings.Clone(key.at(i)), placeNames[attributePlace(place.at(i))]})
		}
		return nil
	})
	return tags, err
}

// firstOf cuts a list that was read with one more than is wanted.
func firstOf[T any](ctx context.Context, what string, list []T, limit int) []T {
	if len(list) <= limit {
		return list
	}
	leftOut(ctx, "there are more than the %d %s listed", limit, what)
	return list[:limit]
}

// list reads one column of text.
func (s *Store) list(ctx context.Context, sql string, p params) ([]string, error) {
	rows, err := s.query(ctx, sql, p, searching)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	values := []string{}
	for rows.Next() {
		var v string
		if err := rows.Scan(&v); err != nil {
			return nil, err
		}
		values = append(values, v)
	}
	return values, rows.Err()
}
