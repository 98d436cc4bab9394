package store

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"
)

// maxProbes bounds the filters that are tried alone.
const maxProbes = 10

// probeTime is how long that may take, in seconds: an explanation is worth no more.
const probeTime = "3"

// WhyNothing says in words why a search finds nothing: which of its filters finds nothing
// even alone. It is for searches that looked at everything and found nothing.
func (s *Store) WhyNothing(ctx context.Context, query SearchQuery) ([]string, error) {
	q := &search{SearchQuery: query, store: s}
	filters := q.all()
	tried := filters[:min(len(filters), maxProbes)]
	places := func() (err error) {
		q.places, err = s.places(ctx, filters)
		return err
	}
	if len(filters) == 1 && q.Scope != ScopeRequests { // the search has asked that: where the attribute is need not be known before
		var alone []uint64
		var group errgroup.Group
		group.Go(places)
		group.Go(func() (err error) {
			alone, err = (&search{SearchQuery: query, store: s}).probe(ctx, nil)
			return err
		})
		if err := group.Wait(); err != nil || alone == nil {
			return nil, err
		}
		return q.explain(tried, alone[0] > 0, []uint64{0}), nil
	}
	if err := places(); err != nil {
		return nil, err
	}
	alone, err := q.probe(ctx, tried)
	if err != nil || alone == nil {
		return nil, err
	}
	return q.explain(tried, alone[0] > 0, alone[1:]), nil
}

// probe says how many spans, up to one, there are in the time, and then for each filter; nil where
// that takes too long to find out.
func (q *search) probe(ctx context.Context, filters []Filter) (alone []uint64, err error) {
	sql, p, err := q.probeStatement(filters)
	if err != nil {
		return nil, err
	}
	found := make([]numbers[uint64], len(filters)+1)
	var columns []resultColumn
	for i := range found {
		columns = append(columns, resultColumn{fmt.Sprint("f", i), &found[i]})
	}
	err = q.store.read(ctx, sql, p, params{"max_execution_time": probeTime}, columns, func(int) error {
		for i := range found {
			alone = append(alone, found[i].at(0))
		}
		return nil
	})
	if code(err) == tookTooLong {
		return nil, nil
	}
	if err != nil || len(alone) != len(found) {
		return nil, err
	}
	return alone, nil
}

// tookTooLong is ClickHouse's code.
const tookTooLong = 159

// probeStatement asks whether there is any span in the time, and for each filter whether one
// matches it alone.
func (q *search) probeStatement(filters []Filter) (string, params, error) {
	c := newConditions()
	c.places, c.scan = q.places, q.scan
	c.during(q.From, q.To, slice{})
	during := slices.Clone(c.parts)
	var probes []string
	probe := func() {
		probes = append(probes, fmt.Sprintf("toUInt64(ifNull((SELECT count() FROM (SELECT 1 FROM spans%s LIMIT 1)), 0)) AS f%d", c.where(), len(probes)))
	}
	// By the minute: where one column answers, nothing else is read.
	c.parts = nil
	if q.From > 0 {
		c.add("bucket >= " + c.bind(formatMinute(q.From), "DateTime('UTC')"))
	}
	if q.To > 0 {
		c.add("bucket <= " + c.bind(formatMinute(q.To), "DateTime('UTC')"))
	}
	inTime := "SELECT 1 FROM spans" + c.where() + " LIMIT 1"
	probe()
	for _, f := range filters {
		c.parts = slices.Clone(during)
		if err := c.filter(f); err != nil {
			return "", nil, err
		}
		probe()
	}
	if len(probes) == 1 { // half as dear as what is asked within another statement
		return "SELECT count() AS f0 FROM (" + inTime + ")", c.params, nil
	}
	return "SELECT " + strings.Join(probes, ", "), c.params, nil
}

func (q *search) explain(filters []Filter, any bool, alone []uint64) (why []string) {
	if !any {
		return []string{"no span of that time is stored"}
	}
	c := newConditions()
	for i, f := range filters {
		switch {
		case alone[i] > 0:
		case (f.attribute || !c.knows(f.Key)) && q.places != nil && len(q.places[f.Key]) == 0:
			why = append(why, fmt.Sprintf("no attribute %.100s is stored, of spans, resources or events", f.Key))
		default:
			why = append(why, fmt.Sprintf("no span of that time has %.200s", f))
		}
	}
	if len(why) > 0 {
		return why
	}
	if len(filters) > 1 {
		why = append(why, "each of the filters matches some spans, and no span matches all of them: they are about one and the same span")
	}
	if q.Scope == ScopeRequests && len(filters) > 0 {
		why = append(why, "what matches may be no request that was served: search for traces, or all spans")
	}
	return why
}
