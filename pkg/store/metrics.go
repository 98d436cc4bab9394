package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/throughline-io/throughline/pkg/span"
)

// Dimensions are what metrics can be grouped by.
var Dimensions = []string{"service", "client", "server", "namespace", "workload", "protocol", "request", "status", "source", "point", "node"}

// MetricsQuery asks for rates, errors and durations from the roll-up per minute.
type MetricsQuery struct {
	From, To int64 // Unix ns; To 0 is now, From 0 an hour before
	// Step is the length of a point in whole minutes; 0: one point for all of the range.
	Step     time.Duration
	GroupBy  []string // Dimensions
	Observed Observed // "": Served
	Filters  []Filter // on everything but attributes
	// Histograms asks for the distribution of durations.
	Histograms bool
	Limit      int // of series, the busiest ones (100)
}

// Metrics is the answer to a MetricsQuery.
type Metrics struct {
	From, To int64         // as used
	Step     time.Duration // as used: a long range has longer steps
	Series   []Series
	// Dropped is the number of series left out by the limit.
	Dropped int
	// Truncated says what else was left out; "" for nothing.
	Truncated string
}

// Series is one combination of the groups' values.
type Series struct {
	Labels []string // in the order of GroupBy
	Points []Point  // by time; steps without a request are left out
}

// Point is a step of a series.
type Point struct {
	Time     int64 // Unix ns, the step's start
	Seconds  float64
	Count    uint64
	Errors   uint64
	Duration uint64 // ns, of all requests together
	// Retransmissions are the packets of these requests that were sent again, as NET spans
	// counted them.
	Retransmissions uint64
	Histogram       Histogram
}

const (
	defaultSeries = 100
	maxSeries     = 1000
	maxSteps      = 2000
)

func (q *MetricsQuery) check(now time.Time) error {
	q.To = cmp.Or(q.To, now.UnixNano())
	q.From = cmp.Or(q.From, q.To-int64(time.Hour))
	if q.From > q.To {
		return fmt.Errorf("%w: the time range ends before it begins", ErrMalformed)
	}
	q.Observed = cmp.Or(q.Observed, Served)
	switch q.Observed {
	case Served, Called, Everything:
	default:
		return fmt.Errorf("%w: observed %q: want served, called or all", ErrMalformed, q.Observed)
	}
	for _, d := range q.GroupBy {
		if !slices.Contains(Dimensions, d) {
			return fmt.Errorf("%w: group %q: want %s", ErrMalformed, d, strings.Join(Dimensions, ", "))
		}
	}
	q.Limit = min(cmp.Or(max(q.Limit, 0), defaultSeries), maxSeries)
	if q.Step > 0 {
		q.Step = max(q.Step.Truncate(time.Minute), time.Minute)
		if least := time.Duration((q.To - q.From) / maxSteps); q.Step < least {
			q.Step = least.Truncate(time.Minute) + time.Minute
		}
		if q.Step > 1<<31*time.Second {
			return fmt.Errorf("%w: step %v is too long", ErrMalformed, q.Step)
		}
	}
	return nil
}

func (q *MetricsQuery) requests() requestsQuery {
	r := requestsQuery{
		from: q.From, to: q.To, step: uint32(q.Step / time.Second), filters: q.inStore(), histograms: q.Histograms,
		by: []string{"source", "point", "kind", "status", "service", "protocol", "entity", "client_entity", "server_entity", "step"},
	}
	if q.Step == 0 {
		r.step = viewStep(q.From, q.To)
	}
	for _, d := range []string{"request", "node"} {
		if slices.Contains(q.GroupBy, d) {
			r.by = append(r.by, d)
		}
	}
	switch q.Observed {
	case Served:
		r.views = servedViews
	case Called:
		r.views = calledViews
	}
	return r
}

// inStore are the filters that the statement takes. That an end is not something is decided
// later, when it is known which end counts.
func (q *MetricsQuery) inStore() []Filter {
	if q.Observed == Everything {
		return q.Filters
	}
	return slices.DeleteFunc(slices.Clone(q.Filters), func(f Filter) bool {
		return f.Not && (f.senders != nil || f.Key == "service" || f.Key == "namespace" || f.Key == "workload")
	})
}

// Metrics reads rates, errors and durations.
func (s *Store) Metrics(ctx context.Context, q MetricsQuery) (*Metrics, error) {
	now := time.Now()
	if err := q.check(now); err != nil {
		return nil, fmt.Errorf("metrics: %w", err)
	}
	var err error
	if q.Filters, err = s.bySender(ctx, q.From, q.To, q.Filters); err != nil {
		return nil, fmt.Errorf("metrics: %w", err)
	}
	rows, cut, err := s.requests(ctx, q.requests())
	if err != nil {
		return nil, fmt.Errorf("metrics: %w", err)
	}
	entities, err := s.names(ctx, rows)
	if err != nil {
		return nil, fmt.Errorf("metrics: %w", err)
	}
	switch q.Observed {
	case Served:
		rows = once(rows, func(r *requestRow) seenAs {
			_, server := r.ends()
			return seenAs{server: server.entity, name: nameless(server), protocol: r.protocol}
		})
	case Called:
		rows = once(rows, func(r *requestRow) seenAs {
			client, _ := r.ends()
			return seenAs{server: client.entity, name: nameless(client), protocol: r.protocol}
		})
	}
	if q.Step == 0 {
		rows = withoutSteps(rows)
	}
	out := &Metrics{From: q.From, To: q.To, Step: q.Step}
	if cut {
		out.Truncated = fmt.Sprintf("more than %d combinations of service, protocol, status and time; narrow the query or group by less", maxRequestRows)
	}
	q.gather(out, rows, entities, now)
	return out, nil
}

// nameless is the name of a party without entity, by which alone it is told apart.
func nameless(p party) string {
	if p.entity != 0 {
		return ""
	}
	return p.service
}

// gather sorts rows into series.
func (q *MetricsQuery) gather(out *Metrics, rows []requestRow, entities map[uint64]span.Entity, now time.Time) {
	type series struct {
		Series
		points map[int64]*Point
		total  uint64
	}
	all := map[string]*series{}
	for i := range rows {
		r := &rows[i]
		labels, mine := q.labels(r, entities)
		if !mine {
			continue
		}
		key := strings.Join(labels, "\x00")
		one := all[key]
		if one == nil {
			one = &series{Series: Series{Labels: labels}, points: map[int64]*Point{}}
			all[key] = one
		}
		p := one.points[r.step]
		if p == nil {
			p = &Point{Time: r.step * 1e9, Seconds: coveredSeconds(r.step, uint32(q.Step/time.Second), q.From, q.To, now)}
			if q.Step == 0 {
				p.Time = q.To
			}
			one.points[r.step] = p
		}
		p.add(r)
		one.total += r.count
	}
	sorted := make([]*series, 0, len(all))
	for _, one := range all {
		sorted = append(sorted, one)
	}
	slices.SortFunc(sorted, func(a, b *series) int {
		return cmp.Or(cmp.Compare(b.total, a.total), slices.Compare(a.Labels, b.Labels))
	})
	if len(sorted) > q.Limit {
		out.Dropped = len(sorted) - q.Limit
		sorted = sorted[:q.Limit]
	}
	for _, one := range sorted {
		for _, p := range one.points {
			one.Points = append(one.Points, *p)
		}
		slices.SortFunc(one.Points, func(a, b Point) int { return cmp.Compare(a.Time, b.Time) })
		out.Series = append(out.Series, one.Series)
	}
}

func (p *Point) add(r *requestRow) {
	p.Count += r.count
	p.Duration += r.duration
	p.Retransmissions += r.retransmissions
	if r.status.Error() {
		p.Errors += r.count
	}
	if len(r.slots) > 0 {
		if p.Histogram == nil {
			p.Histogram = Histogram{}
		}
		p.Histogram.add(r.slots, r.counts)
	}
}

// labels are a row's values of the groups. mine is false for a row that a filter on
// service, namespace or workload let in for its other end.
func (q *MetricsQuery) labels(r *requestRow, entities map[uint64]span.Entity) (labels []string, mine bool) {
	client, server := r.ends()
	owner := party{entity: r.entity, service: r.service}
	switch q.Observed {
	case Served:
		owner = server
	case Called:
		owner = client
	}
	own := entities[owner.entity]
	service := serviceName(owner, entities)
	if q.Observed != Everything {
		for _, f := range q.Filters {
			if f.senders != nil && f.senders[owner.entity] == f.Not {
				return nil, false
			}
			value := ""
			switch f.Key {
			case "service":
				value = service
			case "namespace":
				value = own.Namespace
			case "workload":
				value = own.Workload
			default:
				continue
			}
			if !f.passes(value) {
				return nil, false
			}
		}
	}
	for _, d := range q.GroupBy {
		v := ""
		switch d {
		case "service":
			v = service
		case "client":
			v = serviceName(client, entities)
		case "server":
			v = serviceName(server, entities)
		case "namespace":
			v = own.Namespace
		case "workload":
			v = own.Workload
		case "protocol":
			v = r.protocol
		case "request":
			v = r.request
		case "status":
			v = r.status.String()
		case "source":
			v = r.source.String()
		case "point":
			v = r.point.String()
		case "node":
			v = r.node
		}
		labels = append(labels, v)
	}
	return labels, true
}

// serviceName is the name that metrics show of a party.
func serviceName(p party, entities map[uint64]span.Entity) string {
	e := entities[p.entity]
	return cmp.Or(p.service, e.Service, e.Workload, e.Pod, e.Process, e.IP)
}
