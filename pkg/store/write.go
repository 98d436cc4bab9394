package store

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/cespare/xxhash/v2"

	"github.com/throughline-io/throughline/pkg/span"
)

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

// spans writes the rows of a batch, with their groups and minutes.
func (b *block) spans(batch *span.Batch, groups []uint64, buckets []uint32) {
	columns := slices.DeleteFunc(batch.Columns(), func(c span.NamedColumn) bool { return packed[c.Name] })
	b.reset(len(columns)+6, batch.Len()) // bucket, grp, texts, details, origin, asked
	b.fixed("bucket", "DateTime", memory(buckets))
	b.fixed("grp", "UInt64", memory(groups))
	b.columns(batch, columns)
}

// columns writes some of a batch's columns, and what is packed of it.
func (b *block) columns(batch *span.Batch, columns []span.NamedColumn) {
	table := batch.Strings.Strings()
	b.plain(columns, table)
	b.texts(batch)
	b.details(batch, table)
	b.origin(batch, table)
	b.asked(batch, table)
}

func (b *block) plain(columns []span.NamedColumn, table []string) {
	for _, c := range columns {
		switch data := c.Data.(type) {
		case *span.Symbols:
			b.symbols(c.Name, *data, table)
		case *span.Text:
			b.text(c.Name, data)
		case *span.Attributes:
			b.mapColumn(c.Name, data, table)
		case interface{ Bytes() []byte }:
			b.fixed(c.Name, fixedType(c.Data), data.Bytes())
		}
	}
}

// fixedType is the ClickHouse type of a column of fixed-size values.
func fixedType(c span.Column) string {
	switch c.(type) {
	case *span.Fixed[uint8], *span.Fixed[span.Source], *span.Fixed[span.Point], *span.Fixed[span.Kind], *span.Fixed[span.Status], *span.Fixed[span.PassageRule]:
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

// send builds a block in b and posts it. With a token the store drops it where it has it
// already; without one it never does.
func (s *Store) send(ctx context.Context, b *block, table, token string, build func(*block)) error {
	build(b)
	resp, err := s.do(ctx, request{
		database: s.config.Database, sql: "INSERT INTO " + table + " (" + strings.Join(b.names, ", ") + ") FORMAT Native",
		settings: s.insertSettings(token), body: b.body(nil),
	})
	if err != nil {
		return err
	}
	return written(resp)
}

// written is the store's answer to an insert.
func written(resp *http.Response) error {
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, 64<<10))
	if err != nil {
		return fmt.Errorf("read the store's answer: %w", err)
	}
	return streamedError(answer)
}

// insertSettings are those of every insert. Only the roll-up has a token: what is inserted again
// replaces itself everywhere else, and ClickHouse may drop an insert as known though it was killed
// before it had it. Spans with wrong clocks may lie in very many days,
// and must not keep the others out. Rows are not replaced as they come, readers do it and merges.
// They are not gathered by the store: it would acknowledge before they are on disk, and some
// versions refuse it together with a token. An acknowledged insert into a cluster is one that
// its shards have.
func (s *Store) insertSettings(token string) params {
	p := params{"max_partitions_per_insert_block": "0", "optimize_on_insert": "0", "async_insert": "0"}
	if token != "" {
		p["insert_deduplication_token"] = token
	} else {
		p["insert_deduplicate"] = "0"
	}
	if s.config.Cluster != "" {
		p["distributed_foreground_insert"], p["insert_quorum"] = "1", "auto"
	}
	return p
}

// tokenOf is made of the spans' ids and the edges.
func tokenOf(batch *span.Batch) string {
	var d xxhash.Digest
	d.Reset()
	_, _ = d.Write(memory([]uint64(batch.ID)))
	for _, e := range batch.Edges {
		var b [25]byte
		binary.LittleEndian.PutUint64(b[:], uint64(e.A))
		binary.LittleEndian.PutUint64(b[8:], uint64(e.B))
		binary.LittleEndian.PutUint64(b[16:], uint64(e.Time))
		b[24] = byte(e.Kind)
		_, _ = d.Write(b[:])
	}
	return strconv.FormatUint(d.Sum64(), 16)
}
