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

func (q *TagsQuery) statement(now time.Time) (string, params) {
	c := newConditions()
	to := cmp.Or(q.To, now.UnixNano())
	c.between(cmp.Or(q.From, to-int64(24*time.Hour)), to)
	c.add("source = 1")
	return "SELECT toString(key) FROM (SELECT arrayJoin(mapKeys(attributes)) AS key FROM (SELECT attributes FROM spans" + c.where() +
		" ORDER BY bucket DESC LIMIT " + fmt.Sprint(newestRows) + ")) WHERE key != '' GROUP BY key ORDER BY count() DESC, key LIMIT " +
		c.bind(fmt.Sprint(min(cmp.Or(max(q.Limit, 0), 1000), maxLimit)), "UInt64"), c.params
}

// TagKeys are the keys of the attributes of the newest spans in the range, most frequent
// first. Their values are Values.
func (s *Store) TagKeys(ctx context.Context, q TagsQuery) ([]string, error) {
	sql, p := q.statement(time.Now())
	keys, err := s.list(ctx, sql, p)
	if err != nil {
		return nil, fmt.Errorf("keys of attributes: %w", err)
	}
	return keys, nil
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
