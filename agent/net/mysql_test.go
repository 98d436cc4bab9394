package net_test

import (
	"context"
	"database/sql"
	"fmt"
	stdnet "net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"

	"github.com/throughline-io/throughline/agent/ledger"
	"github.com/throughline-io/throughline/agent/topology"
	"github.com/throughline-io/throughline/agent/topology/testnet"
	"github.com/throughline-io/throughline/pkg/span"
)

// mariadb starts a MariaDB server inside a pod and ends it with the test.
func mariadb(t *testing.T, n *testnet.Net, pod, addr string) {
	t.Helper()
	for _, name := range []string{"mariadbd", "mariadb-install-db"} {
		if _, err := exec.LookPath(name); err != nil {
			t.Fatalf("needs %s (Debian: mariadb-server-core)", name)
		}
	}
	// A unix socket's path may have 107 bytes at most, which t.TempDir can exceed.
	dir, err := os.MkdirTemp("", "tld-db")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	data := filepath.Join(dir, "data")
	if out, err := exec.Command("mariadb-install-db", "--no-defaults", "--basedir=/usr", "--datadir="+data, "--user=root", "--auth-root-authentication-method=normal").CombinedOutput(); err != nil {
		t.Fatalf("mariadb-install-db: %v: %s", err, out)
	}
	host, port, err := stdnet.SplitHostPort(addr)
	if err != nil {
		t.Fatal(err)
	}
	server := n.Command(pod, "mariadbd", "--no-defaults", "--datadir="+data, "--user=root", "--skip-grant-tables", "--bind-address="+host,
		"--port="+port, "--socket="+filepath.Join(dir, "s"), "--skip-log-bin", "--skip-name-resolve", "--pid-file="+filepath.Join(dir, "pid"))
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = server.Process.Kill()
		_ = server.Wait()
	})
}

// What a client of a real server asks is one span per statement at each point; greeting,
// login, pings and the end are none.
func TestMariaDB(t *testing.T) {
	t.Parallel()
	n := testnet.New(t, "tld-n2-", 2)
	n.Pod("order", 1)
	db := addr(n.Pod("db", 2), 3306)
	mariadb(t, n, "db", db)
	dialer := "pod-" + t.Name()
	mysql.RegisterDialContext(dialer, func(ctx context.Context, address string) (c stdnet.Conn, err error) {
		err = topology.Inside(n.PodPath("order"), func() error {
			c, err = stdnet.Dial("tcp", address)
			return err
		})
		return c, err
	})
	pool, err := sql.Open("mysql", fmt.Sprintf("root@%s(%s)/mysql?interpolateParams=false", dialer, db))
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	deadline, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()
	for pool.PingContext(deadline) != nil {
		if deadline.Err() != nil {
			t.Fatal("the database does not answer")
		}
		time.Sleep(50 * time.Millisecond) // it is starting
	}
	pool.SetMaxIdleConns(10)

	var l1, l2 ledger.Ledger
	stop1, stop2 := startCapture(t, n, 1, &l1), startCapture(t, n, 2, &l2)
	// One connection that is older than the capture, and new ones.
	ask := func(c *sql.Conn) {
		for _, q := range []string{"SET autocommit=0", "COMMIT"} {
			if _, err := c.ExecContext(deadline, q); err != nil {
				t.Error(err)
			}
		}
		rows, err := c.QueryContext(deadline, "SELECT name, description FROM help_topic LIMIT ?", 200)
		if err != nil {
			t.Error(err)
			return
		}
		for rows.Next() {
		}
		if err := rows.Close(); err != nil {
			t.Error(err)
		}
		if _, err := c.ExecContext(deadline, "SELECT * FROM there_is_none"); err == nil {
			t.Error("no error for a table that does not exist")
		}
		if err := c.PingContext(deadline); err != nil {
			t.Error(err)
		}
	}
	const conns = 5
	var open []*sql.Conn
	for range conns {
		c, err := pool.Conn(deadline)
		if err != nil {
			t.Fatal(err)
		}
		ask(c)
		open = append(open, c)
	}
	for _, c := range open {
		_ = c.Close()
	}
	_ = pool.Close()
	spans := append(stop1(), stop2()...)

	got := map[string]int{}
	pairs := map[uint64]int{}
	for _, s := range spans {
		got[fmt.Sprintf("%s %s %s %d", s.Type, s.Resource, s.Status, s.Code)]++
		pairs[uint64(s.RequestSeq)<<32|uint64(s.ResponseSeq)]++
	}
	const points = 4
	for _, want := range []string{
		"COM_QUERY SET autocommit=0 ok 0", "COM_QUERY COMMIT ok 0",
		"COM_STMT_PREPARE SELECT name, description FROM help_topic LIMIT ? ok 0",
		"COM_STMT_EXECUTE SELECT name, description FROM help_topic LIMIT ? ok 0",
		"COM_QUERY SELECT * FROM there_is_none client error 1146",
	} {
		if got[want] != conns*points {
			t.Errorf("%d of %q, want %d", got[want], want, conns*points)
		}
		delete(got, want)
	}
	if len(got) > 0 {
		t.Errorf("spans of what is no request: %v", got)
	}
	for pair, times := range pairs {
		if times != points {
			t.Errorf("pair %x seen at %d points", pair, times)
		}
	}
	if !slices.ContainsFunc(spans, func(s span.Span) bool { return s.Point == span.PointServerNode && s.Tunnel == "vxlan" }) {
		t.Error("no span at the server's node behind the tunnel")
	}
	t.Log(l1.Rows())
}
