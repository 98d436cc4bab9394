package store

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Migrate brings the store's schema to this version's, step by step, and sets how long
// rows are kept. It is safe to call at every start, and from several servers at once:
// every step can be repeated.
func (s *Store) Migrate(ctx context.Context) error {
	version, err := s.Version(ctx)
	if err != nil {
		return fmt.Errorf("reach the store: %w", err)
	}
	sc := schema{database: s.config.Database, cluster: s.config.Cluster, text: hasTextIndex(version)}
	s.indexesAtMerges.Store(sc.text)
	on := ""
	if sc.cluster != "" {
		on = " ON CLUSTER " + sc.cluster
	}
	if _, err := s.text(ctx, "", "CREATE DATABASE IF NOT EXISTS "+sc.database+on, nil); err != nil {
		return fmt.Errorf("create database %s: %w", sc.database, err)
	}
	exec := func(sql string) error {
		_, err := s.text(ctx, s.config.Database, sql, nil)
		return err
	}
	if err := exec("CREATE TABLE IF NOT EXISTS schema_steps" + on + " (version UInt32, name String, applied DateTime('UTC') DEFAULT now()) ENGINE = " +
		sc.Engine("ReplacingMergeTree") + " ORDER BY (version, name)"); err != nil {
		return fmt.Errorf("create the table of schema steps: %w", err)
	}
	done, err := s.text(ctx, s.config.Database, "SELECT groupArray(name) FROM (SELECT DISTINCT name FROM schema_steps) FORMAT TSV", nil)
	if err != nil {
		return fmt.Errorf("read the schema's steps: %w", err)
	}
	steps, err := sc.migrations()
	if err != nil {
		return err
	}
	for _, m := range append(steps, sc.retention(s.config.Retention)) {
		if strings.Contains(done, "'"+m.name+"'") && m.version > 0 {
			continue
		}
		for _, sql := range m.statements {
			if err := exec(sql); err != nil {
				return fmt.Errorf("schema step %s: %w", m.name, err)
			}
		}
		if m.version > 0 {
			if err := exec(fmt.Sprintf("INSERT INTO schema_steps (version, name) SELECT %d, '%s'", m.version, m.name)); err != nil {
				return fmt.Errorf("note schema step %s: %w", m.name, err)
			}
		}
	}
	return nil
}

// retention sets the TTLs. The statements change metadata only and nothing where the
// values are the same; old parts go as a whole.
func (s schema) retention(keep time.Duration) migration {
	days := int(keep / (24 * time.Hour))
	ttl := func(table, column string, days int) string {
		return fmt.Sprintf("ALTER TABLE %s MODIFY TTL %s + INTERVAL %d DAY SETTINGS materialize_ttl_after_modify = 0", s.alter(table), column, days)
	}
	return migration{name: "retention", statements: []string{
		ttl("spans", "bucket", days), ttl("assoc", "bucket", days), ttl("ledger", "minute", days), ttl("watched", "seen", days+2), ttl("requests_minute", "minute", days), ttl("links", "bucket", days),
		// Rows in use are sent again twice a day, so these outlive the last span that names them.
		ttl("entities", "seen", days+2), ttl("otel_resources", "seen", days+2), ttl("attribute_keys", "seen", days+2),
	}}
}

// hasTextIndex: 26.2 made the text index generally available.
func hasTextIndex(version string) bool {
	parts := strings.SplitN(version, ".", 3)
	if len(parts) < 2 {
		return false
	}
	major, _ := strconv.Atoi(parts[0])
	minor, _ := strconv.Atoi(parts[1])
	return major > 26 || major == 26 && minor >= 2
}
