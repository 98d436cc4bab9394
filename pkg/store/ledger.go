package store

import (
	"context"
	"encoding/hex"
	"fmt"
	"strings"
)

// LedgerRow is a counter of an agent or server: what a stage took in, passed on or lost
// since the reporter's start.
type LedgerRow struct {
	Time     int64  // of the report, Unix ns
	Reporter string // name of the agent or server
	Node     string
	Boot     uint64 // another value after each start
	Started  int64  // of the reporter, Unix ns
	Stage    string
	Source   string
	What     string
	Count    uint64
}

// PutLedger stores counters. Of each minute the newest report stays.
func (s *Store) PutLedger(ctx context.Context, rows []LedgerRow) error {
	if len(rows) == 0 {
		return nil
	}
	minutes, boots, counts := make([]uint32, len(rows)), make([]uint64, len(rows)), make([]uint64, len(rows))
	started, times := make([]uint64, len(rows)), make([]uint64, len(rows))
	for i, r := range rows {
		minutes[i], boots[i], counts[i], started[i], times[i] = bucket(r.Time), r.Boot, r.Count, uint64(r.Started), uint64(r.Time)
	}
	err := s.send(ctx, new(block), "ledger", "", func(b *block) {
		b.reset(10, len(rows))
		b.fixed("minute", "DateTime", memory(minutes))
		b.fixed("boot", "UInt64", memory(boots))
		b.fixed("started", "Int64", memory(started))
		b.fixed("count", "UInt64", memory(counts))
		b.fixed("time", "Int64", memory(times))
		for _, c := range []struct {
			name string
			at   func(*LedgerRow) string
		}{
			{"reporter", func(r *LedgerRow) string { return r.Reporter }}, {"node", func(r *LedgerRow) string { return r.Node }},
			{"stage", func(r *LedgerRow) string { return r.Stage }}, {"source", func(r *LedgerRow) string { return r.Source }},
			{"what", func(r *LedgerRow) string { return r.What }},
		} {
			b.header(c.name, "String")
			for i := range rows {
				b.string(c.at(&rows[i]))
			}
		}
	})
	if err != nil {
		return fmt.Errorf("insert %d ledger rows: %w", len(rows), err)
	}
	return nil
}

// LedgerQuery asks for counters.
type LedgerQuery struct {
	From, To int64    // of the reports, Unix ns; 0: any
	Reporter string   // "": all; * stands for any characters
	What     []string // nil: all
	// History gives the newest report of each minute; otherwise there is one row for each
	// counter, the newest.
	History bool
}

func (q *LedgerQuery) statement() (string, params) {
	c := newConditions()
	if q.From > 0 {
		c.add("minute >= " + c.bind(formatMinute(q.From), "DateTime('UTC')"))
	}
	if q.To > 0 {
		c.add("minute <= " + c.bind(formatMinute(q.To), "DateTime('UTC')"))
	}
	c.matches(q.Reporter, "reporter")
	if len(q.What) > 0 {
		quoted := make([]string, len(q.What))
		for i, w := range q.What {
			quoted[i] = "'" + hex.EncodeToString([]byte(w)) + "'"
		}
		c.add("what IN arrayMap(w -> unhex(w), " + c.bind("["+strings.Join(quoted, ",")+"]", "Array(String)") + ")")
	}
	key := "reporter, boot, stage, source, what"
	if q.History {
		key = "minute, " + key
	}
	return "SELECT time, reporter, node, boot, started, stage, source, what, count FROM ledger" + c.where() +
		" ORDER BY " + key + ", time DESC LIMIT 1 BY " + key, c.params
}

// Ledger reads counters, by reporter, boot, stage, source and what.
func (s *Store) Ledger(ctx context.Context, q LedgerQuery) ([]LedgerRow, error) {
	sql, p := q.statement()
	rows, err := s.query(ctx, sql, p, nil)
	if err != nil {
		return nil, fmt.Errorf("read the ledger: %w", err)
	}
	defer rows.Close()
	var all []LedgerRow
	for rows.Next() {
		var r LedgerRow
		if err := rows.Scan(&r.Time, &r.Reporter, &r.Node, &r.Boot, &r.Started, &r.Stage, &r.Source, &r.What, &r.Count); err != nil {
			return nil, fmt.Errorf("read the ledger: %w", err)
		}
		all = append(all, r)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read the ledger: %w", err)
	}
	return all, nil
}
