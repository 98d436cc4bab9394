package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Migrate brings the store's schema to this version's, step by step, and sets how long
// rows are kept. It is safe to call at every start, and from several servers at once:
// every step can be repeated. Where all is as it should be nothing is sent that a cluster's
// replicas must all answer, so one that is away does not keep a server from starting. A store that
// a newer version has migrated is left alone: ErrNewer.
func (s *Store) Migrate(ctx context.Context) error {
	if err := s.Ping(ctx); err != nil {
		return fmt.Errorf("reach the store: %w", err)
	}
	sc := schema{database: s.config.Database, cluster: s.config.Cluster}
	done, err := s.stepsDone(ctx, sc)
	if err != nil {
		return err
	}
	steps, err := sc.migrations()
	if err != nil {
		return err
	}
	for name := range done {
		if number, _, _ := strings.Cut(name, "_"); number > fmt.Sprintf("%04d", len(steps)) {
			return fmt.Errorf("%w: it has schema step %s, and this version knows %d", ErrNewer, name, len(steps))
		}
	}
	for _, m := range steps {
		if done[m.name] {
			continue
		}
		if err := s.step(ctx, m); err != nil {
			return err
		}
	}
	return s.keepFor(ctx, sc)
}

// step makes a step and notes that it is made.
func (s *Store) step(ctx context.Context, m migration) error {
	if slices.ContainsFunc(m.statements, func(sql string) bool { return strings.Contains(sql, "DROP COLUMN") }) {
		if err := s.rewritten(ctx); err != nil {
			return fmt.Errorf("before schema step %s: %w", m.name, err)
		}
	}
	for _, sql := range m.statements {
		if err := s.define(ctx, s.config.Database, sql); err != nil {
			return fmt.Errorf("schema step %s: %w", m.name, err)
		}
	}
	if err := s.define(ctx, s.config.Database, fmt.Sprintf("INSERT INTO schema_steps (version, name) SELECT %d, '%s'", m.version, m.name)); err != nil {
		return fmt.Errorf("note schema step %s: %w", m.name, err)
	}
	return nil
}

// rewritten waits until the store has made all changes to rows that it was told to make: it takes
// minutes for a hundred million, and what others are made of must not change before. Spans are
// acknowledged from the log meanwhile.
func (s *Store) rewritten(ctx context.Context) error {
	from := "system.mutations"
	if s.config.Cluster != "" {
		from = fmt.Sprintf("clusterAllReplicas('%s', system.mutations)", s.config.Cluster)
	}
	look := time.NewTicker(200 * time.Millisecond)
	defer look.Stop()
	for {
		left, err := s.text(ctx, "", "SELECT count(), anyIf(latest_fail_reason, latest_fail_reason != '') FROM "+from+
			" WHERE database = {database:String} AND NOT is_done SETTINGS skip_unavailable_shards = 1 FORMAT TSVRaw", params{"database": s.config.Database})
		if err != nil {
			return fmt.Errorf("ask what is still being rewritten: %w", err)
		}
		n, failure, _ := strings.Cut(left, "\t")
		if n == "0" {
			return nil
		}
		if failure != "" {
			return fmt.Errorf("rows cannot be rewritten: %s", failure)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-look.C:
		}
	}
}

// stepsDone are the names of the steps that were made; it makes the table that has them. On a
// cluster each shard has such a table, and a step was made everywhere where one shard knows it.
func (s *Store) stepsDone(ctx context.Context, sc schema) (map[string]bool, error) {
	there, err := s.text(ctx, "", "SELECT count() FROM system.tables WHERE database = {database:String} AND name = 'schema_steps'", params{"database": sc.database})
	if err != nil {
		return nil, fmt.Errorf("look for the table of schema steps: %w", err)
	}
	if there == "0" {
		on := ""
		if sc.cluster != "" {
			on = " ON CLUSTER " + sc.cluster
		}
		if err := s.define(ctx, "", "CREATE DATABASE IF NOT EXISTS "+sc.database+on); err != nil {
			return nil, fmt.Errorf("create database %s: %w", sc.database, err)
		}
		if err := s.define(ctx, sc.database, "CREATE TABLE IF NOT EXISTS schema_steps"+on+" (version UInt32, name String, applied DateTime('UTC') DEFAULT now()) ENGINE = "+
			sc.Engine("ReplacingMergeTree")+" ORDER BY (version, name)"); err != nil {
			return nil, fmt.Errorf("create the table of schema steps: %w", err)
		}
	}
	from := "schema_steps"
	if sc.cluster != "" {
		from = fmt.Sprintf("cluster('%s', %s, schema_steps) SETTINGS skip_unavailable_shards = 1", sc.cluster, sc.database)
	}
	names, err := s.text(ctx, sc.database, "SELECT DISTINCT name FROM "+from, nil)
	if err != nil {
		return nil, fmt.Errorf("read the schema's steps: %w", err)
	}
	done := map[string]bool{}
	for name := range strings.Lines(names) {
		done[strings.TrimSpace(name)] = true
	}
	return done, nil
}

// ddlWait is how long the replicas of a cluster get to make a change. One that is away makes it
// when it is back.
const ddlWait = 30 * time.Second

// define sends a statement that changes the schema.
func (s *Store) define(ctx context.Context, database, sql string) error {
	r := request{database: database, sql: sql}
	if s.config.Cluster != "" {
		r.settings = params{"distributed_ddl_output_mode": "null_status_on_timeout", "distributed_ddl_task_timeout": fmt.Sprint(int(ddlWait.Seconds()))}
	}
	resp, err := s.do(ctx, r)
	if err != nil {
		return err
	}
	return written(resp)
}
