package store

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// kept are the tables whose rows go with age: the column that says it, and how many days longer
// than spans they stay. Rows that spans name are sent again twice a day while they are in use, so
// that they outlive the last span that names them.
var kept = []struct {
	table, column string
	longer        int
}{
	{"spans", "bucket", 0}, {"assoc", "bucket", 0}, {"ledger", "minute", 0}, {"watched", "seen", 2}, {"requests_minute", "minute", 0}, {"links", "bucket", 0},
	{"entities", "seen", 2}, {"otel_resources", "seen", 2}, {"attribute_keys", "seen", 2}, {"attribute_values", "seen", 2},
}

// keepFor sets the TTLs where they are not what they should be. The statements change metadata
// only; old parts go as a whole.
func (s *Store) keepFor(ctx context.Context, sc schema) error {
	now, err := s.text(ctx, "", "SELECT name, engine_full FROM system.tables WHERE database = {database:String} FORMAT TSVRaw", params{"database": sc.database})
	if err != nil {
		return fmt.Errorf("read how long rows are kept: %w", err)
	}
	engines := map[string]string{}
	for line := range strings.Lines(now) {
		name, engine, _ := strings.Cut(strings.TrimSpace(line), "\t")
		engines[name] = engine
	}
	for _, statement := range sc.retention(s.config.Retention, engines) {
		if err := s.define(ctx, s.config.Database, statement); err != nil {
			return fmt.Errorf("set how long rows are kept: %w", err)
		}
	}
	return nil
}

// retention are the statements that set the TTLs which a table's engine, as system.tables has
// it, does not have.
func (s schema) retention(keep time.Duration, engines map[string]string) (statements []string) {
	for _, k := range kept {
		days := int(keep/(24*time.Hour)) + k.longer
		if strings.Contains(engines[s.local(k.table)]+" ", fmt.Sprintf(" TTL %s + toIntervalDay(%d) ", k.column, days)) {
			continue
		}
		statements = append(statements, fmt.Sprintf("ALTER TABLE %s MODIFY TTL %s + INTERVAL %d DAY SETTINGS materialize_ttl_after_modify = 0", s.alter(k.table), k.column, days))
	}
	return statements
}

// DroppedDay are the spans of a day that were dropped for want of room.
type DroppedDay struct {
	Day   string // 2006-01-02, UTC
	Spans uint64
	Bytes int64 // on disk
}

// day is a day's spans, of the shard that has most of them.
type day struct {
	partition string
	spans     uint64
	bytes     int64
}

// LimitSize drops the oldest days of spans until the store takes at most limit bytes on disk
// (on a cluster: each shard), and with them the edges of weeks that have no spans any more. Counts per
// minute stay until they are too old. The newest day stays, whatever it takes: left says by how many
// bytes the store is still too large.
func (s *Store) LimitSize(ctx context.Context, limit int64) (dropped []DroppedDay, left int64, err error) {
	sc := schema{database: s.config.Database, cluster: s.config.Cluster}
	size, days, err := s.sizes(ctx, sc)
	if err != nil {
		return nil, 0, fmt.Errorf("read what the store takes on disk: %w", err)
	}
	for ; size > limit && len(days) > 1; days = days[1:] {
		oldest := days[0]
		if err := s.define(ctx, s.config.Database, "ALTER TABLE "+sc.alter("spans")+" DROP PARTITION ID '"+oldest.partition+"'"); err != nil {
			return dropped, 0, fmt.Errorf("drop the spans of %s: %w", oldest.partition, err)
		}
		s.newest.lose(endOf(oldest.partition))
		size -= oldest.bytes
		dropped = append(dropped, DroppedDay{dayOf(oldest.partition), oldest.spans, oldest.bytes})
	}
	if len(dropped) > 0 {
		err = s.dropEdgesBefore(ctx, sc, days[0].partition)
	}
	return dropped, max(size-limit, 0), err
}

// sizes are the bytes of all tables, and what there is of spans by day, oldest first.
func (s *Store) sizes(ctx context.Context, sc schema) (total int64, days []day, err error) {
	from := "system.parts"
	if sc.cluster != "" {
		from = "cluster('" + sc.cluster + "', system.parts)"
	}
	from += " WHERE active AND database = {database:String}"
	p := params{"database": sc.database}
	text, err := s.text(ctx, "", "SELECT max(b) FROM (SELECT sum(bytes_on_disk) AS b FROM "+from+" GROUP BY hostName())", p)
	if err != nil {
		return 0, nil, err
	}
	if total, err = strconv.ParseInt(text, 10, 64); err != nil {
		return 0, nil, err
	}
	p["table"] = sc.local("spans")
	text, err = s.text(ctx, "", "SELECT partition_id, sum(r), max(b) FROM (SELECT partition_id, sum(rows) AS r, sum(bytes_on_disk) AS b FROM "+from+
		" AND table = {table:String} GROUP BY partition_id, hostName()) GROUP BY partition_id ORDER BY partition_id", p)
	if err != nil {
		return 0, nil, err
	}
	for line := range strings.Lines(text) {
		var d day
		if _, err := fmt.Sscan(line, &d.partition, &d.spans, &d.bytes); err != nil {
			return 0, nil, err
		}
		days = append(days, d)
	}
	return total, days, nil
}

// dropEdgesBefore drops the edges of weeks that end before a day. A partition of edges is named by
// its Monday.
func (s *Store) dropEdgesBefore(ctx context.Context, sc schema, partition string) error {
	first, err := time.Parse(partitionLayout, partition)
	if err != nil {
		return fmt.Errorf("the day of spans %q: %w", partition, err)
	}
	monday := first.AddDate(0, 0, -(int(first.Weekday())+6)%7).Format(partitionLayout)
	text, err := s.text(ctx, "", "SELECT DISTINCT partition_id FROM system.parts WHERE active AND database = {database:String} AND table = {table:String} AND partition_id < {monday:String}",
		params{"database": sc.database, "table": sc.local("assoc"), "monday": monday})
	if err != nil {
		return fmt.Errorf("read the weeks of edges: %w", err)
	}
	for week := range strings.Lines(text) {
		if err := s.define(ctx, s.config.Database, "ALTER TABLE "+sc.alter("assoc")+" DROP PARTITION ID '"+strings.TrimSpace(week)+"'"); err != nil {
			return fmt.Errorf("drop the edges of the week of %s: %w", week, err)
		}
	}
	return nil
}

// partitionLayout is how ClickHouse names a partition by date.
const partitionLayout = "20060102"

// endOf is the end of a partition by day (Unix ns); of one that has no such name the end of all time.
func endOf(partition string) int64 {
	t, err := time.Parse(partitionLayout, partition)
	if err != nil {
		return math.MaxInt64
	}
	return t.AddDate(0, 0, 1).UnixNano() - 1
}

func dayOf(partition string) string {
	t, err := time.Parse(partitionLayout, partition)
	if err != nil {
		return partition
	}
	return t.Format(time.DateOnly)
}
