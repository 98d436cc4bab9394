package store

import (
	"context"
	"fmt"

	"github.com/throughline-io/throughline/pkg/span"
)

// How the group of a span is found by an id of 16 digits: by ours, which holds its minute; by a trace
// id of 64 bits, which some group has edges of; by OpenTelemetry's, in a slice of time.
const (
	groupByID     = "SELECT toUInt8(0) AS rank, grp FROM spans WHERE bucket = {minute:DateTime('UTC')} AND id = {id:UInt64} LIMIT 1"
	groupByTrace  = "SELECT toUInt8(1) AS rank, a AS grp FROM assoc WHERE a = {group:UInt64} LIMIT 1"
	groupByOTelID = "SELECT toUInt8(2) AS rank, grp FROM spans WHERE span_id = {span:FixedString(8)}"
)

// enter finds the group to start from.
func (w *walk) enter(ctx context.Context) error {
	id, err := span.ParseAnyID(w.query.ID)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	group := span.TraceGroup(id.Trace)
	if id.Span.IsZero() {
		w.graph.start(group)
		return nil
	}
	sql, p := groupByTrace, params{"group": formatUint(uint64(group))}
	if at := uint64(span.IDMinute(id.Own())) * 60; at < 1<<32 { // the range of DateTime
		sql = groupByID + " UNION ALL " + groupByTrace
		p["minute"], p["id"] = fmt.Sprintf("%010d", at), formatUint(id.Own())
	}
	if found, err := w.start(ctx, sql, p, fastRead); err != nil || found {
		return err
	}
	return w.enterByOTelID(ctx, id)
}

// start begins at the group that a statement finds, if any: the one of the lowest rank.
func (w *walk) start(ctx context.Context, sql string, p, settings params) (found bool, err error) {
	var rank numbers[uint8]
	var group numbers[uint64]
	w.statements++
	best := uint8(0)
	err = w.store.read(ctx, sql, p, settings, []resultColumn{{"rank", &rank}, {"grp", &group}}, func(rows int) error {
		for i := range rows {
			if !found || rank.at(i) < best {
				w.graph.start(span.GroupID(group.at(i)))
				found, best = true, rank.at(i)
			}
		}
		return nil
	})
	return found, err
}

// enterByOTelID looks for the span in slices of time, the newest first: the index of ids is as large
// as what is stored, and most that are looked for are new.
func (w *walk) enterByOTelID(ctx context.Context, id span.AnyID) error {
	from, to := w.query.From, w.query.To
	if from > 0 {
		from = max(1, from-slack)
	}
	if to > 0 {
		to += slack
	}
	slices := newSweep(from, to, searchTime)
	for part, ok := slices.next(); ok; part, ok = slices.onward() {
		p := params{"span": string(id.Span[:])}
		if found, err := w.start(ctx, groupByOTelID+part.bounds(p)+" LIMIT 1", p, oneThread); err != nil || found {
			return err
		}
	}
	return fmt.Errorf("span %s: %w", id, ErrNotFound)
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
