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

// requestRow is a row of the requests' roll-up, merged over a step of time.
type requestRow struct {
	step                               int64 // Unix s
	source                             span.Source
	point                              span.Point
	kind                               span.Kind
	status                             span.Status
	service, protocol, request, node   string
	entity, clientEntity, serverEntity uint64
	count, duration, retransmissions   uint64
	slots                              []uint16
	counts                             []uint64
}

// requestsQuery is a read of the roll-up.
type requestsQuery struct {
	from, to   int64
	step       uint32 // s; 0: all of the range is one
	by         []string
	views      string // a condition
	filters    []Filter
	histograms bool
	limit      int
}

// maxRequestRows bounds what a read of the roll-up brings.
const maxRequestRows = 200_000

// Columns that a row may be told apart by, in the order they are read.
var requestColumns = []string{"step", "source", "point", "kind", "status", "service", "protocol", "request", "node", "entity", "client_entity", "server_entity"}

// emptyColumn is what stands for a column that is not asked for.
func emptyColumn(name string) string {
	switch name {
	case "step":
		return "toUInt32(0)"
	case "service", "protocol", "request", "node":
		return "''"
	case "entity", "client_entity", "server_entity":
		return "toUInt64(0)"
	}
	return "toUInt8(0)"
}

func (q *requestsQuery) statement() (string, params, error) {
	c := newConditions()
	c.rollUp = true
	c.minutes(q.from, q.to)
	if q.views != "" {
		c.add(q.views)
	}
	if err := c.filters(q.filters...); err != nil {
		return "", nil, err
	}
	var list, group []string
	for _, name := range requestColumns {
		expression := emptyColumn(name) + " AS " + name + "_"
		if slices.Contains(q.by, name) {
			expression = name + " AS " + name + "_"
			switch name {
			case "step":
				step := c.bind(formatUint(uint64(q.step)), "UInt32")
				expression = "toUInt32(intDiv(toUInt32(minute), " + step + ") * " + step + ") AS step_"
			case "service", "protocol", "request", "node":
				expression = "toString(" + name + ") AS " + name + "_"
			}
			group = append(group, name+"_")
		}
		list = append(list, expression)
	}
	sql := "SELECT " + strings.Join(list, ", ") + ", sum(requests_minute.count) AS count_, sum(requests_minute.duration) AS duration_, sum(requests_minute.retransmissions) AS retransmissions_"
	if q.histograms {
		sql += ", sumMap(histogram) AS histogram_, mapKeys(histogram_) AS slots_, mapValues(histogram_) AS counts_"
		sql = "SELECT * EXCEPT histogram_ FROM (" + sql
	}
	sql += " FROM requests_minute" + c.where()
	if len(group) > 0 {
		sql += " GROUP BY " + strings.Join(group, ", ")
	}
	if q.histograms {
		sql += ")"
	}
	return sql + " LIMIT " + c.bind(fmt.Sprint(q.limit), "UInt64"), c.params, nil
}

// requests reads the roll-up; cut says that there was more.
func (s *Store) requests(ctx context.Context, q requestsQuery) (found []requestRow, cut bool, err error) {
	q.limit = maxRequestRows + 1
	sql, p, err := q.statement()
	if err != nil {
		return nil, false, err
	}
	rows, err := s.query(ctx, sql, p, nil)
	if err != nil {
		return nil, false, err
	}
	defer rows.Close()
	for rows.Next() {
		var r requestRow
		var step uint32
		to := []any{&step, (*uint8)(&r.source), (*uint8)(&r.point), (*uint8)(&r.kind), (*uint8)(&r.status), &r.service, &r.protocol, &r.request, &r.node,
			&r.entity, &r.clientEntity, &r.serverEntity, &r.count, &r.duration, &r.retransmissions}
		if q.histograms {
			to = append(to, &r.slots, &r.counts)
		}
		if err := rows.Scan(to...); err != nil {
			return nil, false, err
		}
		r.step = int64(step)
		if len(r.slots) != len(r.counts) {
			return nil, false, fmt.Errorf("a histogram of %d buckets has %d counts", len(r.slots), len(r.counts))
		}
		if r.count > 0 {
			found = append(found, r)
		}
	}
	if err := rows.Err(); err != nil {
		return nil, false, err
	}
	if len(found) > maxRequestRows {
		found, cut = found[:maxRequestRows], true
	}
	return found, cut, nil
}

// names are the entities that rows name.
func (s *Store) names(ctx context.Context, rows []requestRow) (map[uint64]span.Entity, error) {
	ids := map[uint64]bool{}
	for i := range rows {
		ids[rows[i].entity], ids[rows[i].clientEntity], ids[rows[i].serverEntity] = true, true, true
	}
	delete(ids, 0)
	delete(ids, span.OutsideID)
	found, err := s.Entities(ctx, slices.Sorted(maps.Keys(ids)))
	if err == nil {
		found[span.OutsideID] = span.Outside()
	}
	return found, err
}

// seconds is how long of a step lies in the range, for rates: minutes count as a whole, the
// one that runs as far as it is over.
func coveredSeconds(step int64, width uint32, from, to int64, now time.Time) float64 {
	begin, end := from/1e9/60*60, min((to/1e9+60)/60*60, now.Unix())
	if width > 0 {
		begin, end = max(begin, step), min(end, step+int64(width))
	}
	return max(float64(end-begin), 1)
}
