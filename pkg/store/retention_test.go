package store

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// onDays is a store with a span on each of some days before a Sunday, oldest first.
func onDays(t *testing.T, before ...int) *Store {
	t.Helper()
	s := open(t)
	sunday := time.Date(time.Now().Year()+1, time.March, 7, 12, 0, 0, 0, time.UTC)
	sunday = sunday.AddDate(0, 0, -int(sunday.Weekday()))
	for i, n := range before {
		one := app(uint64(i+1), traceID(byte(i+1)), byte(i+1))
		one.Start = sunday.AddDate(0, 0, -n).UnixNano()
		insert(t, s, batch(one))
	}
	return s
}

func TestTheOldestDaysGoWhenTheStoreIsTooLarge(t *testing.T) {
	t.Parallel()
	s := onDays(t, 8, 7, 1, 0) // Saturday and Sunday of a week, and of the next
	total, days, err := s.sizes(t.Context(), schema{database: s.config.Database})
	if err != nil || len(days) != 4 {
		t.Fatalf("%d bytes, days %v, %v", total, days, err)
	}
	for _, c := range []struct {
		what  string
		limit int64
		spans string // left
		weeks string // of edges
	}{
		{"there is room", total, "4", "2"},
		{"a byte is missing", total - 1, "3", "2"},
		{"the first week goes", total - days[0].bytes - 1, "2", "1"},
		{"the newest day stays", 1, "1", "1"},
	} {
		_, left, err := s.LimitSize(t.Context(), c.limit)
		if err != nil || (left > 0) != (c.limit == 1) {
			t.Errorf("%s: %d bytes too much, %v", c.what, left, err)
		}
		if got := count(t, s, "SELECT count() FROM spans"); got != c.spans {
			t.Errorf("%s: %s spans are left, want %s", c.what, got, c.spans)
		}
		if got := count(t, s, "SELECT uniqExact(toMonday(bucket)) FROM assoc"); got != c.weeks {
			t.Errorf("%s: edges of %s weeks are left, want %s", c.what, got, c.weeks)
		}
	}
	if got := count(t, s, "SELECT sum(requests_minute.count) FROM requests_minute"); got != "4" {
		t.Errorf("%s requests are counted, want all 4", got)
	}
}

func TestWhatIsDroppedIsSaid(t *testing.T) {
	t.Parallel()
	s := onDays(t, 1, 0)
	dropped, _, err := s.LimitSize(t.Context(), 1)
	if err != nil || len(dropped) != 1 || dropped[0].Spans != 1 || dropped[0].Bytes == 0 {
		t.Fatalf("%+v, %v", dropped, err)
	}
	if day, err := time.Parse(time.DateOnly, dropped[0].Day); err != nil || day.Weekday() != time.Saturday {
		t.Errorf("the day is %q", dropped[0].Day)
	}
}

// cluster is a server of a cluster that knows some answers and notes each statement.
func cluster(t *testing.T, answers map[string]string) (s *Store, statements func() []string) {
	t.Helper()
	var mu sync.Mutex
	var sent []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		sql := r.URL.Query().Get("query") + string(body)
		mu.Lock()
		defer mu.Unlock()
		sent = append(sent, sql)
		for part, answer := range answers {
			if strings.Contains(sql, part) {
				fmt.Fprintln(w, answer)
			}
		}
	}))
	t.Cleanup(server.Close)
	s, err := Open(t.Context(), Config{DSN: server.URL + "/shop", Cluster: "prod"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s, func() []string {
		mu.Lock()
		defer mu.Unlock()
		return slices.Clone(sent)
	}
}

// ON CLUSTER waits for every replica, also one that is away.
func TestAServerStartsWhileAReplicaIsAway(t *testing.T) {
	t.Parallel()
	steps, err := schema{database: "shop", cluster: "prod"}.migrations()
	if err != nil {
		t.Fatal(err)
	}
	names, engines := "", ""
	for _, m := range steps {
		names += m.name + "\n"
	}
	for _, k := range kept {
		engines += fmt.Sprintf("%s_local\tReplicatedReplacingMergeTree ORDER BY a TTL %s + toIntervalDay(%d) SETTINGS index_granularity = 64\n", k.table, k.column, 7+k.longer)
	}
	s, statements := cluster(t, map[string]string{"version()": "26.7.1.1", "SELECT count() FROM system.tables": "1", "DISTINCT name": names, "engine_full": engines})
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, sql := range statements() {
		if strings.Contains(sql, "ON CLUSTER") {
			t.Errorf("all is as it should be, and yet: %s", sql)
		}
	}
	s.config.Retention = 14 * 24 * time.Hour
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if sent := statements(); !slices.ContainsFunc(sent, func(sql string) bool {
		return strings.Contains(sql, "ALTER TABLE spans_local ON CLUSTER prod MODIFY TTL bucket + INTERVAL 14 DAY")
	}) {
		t.Errorf("the retention is not changed: %q", sent)
	}
}
