package front

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/throughline-io/throughline/cmd/throughline-store/libchdb"
)

// The library allows one data directory per process, so all tests share one engine.
var engine = sync.OnceValues(func() (*httptest.Server, error) {
	path := os.Getenv("THROUGHLINE_LIBCHDB")
	if path == "" {
		path, _ = filepath.Abs("../../../node_modules/@chdb/lib-linux-x64-gnu/libchdb.so")
	}
	if err := libchdb.Load(path); err != nil {
		return nil, err
	}
	var err error
	if dir, err = os.MkdirTemp("", "front-test"); err != nil {
		return nil, err
	}
	config := filepath.Join(dir, "config.xml")
	if err := os.WriteFile(config, []byte("<clickhouse></clickhouse>"), 0o600); err != nil {
		return nil, err
	}
	s, err := New(Options{
		Connect: func() (*libchdb.Conn, error) {
			return libchdb.Connect("--path="+filepath.Join(dir, "db"), "--config-file="+config)
		},
		Secret: "owner", ReadSecret: "reader", ReaderMemory: readerMemory, MaxInsert: 8 << 20, MaxStatement: 64 << 10,
	})
	if err != nil {
		return nil, err
	}
	front = s
	return httptest.NewServer(s), nil
})

var (
	dir   string
	front *Server
)

func TestMain(m *testing.M) {
	code := m.Run()
	if front != nil {
		front.Close()
	}
	os.RemoveAll(dir)
	os.Exit(code)
}

func server(t *testing.T) *httptest.Server {
	t.Helper()
	if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" {
		t.Skip("the embedded engine is for linux/amd64")
	}
	s, err := engine()
	if err != nil {
		t.Fatalf("%v\nrun `npm install` in the repository (it brings @chdb/lib-linux-x64-gnu 26.7.3-stable.1), or set THROUGHLINE_LIBCHDB to libchdb.so", err)
	}
	return s
}

// ask posts a statement, the text in the URL where there is a body.
func ask(t *testing.T, key, sql string, body []byte, settings ...string) (status int, answer string) {
	t.Helper()
	q := url.Values{}
	for i := 0; i < len(settings); i += 2 {
		q.Set(settings[i], settings[i+1])
	}
	data := []byte(sql)
	if body != nil {
		q.Set("query", sql)
		data = body
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server(t).URL+"/?"+q.Encode(), bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-ClickHouse-Key", key)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, strings.TrimSuffix(string(b), "\n")
}

func must(t *testing.T, sql string) string {
	t.Helper()
	status, answer := ask(t, "owner", sql, nil)
	if status != 200 {
		t.Fatalf("%s: %s", sql, answer)
	}
	return answer
}

func TestNobodyIsServedWithoutASecret(t *testing.T) {
	t.Parallel()
	for _, key := range []string{"", "wrong", "owner2", "Owner"} {
		if status, answer := ask(t, key, "SELECT 1", nil); status != http.StatusUnauthorized || !strings.Contains(answer, "Code: 516") {
			t.Errorf("key %q: %d %s", key, status, answer)
		}
	}
	resp, err := http.Get(server(t).URL + "/ping")
	if err != nil || resp.StatusCode != 200 {
		t.Errorf("ping: %v", err)
	}
}

// A reader can run any SELECT on tables, and reach nothing else: no writes, no settings, no
// files, no hosts.
func TestAReaderReachesTablesOnly(t *testing.T) {
	t.Parallel()
	const marker = "this is in a file"
	file := filepath.Join(t.TempDir(), "secret.csv")
	if err := os.WriteFile(file, []byte(marker+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	go func() {
		for c, err := listener.Accept(); err == nil; c, err = listener.Accept() {
			t.Error("a reader's statement connected to another host")
			c.Close()
		}
	}()
	host := listener.Addr().String()
	must(t, "CREATE TABLE readable (a UInt8) ENGINE = MergeTree ORDER BY a")
	must(t, "INSERT INTO readable SELECT 7")
	if status, answer := ask(t, "reader", "SELECT a FROM readable", nil); status != 200 || answer != "7" {
		t.Fatalf("%d %s", status, answer)
	}
	written := filepath.Join(t.TempDir(), "out")
	for _, sql := range []string{
		"SELECT * FROM file('" + file + "', 'LineAsString')", "SELECT * FROM file('" + file + "')", "SELECT file('" + file + "')", "SELECT * FROM '" + file + "'", "SELECT * FROM `" + file + "`",
		"SELECT * APPLY(file) FROM (SELECT '" + file + "' AS a)", "SELECT ‘'’, file('" + file + "'), ‘'’", "DESCRIBE TABLE file('" + file + "', 'LineAsString')",
		"WITH file('" + file + "') AS f SELECT f", "SELECT * FROM loop(file('" + file + "', 'LineAsString')) LIMIT 1", "SELECT * FROM fileCluster('default', '" + file + "', 'LineAsString')",
		"SELECT * FROM sqlite('" + file + "', 't')", "SELECT * FROM executable('cat " + file + "', 'LineAsString', 'l String')", "SELECT * FROM filesystem('" + filepath.Dir(file) + "')",
		"SELECT * FROM url('http://" + host + "/', 'LineAsString')", "SELECT * FROM remote('" + host + "', system.one)", "SELECT * FROM s3('http://" + host + "/b/k')", "SELECT * FROM mysql('" + host + "', 'd', 't', 'u', 'p')",
		"SELECT * FROM postgresql('" + host + "', 'd', 't', 'u', 'p')", "SELECT * FROM mongodb('" + host + "', 'd', 't', 'u', 'p', 'a Int8')", "SELECT * FROM redis('" + host + "', 'k', 'k String')",
		"SELECT 1 INTO OUTFILE '" + written + "'", "INSERT INTO readable SELECT 8", "INSERT INTO readable VALUES (8)", "CREATE TABLE w (a UInt8) ENGINE = Memory", "CREATE TEMPORARY TABLE w (a UInt8)",
		"CREATE TABLE w (a String) ENGINE = File(LineAsString, '" + file + "')", "DROP TABLE readable", "TRUNCATE TABLE readable", "ALTER TABLE readable DELETE WHERE 1", "DELETE FROM readable WHERE 1", "OPTIMIZE TABLE readable FINAL",
		"RENAME TABLE readable TO w", "SET readonly = 0", "SELECT 1 SETTINGS readonly = 0", "SELECT a FROM readable SETTINGS max_threads = 1, readonly = 2", "SYSTEM FLUSH LOGS", "KILL QUERY WHERE 1", "BACKUP TABLE readable TO File('" + written + "')",
		"CREATE FUNCTION f AS (x) -> x", "CREATE USER u", "GRANT ALL ON *.* TO u", "ATTACH TABLE w UUID '00000000-0000-0000-0000-000000000001' (a UInt8) ENGINE = Memory", "DETACH TABLE readable", "SELECT 1; DROP TABLE readable", "SELECT 1\n\n;\nDROP TABLE readable",
		"CREATE DICTIONARY d (a UInt64) PRIMARY KEY a SOURCE(FILE(path '" + file + "' format 'LineAsString')) LAYOUT(FLAT()) LIFETIME(0)", "SELECT * FROM python('x')", "SELECT * FROM Python(x)", "EXPLAIN SELECT file('" + file + "')", "SELECT * FROM input('a String')",
		"SELECT * FROM hdfs('hdfs://" + host + "/a', 'LineAsString')", "SELECT * FROM azureBlobStorage('http://" + host + "/', 'c', 'p')", "SELECT * FROM icebergLocal('" + filepath.Dir(file) + "')", "SELECT * FROM deltaLakeLocal('" + filepath.Dir(file) + "')",
	} {
		status, answer := ask(t, "reader", sql, nil)
		if strings.Contains(answer, marker) {
			t.Errorf("%s shows the file: %s", sql, answer)
		}
		if status == 200 {
			t.Errorf("%s is let through: %q", sql, answer)
		}
	}
	if _, err := os.Stat(written); err == nil {
		t.Error("a reader wrote a file")
	}
	if got := must(t, "SELECT count(), sum(a) FROM readable"); got != "1\t7" {
		t.Errorf("the table was changed: %q", got)
	}
	// As data: the body of an insert.
	if status, answer := ask(t, "reader", "INSERT INTO readable FORMAT RowBinary", []byte{9}); status != http.StatusForbidden {
		t.Errorf("insert: %d %s", status, answer)
	}
	if status, answer := ask(t, "reader", "SELECT getSetting('max_threads'), getSetting('readonly')", nil, "max_threads", "3", "readonly", "0", "allow_ddl", "1"); status != 200 || answer != "3\t1" {
		t.Errorf("a harmless setting is taken, others are not: %d %s", status, answer)
	}
}

// The bytes of an insert are data whatever they look like: an empty line does not end them.
func TestInsertedBytesAreData(t *testing.T) {
	t.Parallel()
	must(t, "CREATE TABLE bytes (s String) ENGINE = MergeTree ORDER BY tuple()")
	payload := "a\n\nDROP TABLE bytes\n\n;\x00'\\"
	if status, answer := ask(t, "owner", "INSERT INTO bytes FORMAT Native", nativeStrings(payload)); status != 200 {
		t.Fatalf("%d %s", status, answer)
	}
	if got := must(t, "SELECT hex(s) FROM bytes"); got != fmt.Sprintf("%X", payload) {
		t.Errorf("stored %s", got)
	}
}

// nativeStrings is a block of one String column s.
func nativeStrings(values ...string) []byte {
	b := []byte{1, byte(len(values)), 1, 's', 6}
	b = append(b, "String"...)
	for _, v := range values {
		b = append(append(b, byte(len(v))), v...)
	}
	return b
}

func TestACutOffInsertLeavesNoRows(t *testing.T) {
	t.Parallel()
	must(t, "CREATE TABLE cut (s String) ENGINE = MergeTree ORDER BY tuple()")
	whole := append(nativeStrings("one", "two"), nativeStrings("three")...)
	// The block ends early, the request does not.
	first := len(nativeStrings("one", "two"))
	for n := 1; n < len(whole); n++ {
		if n == first {
			continue // a whole block
		}
		if status, answer := ask(t, "owner", "INSERT INTO cut FORMAT Native", whole[:n]); status == 200 {
			t.Errorf("%d of %d bytes were taken: %s", n, len(whole), answer)
		}
	}
	// The connection ends early.
	conn, err := net.Dial("tcp", server(t).Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(conn, "POST /?query=%s HTTP/1.1\r\nHost: x\r\nX-ClickHouse-Key: owner\r\nContent-Length: %d\r\n\r\n%s", url.QueryEscape("INSERT INTO cut FORMAT Native"), len(whole)+5, whole)
	conn.(*net.TCPConn).CloseWrite()
	io.Copy(io.Discard, conn)
	conn.Close()
	// More than is allowed.
	big := bytes.Repeat(nativeStrings(strings.Repeat("x", 100)), 90_000)
	if status, answer := ask(t, "owner", "INSERT INTO cut FORMAT Native", big); status != http.StatusRequestEntityTooLarge {
		t.Errorf("%d bytes: %d %s, want 413", len(big), status, answer)
	}
	if n := must(t, "SELECT count() FROM cut"); n != "0" {
		t.Errorf("%s rows of inserts that failed", n)
	}
	if status, answer := ask(t, "owner", "INSERT INTO cut FORMAT Native", whole); status != 200 {
		t.Errorf("the whole body: %d %s", status, answer)
	}
	if n := must(t, "SELECT count() FROM cut"); n != "3" {
		t.Errorf("%s rows, want 3", n)
	}
}

func TestStatementsThatAreTooLargeAreRefused(t *testing.T) {
	t.Parallel()
	if status, answer := ask(t, "owner", "SELECT '"+strings.Repeat("x", 70<<10)+"'", nil); status != http.StatusRequestEntityTooLarge {
		t.Errorf("%d %.100s", status, answer)
	}
}

func TestErrorsHaveTheCodesAndStatusOfAServer(t *testing.T) {
	t.Parallel()
	for sql, want := range map[string]int{"SELECT * FROM no_such_table": 404, "SELEC 1": 400, "SELECT nofunction()": 400, "INSERT INTO no_such_table SELECT 1": 404, "SELECT throwIf(1)": 500} {
		if status, answer := ask(t, "owner", sql, nil); status != want || !strings.Contains(answer, "Code: ") {
			t.Errorf("%s: %d %s, want %d", sql, status, answer, want)
		}
	}
}

// What one request sets is gone for the next, also after an error.
func TestSettingsDoNotLeak(t *testing.T) {
	t.Parallel()
	for range 20 {
		if _, got := ask(t, "owner", "SELECT getSetting('max_result_rows')", nil, "max_result_rows", "77"); got != "77" {
			t.Errorf("set: %s", got)
		}
		ask(t, "owner", "SELECT 1", nil, "max_result_rows", "5", "no_such_setting", "1")
		if _, got := ask(t, "owner", "SELECT getSetting('max_result_rows')", nil); got != "0" {
			t.Errorf("not set: %s", got)
		}
	}
}

// With the library's own signal handlers the first of these hangs the process.
func TestGoFaultsStayRecoverableBesideQueries(t *testing.T) {
	t.Parallel()
	server(t)
	stop := make(chan struct{})
	var queries sync.WaitGroup
	for range 2 {
		queries.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					ask(t, "owner", "SELECT sum(cityHash64(number)), throwIf(rand() % 2 = 5) FROM numbers(100000)", nil)
				}
			}
		})
	}
	for range 300 {
		func() {
			defer func() {
				if recover() == nil {
					t.Error("a nil dereference did not panic")
				}
			}()
			var p *int
			*p = 1
		}()
		runtime.GC()
		if t.Failed() {
			break
		}
	}
	close(stop)
	queries.Wait()
}
