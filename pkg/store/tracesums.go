package store

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/throughline-io/throughline/pkg/span"
)

// traceSums are what the spans of a trace add up to.
type traceSums struct {
	spans, matched int
	failedCode     int // failed spans of code with no failed one under them
	failedSessions int // requests on the wire that failed
	root           ranked
	match, failed  ranked
	traced         bool // spans carry a trace id
}

// The ranks of a trace's row: its root, another span of code, a system call, a packet.
const (
	rankRoot = iota
	rankCode
	rankCall
	rankPacket
)

func (t *traceSums) add(group span.GroupID, more traceSums) {
	t.spans += more.spans
	t.matched += more.matched
	t.failedCode += more.failedCode
	t.failedSessions += more.failedSessions
	t.root.first(more.root, group)
	t.match.first(more.match, group)
	t.failed.first(more.failed, group)
	t.traced = t.traced || group.IsTrace()
}

// errors counts a failure once: a request that failed is seen at every point of its path.
func (t *traceSums) errors() int { return cmp.Or(t.failedCode, t.failedSessions) }

// rootless: whoever began the trace has sent no span, though others say that there is one.
func (t *traceSums) rootless() bool { return t.root.rank != rankRoot && t.traced }

// shown are the spans that the trace's row names.
func (t *traceSums) shown() [3]ranked { return [...]ranked{t.root, t.match, t.failed} }

// onlyPackets: nothing says that this is more than a request between two others.
func (t *traceSums) onlyPackets() bool { return t.root.rank == rankPacket && !t.traced }

// ranked is the span that comes first, by a rank and then by time.
type ranked struct {
	rank  uint8
	time  int64
	id    uint64
	group span.GroupID
}

func (r *ranked) first(other ranked, group span.GroupID) {
	if other.id != 0 && (r.id == 0 || cmp.Or(cmp.Compare(other.rank, r.rank), cmp.Compare(other.time, r.time), cmp.Compare(other.id, r.id)) < 0) {
		*r = other
		r.group = group
	}
}

// matching is the condition that a row that is read anyway matches; a search without filters
// matches nothing.
func (q *search) matching() (condition string, c *conditions, err error) {
	if !q.filtered() {
		return "0", newConditions(), nil
	}
	here := *q
	here.scan = true
	c, err = here.conditions(slice{})
	return c.all(), c, err
}

// sumStatement adds up the rows at places, by group. A span that was sent twice counts once.
// Of spans that failed, the one that ended first is where the failure began: callers end
// after it.
func (q *search) sumStatement(places string) (string, params, error) {
	matches, c, err := q.matching()
	if err != nil {
		return "", nil, err
	}
	c.params["places"] = places
	ended := "start + toInt64(duration)"
	return "SELECT grp, spans_, matched_, failed_code, failed_sessions, root_.1 AS root_rank, root_.2 AS root_time, root_.3 AS root_id," +
		" match_.1 AS match_rank, match_.2 AS match_time, match_.3 AS match_id, failed_.1 AS failed_rank, failed_.2 AS failed_time, failed_.3 AS failed_id FROM (SELECT grp," +
		" uniqExact(id) AS spans_, uniqExactIf(id, " + matches + ") AS matched_," +
		" groupUniqArrayIf(span_id, source = 1 AND " + failedRow + ") AS failures, groupUniqArrayIf(parent_span_id, source = 1 AND " + failedRow + ") AS callers," +
		" toUInt64(length(failures) - length(arrayIntersect(failures, callers))) AS failed_code," +
		" uniqExactIf((request_seq, response_seq, if(request_seq = 0 OR response_seq = 0, id, 0)), source > 1 AND " + failedRow + ") AS failed_sessions," +
		" min((toUInt8(if(source = 1 AND parent_span_id = unhex('0000000000000000'), 0, source)), start, id)) AS root_," +
		" minIf((toUInt8(NOT " + failedRow + "), if(" + failedRow + ", " + ended + ", start), id), " + matches + ") AS match_," +
		" minIf((source, " + ended + ", id), " + failedRow + ") AS failed_" +
		" FROM spans WHERE (bucket, grp) IN {places:Array(Tuple(DateTime('UTC'), UInt64))} GROUP BY grp)", c.params, nil
}

// sum adds up traces, which have no group in common.
func (l *traceList) sum(ctx context.Context, traces []*listedTrace) error {
	var places []place
	of := map[span.GroupID]*listedTrace{}
	for _, t := range traces {
		places = append(places, t.graph.places()...)
		for _, g := range t.graph.inside {
			of[g] = t
		}
	}
	slices.SortFunc(places, comparePlaces)
	for part := range slices.Chunk(slices.Compact(places), placesAtOnce) {
		if err := l.sumPart(ctx, part, of); err != nil {
			return fmt.Errorf("add up %d traces: %w", len(traces), err)
		}
	}
	return nil
}

func (l *traceList) sumPart(ctx context.Context, places []place, of map[span.GroupID]*listedTrace) error {
	sql, p, err := l.search.sumStatement(formatPlaces(places))
	if err != nil {
		return err
	}
	var group, spans, matched, code, sessions numbers[uint64]
	columns := []resultColumn{{"grp", &group}, {"spans_", &spans}, {"matched_", &matched}, {"failed_code", &code}, {"failed_sessions", &sessions}}
	root, columns := rankedColumns("root", columns)
	match, columns := rankedColumns("match", columns)
	failed, columns := rankedColumns("failed", columns)
	l.statements++
	return l.store.read(ctx, sql, p, manyKeys, columns, func(rows int) error {
		for i := range rows {
			g := span.GroupID(group.at(i))
			of[g].sums.add(g, traceSums{
				spans: int(spans.at(i)), matched: int(matched.at(i)), failedCode: int(code.at(i)), failedSessions: int(sessions.at(i)),
				root: root(i), match: match(i), failed: failed(i),
			})
		}
		return nil
	})
}

// rankedColumns are the three columns of a ranked.
func rankedColumns(name string, columns []resultColumn) (func(row int) ranked, []resultColumn) {
	var rank numbers[uint8]
	var time numbers[int64]
	var id numbers[uint64]
	return func(row int) ranked { return ranked{rank: rank.at(row), time: time.at(row), id: id.at(row)} },
		append(columns, resultColumn{name + "_rank", &rank}, resultColumn{name + "_time", &time}, resultColumn{name + "_id", &id})
}

// namedSpans reads the spans that rows show, by their ids: each lies in the minute that its id
// names or, where its clock was put right, in another one of its group's.
var namedSpans = "SELECT " + foundColumns + " FROM spans WHERE (bucket, grp) IN {places:Array(Tuple(DateTime('UTC'), UInt64))} AND id IN {ids:Array(UInt64)}"

// named are the spans that the traces' rows show, with the names of their ends.
func (l *traceList) named(ctx context.Context) (map[uint64]SearchRow, error) {
	var ids []uint64
	var places []place
	for _, t := range l.traces {
		if t.named {
			continue
		}
		shown := t.sums.shown()
		for _, one := range shown {
			ids = append(ids, one.id)
		}
		for _, p := range t.graph.places() {
			if slices.ContainsFunc(shown[:], func(one ranked) bool { return one.group == p.group }) {
				places = append(places, p)
			}
		}
	}
	slices.SortFunc(places, comparePlaces)
	ids = distinct(ids)
	for part := range slices.Chunk(slices.Compact(places), placesAtOnce) {
		found, err := l.store.found(ctx, namedSpans, params{"places": formatPlaces(part), "ids": formatIDs(ids)}, fastRead)
		if err != nil {
			return nil, err
		}
		for _, r := range found {
			l.name(r)
		}
	}
	rows := slices.Collect(maps.Values(l.shown))
	if err := l.store.nameEnds(ctx, rows); err != nil {
		return nil, err
	}
	for _, r := range rows {
		l.shown[r.ID] = r
	}
	return l.shown, nil
}
