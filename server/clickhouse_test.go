package server

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"

	"github.com/throughline-io/throughline/pkg/store"
)

// statement sends one to the read-only way, as curl would.
func (r *running) statement(t testing.TB, method, sql string, params url.Values, header ...string) (int, string) {
	t.Helper()
	q := url.Values{"database": {"throughline"}}
	for k, v := range params {
		q[k] = v
	}
	var body io.Reader
	if method == http.MethodPost {
		body = strings.NewReader(sql)
	} else {
		q.Set("query", sql)
	}
	req, err := http.NewRequestWithContext(t.Context(), method, r.http+"/clickhouse/?"+q.Encode(), body)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, strings.TrimSpace(string(text))
}

func TestReadersNeedTheToken(t *testing.T) {
	t.Parallel()
	r := server(t)
	f := func(want int, header ...string) {
		t.Helper()
		if status, body := r.statement(t, http.MethodPost, "SELECT 1", nil, header...); status != want {
			t.Errorf("with %v: %d %s, want %d", header, status, body, want)
		}
	}
	f(401)
	f(401, "X-ClickHouse-Key", "wrong")
	f(401, "X-ClickHouse-Key", "")
	f(401, "Authorization", "Bearer wrong")
	f(200, "X-ClickHouse-Key", r.token)
	f(200, "Authorization", "Bearer "+r.token)
	f(200, "Authorization", "Basic dXNlcjpzZWNyZXQ=") // user:secret
	if status, _ := r.statement(t, http.MethodPost, "SELECT 1", url.Values{"password": {r.token}}); status != 401 {
		t.Errorf("a token in the URL: %d, want 401: URLs are logged", status)
	}
}

func TestReadersOnlyRead(t *testing.T) {
	t.Parallel()
	r := server(t)
	secret := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(secret, []byte("not for readers\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	refused := func(sql string, params url.Values) {
		t.Helper()
		for _, method := range []string{http.MethodPost, http.MethodGet} {
			status, body := r.statement(t, method, sql, params, "X-ClickHouse-Key", r.token)
			if status == http.StatusOK || strings.Contains(body, "not for readers\n") || !strings.Contains(body, "DB::Exception") {
				t.Errorf("%s %s: %d %s", method, sql, status, body)
			}
		}
	}
	refused("INSERT INTO spans (id) VALUES (1)", nil)
	refused("INSERT INTO spans (id) SELECT 1", nil)
	refused("CREATE TABLE t (a Int8) ENGINE = Memory", nil)
	refused("CREATE TEMPORARY TABLE t (a Int8)", nil)
	refused("DROP TABLE spans", nil)
	refused("TRUNCATE TABLE spans", nil)
	refused("ALTER TABLE spans DELETE WHERE 1", nil)
	refused("SYSTEM SHUTDOWN", nil)
	refused("KILL QUERY WHERE 1", nil)
	refused("SELECT * FROM file('"+secret+"', 'LineAsString')", nil)
	refused("SELECT file('"+secret+"')", nil)
	refused("SELECT * FROM url('http://127.0.0.1:1/', 'LineAsString')", nil)
	refused("SELECT 1 INTO OUTFILE '"+secret+".out'", nil)
	refused("SELECT 1; DROP TABLE spans", nil)
	refused("SET readonly = 0", nil)
	refused("DROP TABLE spans", url.Values{"readonly": {"0"}})
	refused("INSERT INTO spans (id) VALUES (1)", url.Values{"readonly": {"0"}, "user": {"default"}, "password": {"x"}, "session_id": {"s"}})
	// The data of an insert as body, the statement in the URL.
	if status, body := r.statement(t, http.MethodPost, "(1)", url.Values{"query": {"INSERT INTO spans (id) VALUES"}}, "X-ClickHouse-Key", r.token); status == http.StatusOK {
		t.Errorf("insert by body: %s", body)
	}
	if status, body := r.statement(t, http.MethodPost, "SELECT count() >= 0 FROM spans", nil, "X-ClickHouse-Key", r.token); status != http.StatusOK || body != "1" {
		t.Errorf("a read after it all: %d %s", status, body)
	}
}

func TestClickHouseGoReadsThroughTheServer(t *testing.T) {
	t.Parallel()
	r := server(t)
	spans := webshop()
	r.push(t, spans)
	conn, err := clickhouse.Open(&clickhouse.Options{
		Protocol: clickhouse.HTTP, Addr: []string{strings.TrimPrefix(r.http, "http://")}, HttpUrlPath: "/clickhouse",
		Auth: clickhouse.Auth{Database: "throughline", Username: "default", Password: r.token},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	var n uint64
	err = conn.QueryRow(t.Context(), "SELECT uniqExact(id) FROM spans WHERE trace_id = unhex({id:String})", clickhouse.Named("id", traceIDOf(spans))).Scan(&n)
	if err != nil || n == 0 {
		t.Errorf("%d spans, error %v", n, err)
	}
	err = conn.Exec(t.Context(), "INSERT INTO spans (id) VALUES (1)")
	var exception *clickhouse.Exception
	if !errors.As(err, &exception) || exception.Code != 164 {
		t.Errorf("insert: %v, want READONLY", err)
	}
}

func TestPkgStoreReadsThroughTheServer(t *testing.T) {
	t.Parallel()
	r := server(t)
	spans := webshop()
	r.push(t, spans)
	s, err := store.Open(t.Context(), store.Config{DSN: r.http + "/clickhouse/throughline", Token: r.token})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	data, err := s.Trace(t.Context(), store.TraceQuery{ID: traceIDOf(spans)})
	if err != nil || len(data.Spans) != 100 || len(data.Entities) != 7 {
		t.Fatalf("trace: %d spans, %d entities, error %v", len(data.Spans), len(data.Entities), err)
	}
	if found, err := s.Search(t.Context(), store.SearchQuery{Service: "web-shop", Limit: 5}); err != nil || len(found.Rows) == 0 {
		t.Errorf("search: %d rows, error %v", len(found.Rows), err)
	}
	if v, err := s.Values(t.Context(), store.ValuesQuery{Name: "service"}); err != nil || len(v) == 0 {
		t.Errorf("values: %v, error %v", v, err)
	}
	if err := s.PutLedger(t.Context(), []store.LedgerRow{{Reporter: "stranger"}}); err == nil {
		t.Error("a reader wrote to the ledger")
	}
}

func TestGivingUpEndsTheQuery(t *testing.T) {
	t.Parallel()
	r := server(t)
	const sql = "SELECT sum(sipHash64(number)) FROM numbers(1000000000000)"
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, r.http+"/clickhouse/", strings.NewReader(sql))
		if err != nil {
			return
		}
		req.Header.Set("X-ClickHouse-Key", r.token)
		if resp, err := http.DefaultClient.Do(req); err == nil {
			resp.Body.Close()
		}
	}()
	runs := func() string {
		_, n := r.statement(t, http.MethodPost, "SELECT count() FROM system.processes WHERE query LIKE '%sipHash64(number)%' AND query NOT LIKE '%system.processes%'", nil, "X-ClickHouse-Key", r.token)
		return n
	}
	until(t, "the query runs", func() bool { return runs() == "1" })
	cancel()
	<-ended
	until(t, "the store has dropped it", func() bool { return runs() == "0" })
}

// until waits for what must become true.
func until(t testing.TB, what string, cond func() bool) {
	t.Helper()
	for deadline := time.Now().Add(60 * time.Second); !cond(); {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain: %s", what)
		}
		time.Sleep(20 * time.Millisecond)
	}
}
