package main

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/throughline-io/throughline/server/text"
)

// result is a line of the table. All but the last count spans.
type result struct {
	acknowledged, lost  int
	twice               int // to readers of the API
	moreInMetrics       int
	lessInMetrics       int
	rows                int // in the table beyond one for each span, which readers do not see
	resent              int // in requests that clients sent again because they got no answer
	acrossAgents        bool
	recovered, atMedian time.Duration
}

func header() {
	fmt.Printf("%-34s %-10s %12s %6s %8s %18s %18s %s\n", "", "", "acknowledged", "lost", "doubled", "in metrics: more", "less", "recovered after (median, worst)")
}

func (r *result) print(name, times string, took time.Duration) {
	note := fmt.Sprintf("; %d s in all", int(took.Seconds()))
	if r.resent > 0 {
		note += fmt.Sprintf("; %d sent again by clients that got no answer", r.resent)
	}
	if r.rows > 0 {
		note += fmt.Sprintf("; %d rows twice in the table", r.rows)
	}
	fmt.Printf("%-34s %-10s %12d %6d %8d %18d %18d %v, %v%s\n", name, times, r.acknowledged, r.lost, r.twice, r.moreInMetrics, r.lessInMetrics,
		r.atMedian.Round(10*time.Millisecond), r.recovered.Round(10*time.Millisecond), note)
}

// verdict is what is wrong with it.
func (r *result) verdict() error {
	var errs []error
	if r.acknowledged == 0 {
		errs = append(errs, errors.New("nothing was acknowledged"))
	}
	if r.lost > 0 {
		errs = append(errs, fmt.Errorf("%d spans were acknowledged and are lost", r.lost))
	}
	if r.twice > 0 {
		errs = append(errs, fmt.Errorf("%d spans are shown twice", r.twice))
	}
	// A client whose agent died before it answered sends again to an agent that knows nothing of
	// the first time: OTLP's deliberate choice (specification, "Duplicate Data"). Readers see such
	// a span once, metrics count it twice.
	allowed := 0
	if r.acrossAgents {
		allowed = r.resent
	}
	if r.moreInMetrics > allowed {
		errs = append(errs, fmt.Errorf("metrics count %d spans too many", r.moreInMetrics))
	}
	if r.lessInMetrics > 0 {
		errs = append(errs, fmt.Errorf("metrics count %d spans too few", r.lessInMetrics))
	}
	return errors.Join(errs...)
}

// settling is how long nothing must have come in any more until what is not there is lost.
const settling = 30 * time.Second

// count compares what was acknowledged with what is there.
func (b *bed) count(ctx context.Context) (*result, error) {
	l := b.load
	r := &result{acknowledged: len(l.acked) * perTrace, resent: len(l.resent) * perTrace, acrossAgents: b.acrossAgents}
	if n := len(b.recovered); n > 0 {
		slices.Sort(b.recovered)
		r.atMedian, r.recovered = b.recovered[n/2], b.recovered[n-1]
	}
	settled, missing := time.Now().Add(settling), 0
	for { // what lies in the log takes its time, and of each segment metrics come after the rows
		complete, err := b.compare(ctx, r)
		if now := r.lost + r.lessInMetrics; err == nil && now != missing {
			settled, missing = time.Now().Add(settling), now // it goes on, however slowly
		}
		switch {
		case err == nil && complete:
			r.twice, err = b.shownTwice(ctx)
			return r, err
		case err == nil && time.Now().After(settled):
			return r, nil // what is lost is not shown either
		case err != nil && (ctx.Err() != nil || time.Now().After(settled)):
			return nil, err
		}
		if err := pause(ctx, 200*time.Millisecond); err != nil {
			return nil, err
		}
	}
}

// compare compares once. Complete means that no segment was on its way to the store before, and
// that nothing is missing.
func (b *bed) compare(ctx context.Context, r *result) (complete bool, err error) {
	waiting, err := b.waiting(ctx)
	if err != nil {
		return false, err
	}
	stored, err := b.stored(ctx)
	if err != nil {
		return false, err
	}
	distinct := r.rowsAgainst(b.load, stored)
	counted, err := b.sql(ctx, "SELECT sum(requests_minute.count) FROM requests_minute WHERE service = '"+service+"'")
	if err != nil {
		return false, err
	}
	n, err := strconv.Atoi(strings.TrimSpace(counted))
	if err != nil {
		return false, err
	}
	r.moreInMetrics, r.lessInMetrics = max(n-distinct, 0), max(distinct-n, 0)
	return waiting == 0 && r.lost == 0 && r.lessInMetrics == 0, nil
}

// waiting is how many segments of the log the store does not have.
func (b *bed) waiting(ctx context.Context) (int, error) {
	code, body, err := b.get(ctx, "/api/v1/status", nil)
	if err := answered(code, body, err); err != nil {
		return 0, fmt.Errorf("status: %w", err)
	}
	var status struct {
		Log struct{ Segments int } `json:"log"`
	}
	err = json.Unmarshal(body, &status)
	return status.Log.Segments, err
}

// traceRows is what the store has of a trace.
type traceRows struct{ distinct, rows int }

func (b *bed) stored(ctx context.Context) (map[uint64]traceRows, error) {
	stored := map[uint64]traceRows{}
	for slice := range countSlices {
		if err := b.storedOf(ctx, slice, stored); err != nil {
			return nil, err
		}
	}
	return stored, nil
}

// countSlices is in how many statements traces are counted: a reader of the store has 256 MiB.
const countSlices = 16

func (b *bed) storedOf(ctx context.Context, slice int, stored map[uint64]traceRows) error {
	out, err := b.sql(ctx, fmt.Sprintf("SELECT hex(trace_id), uniqExact(span_id), count() FROM spans WHERE service = '%s' AND cityHash64(trace_id) %% %d = %d GROUP BY trace_id", service, countSlices, slice))
	if err != nil {
		return err
	}
	for line := range strings.Lines(out) {
		var id string
		var t traceRows
		if _, err := fmt.Sscan(line, &id, &t.distinct, &t.rows); err != nil {
			return fmt.Errorf("%q: %w", line, err)
		}
		raw, err := hex.DecodeString(id)
		if err != nil || len(raw) != 16 {
			return fmt.Errorf("trace id %q", id)
		}
		stored[binary.BigEndian.Uint64(raw[8:])] = t
	}
	return nil
}

// rowsAgainst notes what of the acknowledged is lost and what is there twice, and returns how
// many spans are there.
func (r *result) rowsAgainst(l *load, stored map[uint64]traceRows) (distinct int) {
	r.lost, r.rows = 0, 0
	for n := range l.acked {
		r.lost += perTrace - stored[n].distinct
	}
	for _, t := range stored {
		distinct += t.distinct
		r.rows += t.rows - t.distinct
	}
	return distinct
}

// answered is why an answer of the API is none.
func answered(code int, body []byte, err error) error {
	if err == nil && code != http.StatusOK {
		return fmt.Errorf("%d %s", code, body)
	}
	return err
}

// shown is how many traces are looked at one by one.
const shown = 40

// shownTwice asks the API for traces, most of all for those that were sent again, and for a
// list of spans.
func (b *bed) shownTwice(ctx context.Context) (twice int, err error) {
	var ask []uint64
	for n := range b.load.resent {
		ask = append(ask, n)
	}
	for n := range b.load.acked { // in random order
		ask = append(ask, n)
		if len(ask) >= 2*shown {
			break
		}
	}
	for _, n := range ask[:min(len(ask), shown)] {
		status, body, err := b.get(ctx, "/api/v1/traces/"+b.load.traceID(n), nil)
		if err := answered(status, body, err); err != nil {
			return 0, fmt.Errorf("trace of request %d: %w", n, err)
		}
		var trace struct {
			Counts struct{ Total, Orphans int } `json:"counts"`
		}
		if err := json.Unmarshal(body, &trace); err != nil {
			return 0, err
		}
		if trace.Counts.Total < perTrace || trace.Counts.Orphans > 0 {
			return 0, fmt.Errorf("trace of request %d is shown with %d spans, of which %d hang nowhere; it has %d", n, trace.Counts.Total, trace.Counts.Orphans, perTrace)
		}
		twice += trace.Counts.Total - perTrace
	}
	more, err := b.listedTwice(ctx, service)
	return twice + more, err
}

// listedTwice is how many spans of a service a list has twice.
func (b *bed) listedTwice(ctx context.Context, service string) (twice int, err error) {
	status, body, err := b.get(ctx, "/api/v1/search", url.Values{"service": {service}, "scope": {"all"}, "limit": {"5000"}})
	if err := answered(status, body, err); err != nil {
		return 0, fmt.Errorf("search: %w", err)
	}
	var found text.FoundSpans
	if err := json.Unmarshal(body, &found); err != nil {
		return 0, err
	}
	seen := map[string]bool{}
	for _, s := range found.Spans {
		if seen[s.ID] {
			twice++
		}
		seen[s.ID] = true
	}
	return twice, nil
}
