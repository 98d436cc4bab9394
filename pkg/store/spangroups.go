package store

import (
	"context"
	"fmt"
	"strings"

	"github.com/throughline-io/throughline/pkg/span"
)

// The statements that find the groups of several ids of 16 digits.
const (
	groupsByID     = "SELECT id, grp FROM spans WHERE bucket IN {minutes:Array(DateTime('UTC'))} AND id IN {ids:Array(UInt64)}"
	groupsWithRows = "SELECT DISTINCT a, a AS b FROM assoc WHERE a IN {groups:Array(UInt64)} AND kind = 0"
	groupsByOTelID = "SELECT DISTINCT reinterpretAsUInt64(reverse(span_id)) AS id, grp FROM spans WHERE span_id IN (SELECT CAST(unhex(arrayJoin({spans:Array(String)})), 'FixedString(8)'))"
)

// groupsOf finds the groups of the ids that may be a span's, in the order of TraceQuery: as
// ours, as trace ids of 64 bits, as OpenTelemetry's. What is found is not asked for again.
func (r *reach) groupsOf(ctx context.Context, ids []span.AnyID) (map[span.SpanID]span.GroupID, error) {
	found, open := map[span.SpanID]span.GroupID{}, map[span.SpanID]span.AnyID{}
	for _, id := range ids {
		if !id.Span.IsZero() {
			open[id.Span] = id
		}
	}
	take := func(id span.SpanID, g span.GroupID) {
		if found[id] == 0 {
			found[id] = g
			delete(open, id)
		}
	}
	for _, step := range []func(context.Context, map[span.SpanID]span.AnyID, func(span.SpanID, span.GroupID)) error{r.byOwnID, r.byTraceID, r.byOTelID} {
		if len(open) == 0 {
			break
		}
		if err := step(ctx, open, take); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// byOwnID takes them for ours, which hold the minute.
func (r *reach) byOwnID(ctx context.Context, open map[span.SpanID]span.AnyID, take func(span.SpanID, span.GroupID)) error {
	var list, minutes []uint64
	spans := map[uint64]span.SpanID{}
	for s, id := range open {
		own := id.Own()
		if at := uint64(span.IDMinute(own)) * 60; at < 1<<32 { // the range of DateTime
			list, minutes, spans[own] = append(list, own), append(minutes, at), s
		}
	}
	if len(list) == 0 {
		return nil
	}
	p := params{"ids": formatIDs(distinct(list)), "minutes": formatSeconds(distinct(minutes))}
	return r.pairs(ctx, groupsByID, p, "id", "grp", func(id, group uint64) { take(spans[id], span.GroupID(group)) })
}

// byTraceID takes them for trace ids of 64 bits.
func (r *reach) byTraceID(ctx context.Context, open map[span.SpanID]span.AnyID, take func(span.SpanID, span.GroupID)) error {
	var list []uint64
	spans := map[uint64]span.SpanID{}
	for s, id := range open {
		g := uint64(span.TraceGroup(id.Trace))
		list, spans[g] = append(list, g), s
	}
	return r.pairs(ctx, groupsWithRows, params{"groups": formatIDs(distinct(list))}, "a", "b", func(a, _ uint64) { take(spans[a], span.GroupID(a)) })
}

// byOTelID takes them for OpenTelemetry's span ids.
func (r *reach) byOTelID(ctx context.Context, open map[span.SpanID]span.AnyID, take func(span.SpanID, span.GroupID)) error {
	var list []string
	spans := map[uint64]span.SpanID{}
	for s, id := range open {
		list, spans[id.Own()] = append(list, "'"+s.String()+"'"), s
	}
	return r.pairs(ctx, groupsByOTelID, params{"spans": "[" + strings.Join(list, ",") + "]"}, "id", "grp", func(id, group uint64) { take(spans[id], span.GroupID(group)) })
}

// pairs runs a statement that answers two numbers a ror.
func (r *reach) pairs(ctx context.Context, sql string, p params, first, second string, each func(first, second uint64)) error {
	var a, b numbers[uint64]
	settings := fastRead
	if sql == groupsByOTelID {
		settings = nil // here a skip index is the point
	}
	r.statements++
	return r.store.read(ctx, sql, p, settings, []resultColumn{{first, &a}, {second, &b}}, func(n int) error {
		for i := range n {
			each(a.at(i), b.at(i))
		}
		return nil
	})
}

// formatSeconds writes minutes as DateTime parameters: digits are taken for seconds where
// there are enough of them.
func formatSeconds(at []uint64) string {
	texts := make([]string, len(at))
	for i, v := range at {
		texts[i] = fmt.Sprintf("%010d", v)
	}
	return "[" + strings.Join(texts, ",") + "]"
}
