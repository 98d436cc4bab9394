package store

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/throughline-io/throughline/pkg/span"
)

// Hop is a kind of span: what is asked for, as one point of one service sees it.
type Hop struct {
	Service string
	Request string // RequestName of the span
	Point   span.Point
}

// Key is the hop as text.
func (h Hop) Key() string { return h.Service + "|" + h.Request + "|" + h.Point.String() }

// maxHops bounds the hops of one question.
const maxHops = 1000

const usualOfHops = "SELECT toString(service) AS service, toString(request) AS request, point, sumMap(histogram) AS h, mapKeys(h) AS slots, mapValues(h) AS counts FROM requests_minute" +
	" WHERE minute >= {from:DateTime('UTC')} AND minute <= {to:DateTime('UTC')} AND (point, requests_minute.request, requests_minute.service) IN arrayMap(h -> (h.1, unhex(h.2), unhex(h.3)), {hops:Array(Tuple(UInt8, String, String))})" +
	" GROUP BY point, request, service"

// Usual are the durations of hops in the day before a time (Unix ns; 0: now), to the end of the
// five minutes that it lies in. Hops that were not seen are left out. The histograms are kept
// for further calls: nobody may change them.
func (s *Store) Usual(ctx context.Context, hops []Hop, at int64) (map[Hop]Histogram, error) {
	if len(hops) == 0 {
		return nil, nil
	}
	now := time.Now().UnixNano()
	to := usualEnd(cmp.Or(at, now))
	out := make(map[Hop]Histogram, len(hops))
	missing := s.usual.get(hops, to, now, out)
	if len(missing) > maxHops {
		leftOut(ctx, "what is usual was looked up for %d of %d kinds of spans", len(hops)-len(missing)+maxHops, len(hops))
		missing = missing[:maxHops]
	}
	if len(missing) == 0 {
		return out, nil
	}
	read, err := s.readUsual(ctx, missing, to)
	if err != nil {
		return nil, fmt.Errorf("usual durations: %w", err)
	}
	s.usual.put(missing, to, now, read)
	maps.Copy(out, read)
	return out, nil
}

func (s *Store) readUsual(ctx context.Context, hops []Hop, to int64) (map[Hop]Histogram, error) {
	rows, err := s.query(ctx, "SELECT * EXCEPT h FROM ("+usualOfHops+")", usualParams(hops, to), nil)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := make(map[Hop]Histogram, len(hops))
	for rows.Next() {
		var h Hop
		var slots []uint16
		var counts []uint64
		if err := rows.Scan(&h.Service, &h.Request, (*uint8)(&h.Point), &slots, &counts); err != nil {
			return nil, err
		}
		histogram := Histogram{}
		if len(slots) == len(counts) {
			histogram.add(slots, counts)
		}
		if len(histogram) > 0 {
			out[h] = histogram
		}
	}
	return out, rows.Err()
}

// usualParams has its texts as hex digits: quoting within a list within a parameter is not
// the same everywhere.
func usualParams(hops []Hop, at int64) params {
	var list strings.Builder
	for i, h := range hops {
		if i > 0 {
			list.WriteByte(',')
		}
		fmt.Fprintf(&list, "(%d,'%x','%x')", h.Point, h.Request, h.Service)
	}
	return params{
		"from": formatMinute(at - int64(24*time.Hour)), "to": formatMinute(at),
		"hops": "[" + list.String() + "]",
	}
}
