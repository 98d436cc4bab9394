package store

import (
	"context"
	"fmt"
)

type leftOutKey struct{}

// Reporting makes reads with this context tell, in words, what they left out beyond what
// their answers say. report may be called from several goroutines.
func Reporting(ctx context.Context, report func(why string)) context.Context {
	return context.WithValue(ctx, leftOutKey{}, report)
}

func leftOut(ctx context.Context, format string, args ...any) {
	if report, ok := ctx.Value(leftOutKey{}).(func(string)); ok {
		report(fmt.Sprintf(format, args...))
	}
}

// newestOnly tells whether more than the newest spans that were read match: what comes from
// spans alone is of those. Nobody to tell, nothing to ask.
func (s *Store) newestOnly(ctx context.Context, what string, c *conditions, newest int) error {
	if ctx.Value(leftOutKey{}) == nil {
		return nil
	}
	rows, err := s.query(ctx, "SELECT count() FROM (SELECT 1 FROM spans"+c.where()+" LIMIT "+fmt.Sprint(newest+1)+")", c.params, nil)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var n uint64
		if err := rows.Scan(&n); err != nil {
			return err
		}
		if n > uint64(newest) {
			leftOut(ctx, "%s are of the newest %d spans in the time range; older ones were not read", what, newest)
		}
	}
	return rows.Err()
}
