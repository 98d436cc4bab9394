package store

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/throughline-io/throughline/pkg/span"
)

func TestEntitiesAndResourcesComeWithTheTrace(t *testing.T) {
	t.Parallel()
	s := open(t)
	e := entity(t, s, "webshop", "web")
	r := span.Resource{Attributes: []span.Attribute{{Key: "service.name", Value: "web", Type: span.AttributeString}, {Key: "process.pid", Value: "7", Type: span.AttributeInt}}}
	r.ID = span.ResourceID(r.Attributes)
	one := app(1, traceID(1), 1)
	one.Entity, one.OTelResource = e.ID, r.ID
	b := batch(one)
	b.OTelResources = []span.Resource{r}
	insert(t, s, b)
	insert(t, s, b)                          // the resource is not sent again
	for _, statements := range []int{4, 2} { // the second time the names are known
		d := trace(t, s, traceID(1).String())
		if d.Statements != statements {
			t.Errorf("%d statements, want %d", d.Statements, statements)
		}
		if diff := cmp.Diff(map[uint64]span.Entity{e.ID: e}, d.Entities); diff != "" {
			t.Errorf("entities (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(map[uint64]span.Resource{r.ID: r}, d.Resources); diff != "" {
			t.Errorf("resources (-want +got):\n%s", diff)
		}
	}
	if n := text(t, s, "SELECT count() FROM otel_resources"); n != "1" {
		t.Errorf("%s rows of one resource", n)
	}
}

func TestAnEntityWithoutIdIsRefused(t *testing.T) {
	t.Parallel()
	s := open(t)
	if err := s.PutEntities(t.Context(), []span.Entity{{Pod: "p"}}); !errors.Is(err, ErrMalformed) || Retryable(err) {
		t.Errorf("got %v, want ErrMalformed, not worth another try", err)
	}
}

func TestTheLedgerKeepsTheNewestReportOfEachMinute(t *testing.T) {
	t.Parallel()
	s := open(t)
	row := func(at int64, boot, count uint64, what string) LedgerRow {
		return LedgerRow{Time: at, Reporter: "agent0", Node: "node0", Boot: boot, Started: start, Stage: "sys", Source: "SYS", What: what, Count: count}
	}
	first, second, later := row(start, 1, 5, "in"), row(start+1e9, 1, 7, "in"), row(start+minute, 1, 9, "in")
	restarted := row(start+minute, 2, 1, "in")
	for _, r := range []LedgerRow{first, second, later, restarted} {
		if err := s.PutLedger(t.Context(), []LedgerRow{r}); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		q    LedgerQuery
		want []LedgerRow
	}{
		{LedgerQuery{}, []LedgerRow{later, restarted}},
		{LedgerQuery{History: true}, []LedgerRow{second, later, restarted}},
		{LedgerQuery{To: start + 1}, []LedgerRow{second}},
		{LedgerQuery{Reporter: "agent*", From: start + minute}, []LedgerRow{later, restarted}},
		{LedgerQuery{Reporter: "other"}, nil},
	} {
		got, err := s.Ledger(t.Context(), c.q)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%+v (-want +got):\n%s", c.q, diff)
		}
	}
}

// Every server runs Migrate at its start, also while others do.
func TestMigrateCanBeRepeated(t *testing.T) {
	t.Parallel()
	s := open(t)
	insert(t, s, shop(traceID(1), 100))
	s.config.Retention *= 2
	for range 2 {
		if err := s.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if d := trace(t, s, traceID(1).String()); len(d.Spans) != 8 {
		t.Errorf("%d spans after a repeated Migrate, want 8", len(d.Spans))
	}
	if ddl := text(t, s, "SHOW CREATE TABLE spans"); !strings.Contains(ddl, "toIntervalDay(14)") {
		t.Errorf("retention was not changed: %s", ddl)
	}
	engines := map[string]string{}
	for _, k := range kept {
		engines[k.table] = text(t, s, "SELECT engine_full FROM system.tables WHERE database = currentDatabase() AND name = '"+k.table+"'")
	}
	if again := (schema{}).retention(s.config.Retention, engines); len(again) != 0 {
		t.Errorf("what is set is set again: %q", again)
	}
}

func TestSpansOlderThanTheRetentionGo(t *testing.T) {
	t.Parallel()
	s := open(t)
	old := app(1, traceID(1), 1)
	old.Start = 1_000_000_000_000_000_000 // 2001
	fresh := app(2, traceID(2), 2)
	insert(t, s, batch(old))
	insert(t, s, batch(fresh))
	execute(t, s, "OPTIMIZE TABLE spans FINAL")
	if got := text(t, s, "SELECT groupArray(id) FROM spans"); got != "["+formatUint(fresh.ID)+"]" {
		t.Errorf("spans %s are left, want only %d", got, fresh.ID)
	}
}

func TestEveryColumnOfABatchIsAColumnOfTheTable(t *testing.T) {
	t.Parallel()
	s := open(t)
	table := map[string]string{}
	for line := range strings.SplitSeq(text(t, s, "SELECT name, type FROM system.columns WHERE database = currentDatabase() AND table = 'spans' FORMAT TSVRaw"), "\n") {
		name, typ, _ := strings.Cut(line, "\t")
		table[name] = typ
	}
	for _, c := range (&span.Batch{}).Columns() {
		want := "LowCardinality(String)"
		switch c.Data.(type) {
		case *span.Text:
			want = "String"
		case *span.Attributes:
			want = mapType
		case *span.Symbols:
		default:
			want = fixedType(c.Data)
		}
		if packed[c.Name] {
			want = map[bool]string{true: "String", false: ""}[slices.Contains(packedTexts[:], c.Name)] // an alias
		}
		if table[c.Name] != want {
			t.Errorf("column %s is %q in the table, want %q", c.Name, table[c.Name], want)
		}
		delete(table, c.Name)
	}
	for _, name := range []string{"bucket", "grp", "texts", "details", "origin", "asked", "time"} {
		delete(table, name)
	}
	if len(table) > 0 {
		t.Errorf("columns that no batch fills: %v", table)
	}
}

func TestAMalformedBatchIsRefusedBeforeAnythingIsSent(t *testing.T) {
	t.Parallel()
	s := open(t)
	b := shop(traceID(1), 100)
	b.Service[0] = 99
	if err := s.Insert(t.Context(), b); !errors.Is(err, ErrMalformed) || Retryable(err) {
		t.Errorf("got %v, want ErrMalformed, not worth another try", err)
	}
	if n := text(t, s, "SELECT count() FROM assoc"); n != "0" {
		t.Errorf("%s edges of a refused batch", n)
	}
}

func TestErrorsSayWhetherToTryAgain(t *testing.T) {
	t.Parallel()
	s := open(t)
	execute(t, s, "DROP TABLE spans")
	if err := s.Insert(t.Context(), shop(traceID(1), 1)); err == nil || Retryable(err) {
		t.Errorf("no such table: %v, want an error that stays", err)
	}
	wrong := openAs(t, "wrong secret", s.config.Database)
	if err := wrong.Ping(t.Context()); code(err) != 516 || Retryable(err) {
		t.Errorf("wrong secret: %v, want code 516, not worth another try", err)
	}
	gone := open(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := gone.Insert(ctx, shop(traceID(1), 1)); !errors.Is(err, context.Canceled) || !Retryable(err) {
		t.Errorf("cancelled: %v, want context.Canceled, worth another try", err)
	}
}

// The plugin reads with the secret that may not write.
func TestAReaderReadsAndCannotWrite(t *testing.T) {
	t.Parallel()
	owner := open(t)
	e := entity(t, owner, "webshop", "web")
	b := shop(traceID(1), 100)
	for i := range b.Entity {
		b.Entity[i] = e.ID
	}
	insert(t, owner, b)
	reader := openAs(t, "reader", owner.config.Database)
	if d := trace(t, reader, traceID(1).String()); len(d.Spans) != 8 || len(d.Entities) != 1 {
		t.Errorf("%d spans, %d entities", len(d.Spans), len(d.Entities))
	}
	if found, err := reader.Search(t.Context(), SearchQuery{Scope: ScopeRoots}); err != nil || len(found.Rows) != 1 {
		t.Errorf("search: %d rows, %v", len(found.Rows), err)
	}
	if v, err := reader.Values(t.Context(), ValuesQuery{Name: "namespace"}); err != nil || len(v) != 1 {
		t.Errorf("values: %v, %v", v, err)
	}
	if err := reader.Insert(t.Context(), b); code(err) != 164 {
		t.Errorf("insert: %v, want code 164", err)
	}
	reader.config.Retention *= 2 // else there is nothing to do
	if err := reader.Migrate(t.Context()); err == nil {
		t.Error("a reader migrated the schema")
	}
}
