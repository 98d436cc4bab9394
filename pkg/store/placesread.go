package store

import (
	"context"
	"slices"

	"github.com/throughline-io/throughline/pkg/span"
)

// earlyPlaces bounds what is read of a trace before it is known that it belongs to it.
const earlyPlaces = 500

// placesRead are the rows that were read of places.
type placesRead struct {
	places []place
	rows   int // with those that came twice
	spans  []*span.Span
	known  map[spanKey]int // in spans
}

func (r *placesRead) begun() bool { return len(r.places) > 0 }

// read adds the spans of places, with one more than most, which tells that there are more.
func (r *placesRead) read(ctx context.Context, s *Store, at []place, most int) error {
	r.places = append(r.places, at...)
	if r.known == nil {
		r.known = map[spanKey]int{}
	}
	decoder := newSpanRows()
	p := params{"places": formatPlaces(at), "limit": formatUint(uint64(most + 1))}
	return s.read(ctx, spansOfPlaces(decoder), p, byKey, decoder.results, func(rows int) error {
		r.rows += rows
		for _, one := range decoder.append(nil, rows) {
			k := spanKey{one.ID, one.Start, one.Source}
			if at, met := r.known[k]; !met {
				r.known[k] = len(r.spans)
				r.spans = append(r.spans, one)
			} else if before := r.spans[at]; tellsMore(one.Status, before.Status, one.Duration, before.Duration) {
				r.spans[at] = one
			}
		}
		return nil
	})
}

// of reports whether all that was read is of these groups, and is not more than most spans.
func (r *placesRead) of(groups []span.GroupID, most int) bool {
	return r.rows <= most && !slices.ContainsFunc(r.places, func(p place) bool { return !slices.Contains(groups, p.group) })
}

// missing are the places that were not read.
func (r *placesRead) missing(places []place) []place {
	return slices.DeleteFunc(slices.Clone(places), func(p place) bool { return slices.Contains(r.places, p) })
}

func spansOfPlaces(r *spanRows) string { return spansOf(r.columns()) }

// spansOf says PREWHERE, as the store does not move a set there by itself: the other columns are
// read of granules that have such rows alone, 1.7 ms of CPU less of 7.5 for a trace.
func spansOf(columns string) string {
	return "SELECT " + columns + " FROM spans PREWHERE (bucket, grp) IN {places:Array(Tuple(DateTime('UTC'), UInt64))} LIMIT {limit:UInt64}"
}

// spanKey is what makes a stored row the same span as another one.
type spanKey struct {
	id     uint64
	start  int64
	source span.Source
}
