package store

import (
	"context"
	"fmt"
	"time"

	"github.com/throughline-io/throughline/pkg/span"
)

// How the group of a span is found by an id of 16 digits: by ours, which holds its minute; by a trace
// id of 64 bits, which some group has edges of; by OpenTelemetry's, in a slice of time.
const (
	groupByID     = "SELECT toUInt8(0) AS rank, grp FROM spans WHERE bucket = {minute:DateTime('UTC')} AND id = {id:UInt64} LIMIT 1"
	groupByTrace  = "SELECT toUInt8(1) AS rank, a AS grp FROM assoc WHERE a = {group:UInt64} LIMIT 1"
	groupByOTelID = "SELECT toUInt8(2) AS rank, grp FROM spans WHERE span_id = {span:FixedString(8)}"
)

// lookUp is what a look for the group of an id has found.
type lookUp struct {
	group      span.GroupID
	found      bool
	statements int
	err        error
}

// enter finds the group to start from.
func (w *walk) enter(ctx context.Context) error {
	id, err := span.ParseAnyID(w.query.ID)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	if id.Span.IsZero() {
		w.graph.start(span.TraceGroup(id.Trace))
		return nil
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	otel := func() lookUp { return w.byOTelID(ctx, id) }
	if !likelyOwn(id, time.Now()) {
		otel = begun(otel)
	}
	at := w.byOwnID(ctx, id)
	w.statements += at.statements
	if !at.found && at.err == nil {
		at = otel()
		w.statements += at.statements
	}
	switch {
	case at.err != nil:
		return at.err
	case !at.found:
		return fmt.Errorf("span %s: %w", id, ErrNotFound)
	}
	w.graph.start(at.group)
	return nil
}

// likelyOwn reports whether an id names a minute of which spans may be stored, as ours do. Others are
// OpenTelemetry's but for wrong clocks: what is chance names such a minute once in a hundred times.
func likelyOwn(id span.AnyID, now time.Time) bool {
	at := time.Unix(span.IDMinute(id.Own())*60, 0)
	return at.After(now.AddDate(-1, 0, 0)) && at.Before(now.AddDate(0, 0, 1))
}

// begun begins something, and waits for it when it is asked for.
func begun(f func() lookUp) func() lookUp {
	done := make(chan lookUp, 1)
	go func() { done <- f() }()
	return func() lookUp { return <-done }
}

// byOwnID takes the id for ours, or for a trace id of 64 bits.
func (w *walk) byOwnID(ctx context.Context, id span.AnyID) lookUp {
	sql, p := groupByTrace, params{"group": formatUint(uint64(span.TraceGroup(id.Trace)))}
	if at := uint64(span.IDMinute(id.Own())) * 60; at < 1<<32 { // the range of DateTime
		sql = groupByID + " UNION ALL " + groupByTrace
		p["minute"], p["id"] = fmt.Sprintf("%010d", at), formatUint(id.Own())
	}
	return w.groupBy(ctx, sql, p, fastRead)
}

// groupBy is the group that a statement finds, if any: the one of the lowest rank.
func (w *walk) groupBy(ctx context.Context, sql string, p, settings params) lookUp {
	var rank numbers[uint8]
	var group numbers[uint64]
	at, best := lookUp{statements: 1}, uint8(0)
	at.err = w.store.read(ctx, sql, p, settings, []resultColumn{{"rank", &rank}, {"grp", &group}}, func(rows int) error {
		for i := range rows {
			if !at.found || rank.at(i) < best {
				at.group, at.found, best = span.GroupID(group.at(i)), true, rank.at(i)
			}
		}
		return nil
	})
	return at
}

// byOTelID looks for the span in slices of time, the newest first: the index of ids is as large
// as what is stored, and most that are looked for are new.
func (w *walk) byOTelID(ctx context.Context, id span.AnyID) (at lookUp) {
	from, to := w.query.From, w.query.To
	if from > 0 {
		from = max(1, from-slack)
	}
	if to > 0 {
		to += slack
	}
	slices := newSweep(from, to, searchTime)
	for part, ok := slices.next(); ok && !at.found && at.err == nil; part, ok = slices.onward() {
		p := params{"span": string(id.Span[:])}
		asked := at.statements
		at = w.groupBy(ctx, groupByOTelID+part.bounds(p)+" LIMIT 1", p, byIndex)
		at.statements += asked
	}
	return at
}

// slack is how far beyond the time asked for a span is looked for by OpenTelemetry's id, for which
// all spans of that time must be looked at.
const slack = 60 * minute

// bounds limit a statement to a slice.
func (s slice) bounds(p params) string {
	text := ""
	if s.from > 0 {
		p["from"] = formatMinute(s.from)
		text += " AND bucket >= {from:DateTime('UTC')}"
	}
	if s.to > 0 {
		p["to"] = formatMinute(s.to)
		text += " AND bucket < {to:DateTime('UTC')}"
	}
	return text
}
