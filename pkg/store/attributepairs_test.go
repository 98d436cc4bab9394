package store

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/throughline-io/throughline/pkg/span"
)

// tries are spans of which every tenth tries seven times; the number is common under another key.
func tries(n int) *span.Batch {
	b := &span.Batch{}
	for i := range n {
		x := app(uint64(i+1), traceID(byte(i)), byte(i))
		x.TraceID[1], x.SpanID[1] = byte(i>>8), byte(i>>8)
		x.Start = start - int64(i)*minute
		x.Attributes = []span.Attribute{{Key: "items", Value: "7"}, {Key: "url.full", Value: "http://shop/" + strconv.Itoa(i)}}
		b.Append(x)
	}
	return b
}

// A value that is common is rare under a key that seldom has it, and any key has the index.
func TestAValueIsLookedForUnderItsKey(t *testing.T) {
	t.Parallel()
	s := open(t)
	b := tries(30_000)
	odd := app(1<<30, traceID(200), 200)
	odd.Attributes = []span.Attribute{{Key: "retries", Value: "7"}}
	b.Append(odd)
	insert(t, s, b)
	for key, value := range map[string]string{"retries": "7", "url.full": "http://shop/20000"} {
		query := SearchQuery{Attributes: map[string]string{key: value}}
		q := &search{SearchQuery: query, store: s}
		sql, p, err := q.statement(slice{}, 20, cursor{})
		if err != nil {
			t.Fatal(err)
		}
		if n := estimate(t, s, sql, p); n == 0 || n > 16*512 {
			t.Errorf("%s: %d of %d rows are read", key, n, b.Len())
		}
		if got := found(t, s, query); len(got) != 1 {
			t.Errorf("%s: found %x", key, got)
		}
	}
}

// What lay in a store before version 14 of the schema is found as before, and by the index: beside
// new parts, and where no merge comes.
func TestAttributesOfAnOlderSchemaAreFound(t *testing.T) {
	t.Parallel()
	s := open(t)
	execute(t, s, "SYSTEM STOP MERGES spans")
	for _, older := range []string{
		"ALTER TABLE spans DROP INDEX by_pair",
		"ALTER TABLE spans ADD INDEX by_value mapValues(attributes) TYPE bloom_filter(0.001) GRANULARITY 16",
		"ALTER TABLE spans ADD INDEX by_attribute " + attributeItemsUntil14 + " TYPE text(tokenizer = 'array')",
		"ALTER TABLE spans MODIFY COLUMN id CODEC(ZSTD(1))",
	} {
		execute(t, s, older)
	}
	b, _ := hours(3000)
	insert(t, s, b)
	execute(t, s, "DELETE FROM schema_steps WHERE version = 14 SETTINGS lightweight_deletes_sync = 2")
	execute(t, s, "SYSTEM START MERGES spans") // which mutations need
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	fresh := app(1<<30, traceID(200), 200)
	fresh.Attributes = []span.Attribute{{Key: "order", Value: "o2000"}}
	insert(t, s, batch(fresh))
	if got := found(t, s, SearchQuery{Attributes: map[string]string{"order": "o2000"}}); len(got) != 2 || got[0] != fresh.ID {
		t.Errorf("found %x", got)
	}
	q := &search{SearchQuery: SearchQuery{Attributes: map[string]string{"order": "absent"}}, store: s}
	sql, p, err := q.statement(slice{}, 20, cursor{})
	if err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(time.Minute); text(t, s, "SELECT count() FROM system.mutations WHERE database = currentDatabase() AND NOT is_done", nil) != "0"; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("old parts did not get the filter within a minute")
		}
	}
	if n := estimate(t, s, sql, p); n > 0 {
		t.Errorf("%d rows are read for a value that is not there", n)
	}
	if indexes := text(t, s, "SELECT name FROM system.data_skipping_indices WHERE database = currentDatabase() AND table = 'spans'", nil); strings.Contains(indexes, "by_value") || strings.Contains(indexes, "by_attribute") {
		t.Errorf("old indexes are still made: %s", indexes)
	}
}

const attributeItemsUntil14 = "arrayMap((k, v) -> if(match(k, '^(url[.]full|thread[.]id)$'), '', concat(k, '=', v)), mapKeys(attributes), mapValues(attributes))"
