package store

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
)

// fastRead are settings that make small reads by key cheaper: planning is most of such a
// read, and skip indexes cannot help. Of 10 ms of CPU for the rows of a trace the older way to plan
// saves one, no compiled expressions and nothing noted of granules another half.
var fastRead = params{"max_threads": "1", "use_skip_indexes": "0", "enable_analyzer": "0", "compile_expressions": "0", "use_query_condition_cache": "0"}

// byKey is fastRead for plain statements of a key, of which no optimisation of the plan makes anything better:
// 10 to 20 % less of what a look-up of a trace costs the store. Which places are read follows from the
// key all the same.
var byKey = params{"max_threads": "1", "use_skip_indexes": "0", "enable_analyzer": "0", "compile_expressions": "0", "use_query_condition_cache": "0", "query_plan_enable_optimizations": "0"}

// oneThread are settings of other small reads, such as one by a skip index. What is looked for once
// need not be noted.
var oneThread = params{"max_threads": "1", "use_query_condition_cache": "0"}

// byIndex is fastRead for what a skip index finds.
var byIndex = params{"max_threads": "1", "enable_analyzer": "0", "compile_expressions": "0", "use_query_condition_cache": "0"}

// manyKeys is fastRead for reads of so many keys that they are worth a second thread. Where in the
// table they are is most of it, and found with fewer looks in halves than in eighths.
var manyKeys = params{"use_skip_indexes": "0", "enable_analyzer": "0", "compile_expressions": "0", "use_query_condition_cache": "0", "merge_tree_coarse_index_granularity": "2"}

// everyRead are settings of all reads: the store stops a statement whose client has gone.
// (The embedded engine does so by itself.)
var everyRead = params{"cancel_http_readonly_queries_on_client_close": "1"}

// clusterRead: a subquery on a table of all shards is answered once, for all of them. Not
// optimize_skip_unused_shards: when a shard is added, rows that were stored before lie where the new
// number of shards would not look for them.
var clusterRead = params{"distributed_product_mode": "global"}

// read runs a statement and decodes its blocks into columns; each is called for every
// block. Settings that the store's user may not set are left out.
func (s *Store) read(ctx context.Context, sql string, p, settings params, columns []resultColumn, each func(rows int) error) error {
	if s.tcp != nil {
		return s.readTCP(ctx, sql, p, settings, columns, each)
	}
	if settings == nil {
		settings = params{}
	}
	var resp *http.Response
	err := s.settings.try(settings, func(settings params) (err error) {
		r := request{database: s.config.Database, sql: sql, params: p, settings: params{"default_format": "Native"}}
		if settings != nil {
			maps.Copy(r.settings, everyRead)
			maps.Copy(r.settings, settings)
			if s.config.Cluster != "" {
				maps.Copy(r.settings, clusterRead)
			}
		}
		resp, err = s.do(ctx, r)
		return err
	})
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	data, err := readAll(resp)
	if err != nil {
		return fmt.Errorf("read the store's answer: %w", err)
	}
	if err := streamedError(data[max(0, len(data)-maxError):]); err != nil {
		return err
	}
	a := answer{data: data}
	if err := a.blocks(columns, each); err != nil {
		return fmt.Errorf("decode the store's answer: %w", err)
	}
	return nil
}

// readTCP is read by the native protocol. There a statement whose client has gone is stopped
// without being asked to.
func (s *Store) readTCP(ctx context.Context, sql string, p, settings params, columns []resultColumn, each func(rows int) error) error {
	s.observe(ctx)
	if settings == nil {
		settings = params{}
	}
	return s.settings.try(settings, func(settings params) error {
		if settings != nil && s.config.Cluster != "" {
			settings = maps.Clone(settings)
			maps.Copy(settings, clusterRead)
		}
		return s.tcp.read(ctx, sql, p, settings, columns, each)
	})
}

const (
	maxAnswer = 1 << 30 // bytes; the limits on rows come first
	maxError  = 32 << 10
)

func readAll(resp *http.Response) ([]byte, error) {
	var b bytes.Buffer
	if n := resp.ContentLength; n > 0 && n < maxAnswer {
		b.Grow(int(n) + bytes.MinRead)
	}
	n, err := b.ReadFrom(io.LimitReader(resp.Body, maxAnswer+1))
	if n > maxAnswer {
		err = fmt.Errorf("it is larger than %d bytes", maxAnswer)
	}
	return b.Bytes(), err
}
