package store

import (
	"context"
	"fmt"
	"io"
	"maps"
	"strconv"
	"strings"
	"time"

	"github.com/cespare/xxhash/v2"

	"github.com/throughline-io/throughline/pkg/span"
)

// blockWriter is the memory that one Insert works in.
type blockWriter struct {
	block   block
	edges   edges
	groups  []uint64
	buckets []uint32
	body    [][]byte
	columns map[string]string // table: list of its columns
}

// Insert stores a batch: first the OTel resources and the keys of attributes it brings, then
// the edges between groups, then the spans. It returns nil only when all of them are durable. A batch that is
// inserted twice is one to every reader.
func (s *Store) Insert(ctx context.Context, batch *span.Batch) error {
	if err := batch.Check(); err != nil {
		return fmt.Errorf("insert: %w: %w", ErrMalformed, err)
	}
	if err := s.putResources(ctx, batch.OTelResources); err != nil {
		return err
	}
	if err := s.putKeys(ctx, batch); err != nil {
		return err
	}
	if batch.Len() == 0 && len(batch.Edges) == 0 {
		return nil
	}
	w := s.blocks.Get().(*blockWriter)
	defer s.blocks.Put(w)
	return s.insert(ctx, w, batch)
}

func (s *Store) insert(ctx context.Context, w *blockWriter, batch *span.Batch) error {
	n := batch.Len()
	w.groups, w.buckets = grow(w.groups, n), grow(w.buckets, n)
	w.edges.reset()
	w.edges.derive(batch, w.groups, w.buckets)
	// An edge without rows is harmless, rows without their edges are not found.
	if err := s.send(ctx, w, "assoc", w.edges.block); err != nil {
		return fmt.Errorf("insert %d edges: %w", len(w.edges.a), err)
	}
	if n == 0 {
		return nil
	}
	if err := s.send(ctx, w, "spans", func(b *block) { w.spans(b, batch) }, countedOnce(batch)); err != nil {
		return fmt.Errorf("insert %d spans: %w", n, err)
	}
	return nil
}

func grow[T any](v []T, n int) []T {
	if cap(v) < n {
		return make([]T, n, n+n/4)
	}
	return v[:n]
}

func (e *edges) block(b *block) {
	b.reset(4, len(e.a))
	b.fixed("a", "UInt64", memory(e.a))
	b.fixed("b", "UInt64", memory(e.b))
	b.fixed("bucket", "DateTime", memory(e.bucket))
	b.fixed("kind", "UInt8", memory(e.kind))
}

func (w *blockWriter) spans(b *block, batch *span.Batch) {
	columns := batch.Columns()
	b.reset(len(columns)+3, batch.Len()) // bucket, grp, attribute_types
	b.fixed("bucket", "DateTime", memory(w.buckets))
	b.fixed("grp", "UInt64", memory(w.groups))
	table := batch.Strings.Strings()
	for _, c := range columns {
		switch data := c.Data.(type) {
		case *span.Symbols:
			b.symbols(c.Name, *data, table)
		case *span.Text:
			b.text(c.Name, data)
		case *span.Attributes:
			b.attributes(data, table)
		case interface{ Bytes() []byte }:
			b.fixed(c.Name, fixedType(c.Data), data.Bytes())
		}
	}
}

// fixedType is the ClickHouse type of a column of fixed-size values.
func fixedType(c span.Column) string {
	switch c.(type) {
	case *span.Fixed[uint8], *span.Fixed[span.Source], *span.Fixed[span.Point], *span.Fixed[span.Kind], *span.Fixed[span.Status]:
		return "UInt8"
	case *span.Fixed[uint16]:
		return "UInt16"
	case *span.Fixed[uint32]:
		return "UInt32"
	case *span.Fixed[uint64]:
		return "UInt64"
	case *span.Fixed[int32]:
		return "Int32"
	case *span.Fixed[int64]:
		return "Int64"
	case *span.Fixed[span.TraceID]:
		return "FixedString(16)"
	case *span.Fixed[span.SpanID]:
		return "FixedString(8)"
	case *span.Fixed[[16]byte]:
		return "IPv6"
	}
	panic(fmt.Sprintf("no ClickHouse type for %T", c))
}

// send builds a block and posts it.
func (s *Store) send(ctx context.Context, w *blockWriter, table string, build func(*block), more ...params) error {
	build(&w.block)
	if w.columns == nil {
		w.columns = map[string]string{}
	}
	list := w.columns[table]
	if list == "" {
		list = strings.Join(w.block.names, ", ")
		w.columns[table] = list
	}
	w.body = w.block.body(w.body[:0])
	settings := s.insertSettings()
	for _, m := range more {
		maps.Copy(settings, m)
	}
	resp, err := s.do(ctx, request{
		database: s.config.Database, sql: "INSERT INTO " + table + " (" + list + ") FORMAT Native",
		settings: settings, body: w.body,
	})
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, 64<<10))
	if err != nil {
		return fmt.Errorf("read the store's answer: %w", err)
	}
	return streamedError(answer)
}

// insertSettings: spans with wrong clocks may lie in very many days, and must not keep the
// others out; and an acknowledged insert into a cluster is one that its shards have.
func (s *Store) insertSettings() params {
	p := params{"max_partitions_per_insert_block": "0"}
	if s.config.Cluster != "" {
		p["distributed_foreground_insert"], p["insert_quorum"] = "1", "auto"
	}
	return p
}

// countedOnce are the settings that keep the roll-up right: a block that is sent again, after
// an answer that was lost, is not counted again. Its token is made of the spans' ids. What it
// cannot tell is a retry that is gathered into another block: those spans count twice in the
// roll-up, and once for every other reader. And where the roll-up fails, the spans are stored
// all the same.
func countedOnce(batch *span.Batch) params {
	var d xxhash.Digest
	d.Reset()
	_, _ = d.Write(memory([]uint64(batch.ID)))
	return params{
		"insert_deduplication_token": strconv.FormatUint(d.Sum64(), 16), "deduplicate_blocks_in_dependent_materialized_views": "1",
		"materialized_views_ignore_errors": "1",
	}
}

func (s *Store) putResources(ctx context.Context, all []span.Resource) error {
	now := time.Now()
	batch := span.Batch{}
	var ids []uint64
	for _, r := range all {
		if s.sent.has(r.ID, now) {
			continue
		}
		ids = append(ids, r.ID)
		for _, a := range r.Attributes {
			batch.Attributes.AddPair(batch.Strings.Ref(a.Key), []byte(a.Value), a.Type)
		}
		batch.Attributes.EndRow()
	}
	if len(ids) == 0 {
		return nil
	}
	seen := make([]uint32, len(ids))
	for i := range seen {
		seen[i] = uint32(now.Unix())
	}
	w := new(blockWriter)
	err := s.send(ctx, w, "otel_resources", func(b *block) {
		b.reset(4, len(ids))
		b.fixed("id", "UInt64", memory(ids))
		b.attributes(&batch.Attributes, batch.Strings.Strings())
		b.fixed("seen", "DateTime", memory(seen))
	})
	if err != nil {
		return fmt.Errorf("insert %d OTel resources: %w", len(ids), err)
	}
	s.sent.add(ids, now)
	return nil
}
