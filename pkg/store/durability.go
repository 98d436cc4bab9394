package store

import (
	"context"
	"fmt"
	"strings"
)

// Durability says what an insert into table spans is worth when ClickHouse has answered: "" where it
// is on disk then or on several replicas, else why it may be lost with one machine's power and what
// may be done about it. ClickHouse's default is to write and not to sync.
func (s *Store) Durability(ctx context.Context) (string, error) {
	answer, err := s.text(ctx, s.config.Database, `SELECT engine LIKE 'Replicated%' OR engine LIKE 'Shared%',
	multiIf(engine_full LIKE '%fsync_after_insert = 1%', 1, engine_full LIKE '%fsync_after_insert = 0%', 0,
		(SELECT value FROM system.merge_tree_settings WHERE name = 'fsync_after_insert') IN ('1', 'true'))
FROM system.tables WHERE database = {database:String} AND name = {table:String}`, params{"database": s.config.Database, "table": s.rowsTable()})
	if err != nil {
		return "", fmt.Errorf("ask whether inserts are synced: %w", err)
	}
	replicated, synced, found := strings.Cut(strings.TrimSpace(answer), "\t")
	if !found || replicated == "1" || synced == "1" {
		return "", nil
	}
	return "ClickHouse writes inserts without syncing them: the spans of its last seconds are lost with the power of its machine. " +
		"Set fsync_after_insert and fsync_part_directory to 1 in its merge_tree settings, or use replicas", nil
}

// rowsTable is the table that has the rows of spans on each server.
func (s *Store) rowsTable() string {
	if s.config.Cluster != "" {
		return "spans_local"
	}
	return "spans"
}
