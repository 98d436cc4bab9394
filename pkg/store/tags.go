package store

import (
	"cmp"
	"context"
	"fmt"
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

// TagKeys are the keys of the attributes of the newest spans in the range, most frequent
// first. Their values are Values.
func (s *Store) TagKeys(ctx context.Context, q TagsQuery) ([]string, error) {
	now := time.Now()
	sql, p := q.statement(now)
	keys, err := s.list(ctx, sql, p)
	if err == nil {
		err = s.newestOnly(ctx, "the keys of attributes", q.conditions(now), newestRows)
	}
	if err != nil {
		return nil, fmt.Errorf("keys of attributes: %w", err)
	}
	return firstOf(ctx, "keys of attributes", keys, q.limit()), nil
}

// firstOf cuts a list that was read with one more than is wanted.
func firstOf(ctx context.Context, what string, list []string, limit int) []string {
	if len(list) <= limit {
		return list
	}
	leftOut(ctx, "there are more than the %d %s listed", limit, what)
	return list[:limit]
}

// list reads one column of text.
func (s *Store) list(ctx context.Context, sql string, p params) ([]string, error) {
	rows, err := s.query(ctx, sql, p, newestFirst)
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
