package store

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/throughline-io/throughline/pkg/span"
)

// A request that lasts is stored while it does, with status open, and again as the same span when it
// is over. Rows replace one another where parts are merged, so until then a read meets both.

// failedRow is span.Status.Error as a condition on a row.
var failedRow = fmt.Sprintf("(status BETWEEN %d AND %d)", span.StatusClientError, span.StatusOpen-1)

// tellsMore reports whether a row of a span replaces another one of it, that is not to be shown: the
// span is over, or has lasted longer.
func tellsMore(status, than span.Status, duration, thanDuration uint64) bool {
	if (status == span.StatusOpen) != (than == span.StatusOpen) {
		return than == span.StatusOpen
	}
	return duration > thanDuration
}

// endsOf finds those of some spans that are over.
var endsOf = fmt.Sprintf("SELECT id FROM spans WHERE bucket IN {buckets:Array(DateTime('UTC'))} AND id IN {ids:Array(UInt64)} AND status != %d", span.StatusOpen)

// over are the spans of rows that are open there, and over in a row that a filter has not let through
// or that lies in another group: it was not known where the answer would begin.
func (s *Store) over(ctx context.Context, rows []SearchRow) (map[uint64]bool, error) {
	var ids []uint64
	minutes := map[string]bool{}
	for _, r := range rows {
		if r.Status == span.StatusOpen {
			ids = append(ids, r.ID)
			minutes[fmt.Sprintf("'%s'", time.Unix(int64(r.bucket), 0).UTC().Format(time.DateTime))] = true
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	var id numbers[uint64]
	over := map[uint64]bool{}
	p := params{"ids": formatIDs(distinct(ids)), "buckets": "[" + strings.Join(slices.Sorted(maps.Keys(minutes)), ",") + "]"}
	err := s.read(ctx, endsOf, p, fastRead, []resultColumn{{"id", &id}}, func(rows int) error {
		for i := range rows {
			over[id.at(i)] = true
		}
		return nil
	})
	return over, err
}
