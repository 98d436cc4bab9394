package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
)

// FindQuery asks which spans of a trace a filter lets through.
type FindQuery struct {
	ID     string // of the trace or of any of its spans, as of TraceQuery
	Filter Filter
	Limit  int // 50,000 spans, the earliest first
}

// MaxFound bounds the spans that are found in one trace.
const MaxFound = 50_000

// Find is the ids of the spans, by start; limited says that there are more. What a filter means
// is the same here as in a Search. A trace that is not stored has none.
func (s *Store) Find(ctx context.Context, q FindQuery) (ids []uint64, limited bool, err error) {
	limit := min(cmp.Or(max(q.Limit, 0), MaxFound), MaxFound)
	c := newConditions()
	if err := c.filter(q.Filter); err != nil { // before the store is asked
		return nil, false, err
	}
	w := &walk{store: s, query: TraceQuery{ID: q.ID}}
	if err := w.enter(ctx); err != nil {
		return nil, false, fmt.Errorf("look up %s: %w", q.ID, err)
	}
	if err := w.close(ctx); err != nil {
		return nil, false, fmt.Errorf("look up %s: %w", q.ID, err)
	}
	known, err := s.places(ctx, []Filter{q.Filter})
	if err != nil {
		return nil, false, err
	}
	var found []foundID
	for part := range slices.Chunk(w.graph.places(), placesAtOnce) {
		more, err := s.foundAt(ctx, part, q.Filter, known, limit+1)
		if err != nil {
			return nil, false, fmt.Errorf("find %.200s in %s: %w", q.Filter, q.ID, err)
		}
		found = append(found, more...)
	}
	slices.SortFunc(found, func(a, b foundID) int { return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(a.id, b.id)) })
	found = slices.Compact(found) // a span that was sent again may be two rows
	for _, f := range found[:min(len(found), limit)] {
		ids = append(ids, f.id)
	}
	return ids, len(found) > limit || w.graph.full, nil
}

type foundID struct {
	start int64
	id    uint64
}

// foundAt reads what matches of the rows at places. The key finds these rows: an index would
// only be read in vain.
func (s *Store) foundAt(ctx context.Context, at []place, f Filter, known map[string][]placedKey, limit int) (found []foundID, err error) {
	c := newConditions()
	c.places, c.scan = known, true
	c.params["places"] = formatPlaces(at)
	c.add("(bucket, grp) IN {places:Array(Tuple(DateTime('UTC'), UInt64))}")
	if err := c.filter(f); err != nil {
		return nil, err
	}
	var id numbers[uint64]
	var start numbers[int64]
	sql := "SELECT id, start FROM spans" + c.where() + " ORDER BY start, id LIMIT " + c.bind(fmt.Sprint(limit), "UInt64")
	err = s.read(ctx, sql, c.params, params{"use_skip_indexes": "0"}, []resultColumn{{"id", &id}, {"start", &start}}, func(rows int) error {
		for i := range rows {
			found = append(found, foundID{start.at(i), id.at(i)})
		}
		return nil
	})
	return found, err
}

// anyValue is the condition that something that is stored of a span as text is like this:
// what it asked for and how that ended, the values of its attributes, those of its resource,
// and its events.
func (c *conditions) anyValue(t test) string {
	is := c.text(t)
	var parts []string
	for _, column := range textsOfSpans {
		parts = append(parts, is(column))
	}
	parts = append(parts, "arrayExists(v -> "+is("v")+", texts)")
	inMap := "arrayExists(v -> " + is("v") + ", mapValues(attributes))"
	inEvent := c.event(oneOf([]string{
		is("JSONExtractString(e, 'name')"),
		"arrayExists(k -> " + is(eventValue("k")) + ", JSONExtractKeys(e, 'attributes'))",
	}))
	return oneOf(append(parts, inMap, "otel_resource IN (SELECT id FROM otel_resources WHERE "+inMap+")", "("+inEvent+")"))
}

// textsOfSpans are the columns that hold texts of users; beside them is column texts.
var textsOfSpans = []string{"endpoint", "type", "domain", "request_resource", "status_message", "service", "node", "protocol", "scope_name", "scope_version", "comm", "interface"}
