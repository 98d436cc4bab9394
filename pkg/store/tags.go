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

// newestRows is how many of the newest spans are counted, so that what is frequent comes first, and
// suggestTime how long they are looked for.
const (
	newestRows  = 20_000
	suggestTime = 500 * time.Millisecond
)

func (q *TagsQuery) sweep(now time.Time) *sweep {
	to := cmp.Or(q.To, now.UnixNano())
	return newSweep(cmp.Or(q.From, to-int64(24*time.Hour)), to, suggestTime)
}

func (q *TagsQuery) limit() int { return min(cmp.Or(max(q.Limit, 0), 1000), maxLimit) }

func (q *TagsQuery) statement(part slice) (string, params) {
	c := newConditions()
	c.during(q.From, q.To, part)
	c.add("source = 1")
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
	stored, err := s.storedKeys(ctx, q.limit()+1)
	older := code(err) == noSuchTable // the server is older than this reader
	if err != nil && !older {
		return nil, fmt.Errorf("keys of attributes: %w", err)
	}
	tags, known := []Tag{}, map[string]bool{}
	w := q.sweep(time.Now())
	for part, ok := w.next(); ok; part, ok = w.next() {
		sql, p := q.statement(part)
		newest, err := s.list(ctx, sql, p)
		if err != nil {
			return nil, fmt.Errorf("keys of attributes: %w", err)
		}
		for _, key := range newest {
			if !known[key] {
				tags, known[key] = append(tags, Tag{key, placeNames[onSpan]}), true
			}
		}
		if !older && (len(tags) > 0 || len(stored) == 0) {
			break
		}
	}
	if older && w.until() > 0 {
		olderNotRead(ctx, "the keys of attributes", w.until())
	}
	tags = append(tags, slices.DeleteFunc(stored, func(t Tag) bool { return known[t.Key] })...)
	return firstOf(ctx, "keys of attributes", tags, q.limit()), nil
}

// olderNotRead says that what comes from spans alone is of the newest.
func olderNotRead(ctx context.Context, what string, until int64) {
	leftOut(ctx, "%s are of spans since %s UTC; older ones were not read", what, time.Unix(0, until).UTC().Format(time.DateTime))
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
