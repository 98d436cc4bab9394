package store

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/throughline-io/throughline/pkg/span"
)

// hours is a span of code in each minute, the newest first, as a batch.
func hours(minutes int) (*span.Batch, []uint64) {
	b, ids := &span.Batch{}, []uint64{}
	for i := range minutes {
		x := app(uint64(i+1), traceID(byte(i)), byte(i))
		x.TraceID[1], x.SpanID[1] = byte(i>>8), byte(i>>8)
		x.Start = start - int64(i)*minute
		x.Attributes = []span.Attribute{{Key: "order", Value: fmt.Sprint("o", i)}}
		b.Append(x)
		ids = append(ids, x.ID)
	}
	return b, ids
}

func TestATimeIsSweptInSlicesThatJoin(t *testing.T) {
	t.Parallel()
	for _, from := range []int64{0, start - 3*minute, start - 100*minute, start - 1000*minute + 7} {
		w := newSweep(from, start+5, time.Hour)
		upper, n := start/minute*minute+minute, 0
		for part, ok := w.next(); ok; part, ok = w.next() {
			if part.to != upper || part.from >= part.to || part.from%minute != 0 {
				t.Fatalf("from %d: slice %d is %v after %d", from, n, part, upper)
			}
			upper, n = part.from, n+1
		}
		if upper > from || n > 4 || w.until() != 0 {
			t.Errorf("from %d: %d slices came to %d, until %d", from, n, upper, w.until())
		}
	}
}

// A search that has used up its time answers what it has, says how far it came, and goes on from
// there: nothing is lost and, of spans, nothing comes twice.
func TestASearchGoesOnWhereItStopped(t *testing.T) {
	t.Parallel()
	s := open(t)
	b, ids := hours(600)
	insert(t, s, b)
	for _, scope := range []Scope{ScopeAll, ScopeRoots} {
		for _, limit := range []int{1000, 7} {
			var got []uint64
			q := SearchQuery{Scope: scope, From: start - 1000*minute, To: start, MaxTime: 1, Limit: limit}
			ctx, why := told(t.Context())
			for n := 0; n < 1000; n++ {
				found, err := s.Search(ctx, q)
				if err != nil {
					t.Fatal(err)
				}
				if len(found.Rows) > 0 && limit == 1000 && n == 0 && (len(found.Rows) > 10 || len(*why) != 1 || !strings.Contains((*why)[0], "came back to")) {
					t.Errorf("%s: no time, and %d rows, told %q", scope, len(found.Rows), *why)
				}
				for _, r := range found.Rows {
					if len(got) == 0 || got[len(got)-1] != r.ID { // it may begin with the last
						got = append(got, r.ID)
					}
				}
				if q.To = found.Until; q.To == 0 {
					break
				}
				if limit == 7 && len(found.Rows) == 1 {
					q.To-- // the last again and no other
				}
			}
			if !slices.Equal(got, ids) {
				t.Errorf("%s, %d at once: %d of %d found", scope, limit, len(got), len(ids))
			}
		}
	}
}

// estimate is how many rows a statement reads, as the engine plans it.
func estimate(t *testing.T, s *Store, sql string, p params) (rows int) {
	t.Helper()
	answer := text(t, s, "EXPLAIN ESTIMATE "+sql, p)
	for line := range strings.Lines(answer) {
		if f := strings.Fields(line); len(f) == 5 && f[1] == "spans" {
			n, _ := strconv.Atoi(f[3])
			rows += n
		}
	}
	return rows
}

// The newest spans cost what lies in their minutes, however much is stored.
func TestASearchReadsTheNewestSliceFirst(t *testing.T) {
	t.Parallel()
	s := open(t)
	b, _ := hours(6000) // 12 granules
	insert(t, s, b)
	w := newSweep(0, start, 0)
	part, _ := w.next()
	q := &search{SearchQuery: SearchQuery{To: start}}
	all, p, err := q.statement(part, 20, cursor{})
	if err != nil {
		t.Fatal(err)
	}
	traces, tp, err := q.candidateStatement(part, 20, 0)
	if err != nil {
		t.Fatal(err)
	}
	if a, b := estimate(t, s, all, p), estimate(t, s, traces, tp); a == 0 || a > 1024 || b > 1024 {
		t.Errorf("%d and %d of 6000 rows are read for the newest", a, b)
	}
}

// A span is found by OpenTelemetry's id however old it is, though the newest are looked at first.
func TestOldSpansAreFoundByOpenTelemetrysIDs(t *testing.T) {
	t.Parallel()
	s := open(t)
	b, _ := hours(250)
	insert(t, s, b)
	for _, i := range []int{0, 1, 100, 249} {
		d, err := s.Trace(t.Context(), TraceQuery{ID: b.SpanID[i].String(), To: start})
		if err != nil || len(d.Spans) != 1 || d.Spans[0].ID != b.ID[i] {
			t.Errorf("span %d: %+v, %v", i, d, err)
		}
	}
	part, _ := newSweep(0, start, 0).next()
	p := params{"span": "nospanid"}
	if n := estimate(t, s, groupByOTelID+part.bounds(p), p); n > 512 {
		t.Errorf("%d rows are read for an id that is not there", n)
	}
}

// What is nowhere is answered by indexes, in what came just now and in what was merged.
func TestWhatIsAbsentIsNotLookedFor(t *testing.T) {
	t.Parallel()
	s := open(t)
	b, _ := hours(3000)
	insert(t, s, b)
	execute(t, s, "OPTIMIZE TABLE spans FINAL")
	more, _ := hours(3000)
	for i := range more.Len() {
		more.ID[i] += 1 << 20
	}
	insert(t, s, more)
	for name, f := range map[string]Filter{
		"a service":             {Key: "service", Values: []string{"nobody"}},
		"a pod":                 {Key: "pod", Values: []string{"nobody"}},
		"a name":                {Key: "name", Values: []string{"GET /nothing"}},
		"a message":             {Key: "status_message", Values: []string{"no such message"}},
		"an attribute":          {Key: "order", Values: []string{"o-1"}},
		"a resource's":          {Key: "resource.deployment.environment.name", Values: []string{"nowhere"}},
		"an attribute of a key": {Key: "no.such.key", Values: []string{"x"}},
	} {
		for _, scope := range []Scope{ScopeAll, ScopeRoots} {
			q := &search{SearchQuery: SearchQuery{Filters: []Filter{f}, Scope: scope}, store: s}
			sql, p, err := q.statement(slice{}, 20, cursor{})
			if scope == ScopeRoots {
				sql, p, err = q.candidateStatement(slice{}, 20, 0)
			}
			if err != nil {
				t.Fatal(err)
			}
			if n := estimate(t, s, sql, p); n > 0 {
				t.Errorf("%s: %d of 6000 rows are read", name, n)
			}
		}
	}
	if n := estimate(t, s, groupByOTelID, params{"span": "nospanid"}); n > 0 {
		t.Errorf("an id of a span: %d of 6000 rows are read", n)
	}
}
