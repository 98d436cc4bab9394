package front

import (
	"context"
	"errors"
	"net"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

func client(t *testing.T, change func(*clickhouse.Options)) driver.Conn {
	t.Helper()
	o := &clickhouse.Options{Protocol: clickhouse.HTTP, Addr: []string{server(t).Listener.Addr().String()}, Auth: clickhouse.Auth{Username: "default", Password: "owner", Database: "default"}}
	if change != nil {
		change(o)
	}
	c, err := clickhouse.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// clickhouse-go knows nothing of us.
func TestClickhouseGoWorksUnmodified(t *testing.T) {
	t.Parallel()
	for name, method := range map[string]clickhouse.CompressionMethod{"plain": clickhouse.CompressionNone, "lz4": clickhouse.CompressionLZ4, "zstd": clickhouse.CompressionZSTD, "gzip": clickhouse.CompressionGZIP} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := client(t, func(o *clickhouse.Options) { o.Compression = &clickhouse.Compression{Method: method} })
			table := "types_" + name
			if err := c.Exec(t.Context(), "CREATE TABLE "+table+" (id UInt64, at DateTime64(9, 'UTC'), word LowCardinality(String), raw FixedString(4), tags Map(LowCardinality(String), String), list Array(Int32), ip IPv6, maybe Nullable(Float64)) ENGINE = MergeTree ORDER BY id"); err != nil {
				t.Fatal(err)
			}
			b, err := c.PrepareBatch(t.Context(), "INSERT INTO "+table)
			if err != nil {
				t.Fatal(err)
			}
			at := time.Unix(1_800_000_000, 123456789).UTC()
			for i := range 1000 {
				if err := b.Append(uint64(i), at, "w\n\n", "ab\x00c", map[string]string{"k": "'\\\n"}, []int32{-1, 2}, net.ParseIP("2001:db8::1"), (*float64)(nil)); err != nil {
					t.Fatal(err)
				}
			}
			if err := b.Send(); err != nil {
				t.Fatal(err)
			}
			var (
				n    uint64
				when time.Time
				word string
				tags map[string]string
				list []int32
			)
			row := c.QueryRow(t.Context(), "SELECT count() OVER (), at, word, tags, list FROM "+table+" WHERE word = {w:String} ORDER BY id LIMIT 1", clickhouse.Named("w", "w\n\n"))
			if err := row.Scan(&n, &when, &word, &tags, &list); err != nil {
				t.Fatal(err)
			}
			if n != 1000 || !when.Equal(at) || word != "w\n\n" || tags["k"] != "'\\\n" || len(list) != 2 {
				t.Errorf("read %d %v %q %q %v", n, when, word, tags, list)
			}
		})
	}
}

func TestErrorsReachClickhouseGoTyped(t *testing.T) {
	t.Parallel()
	c := client(t, nil)
	var exception *clickhouse.Exception
	if err := c.Exec(t.Context(), "SELECT * FROM no_such_table"); !errors.As(err, &exception) || exception.Code != 60 {
		t.Errorf("got %v, want code 60", err)
	}
	// After the first rows have gone out.
	rows, err := c.Query(t.Context(), "SELECT throwIf(number = 3000000) FROM numbers(4000000) SETTINGS max_threads = 1, max_block_size = 65536")
	for err == nil && rows.Next() {
	}
	if err == nil {
		err = rows.Err()
	}
	if !errors.As(err, &exception) || exception.Code != 395 {
		t.Errorf("got %v, want code 395", err)
	}
}

func TestACancelledQueryStops(t *testing.T) {
	t.Parallel()
	c := client(t, nil)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() {
		rows, err := c.Query(ctx, "SELECT count(), 'cancelled one' FROM numbers_mt(1000000000000) WHERE NOT ignore(sipHash64(number))")
		if err == nil {
			rows.Next()
			err = rows.Err()
		}
		ended <- err
	}()
	running := func() bool {
		return must(t, "SELECT count() FROM system.processes WHERE query LIKE '%cancelled ' || 'one%'") != "0"
	}
	wait(t, running)
	cancel()
	if err := <-ended; err == nil {
		t.Error("no error")
	}
	wait(t, func() bool { return !running() })
}

// wait gives up long after anything healthy would have happened.
func wait(t *testing.T, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !done(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("waited a minute")
		}
	}
}
