package sys

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/throughline-io/throughline/pkg/span"
)

// postgresPrograms are where Debian has them.
func postgresPrograms(t testing.TB) (dir string, as *syscall.Credential) {
	t.Helper()
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	owner, err := user.Lookup("postgres")
	if len(found) == 0 || err != nil {
		t.Fatal("no postgres: install postgresql-15")
	}
	uid, _ := strconv.Atoi(owner.Uid)
	gid, _ := strconv.Atoi(owner.Gid)
	return filepath.Dir(slices.Max(found)), &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)} // it refuses to run as root
}

// postgres starts a database and says its address. With a certificate and its key it speaks TLS, too.
func (b *bed) postgres(certificate ...string) string {
	b.t.Helper()
	programs, as := postgresPrograms(b.t)
	dir, err := os.MkdirTemp("", "postgres") // t.TempDir may lie where its owner cannot go
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chown(dir, int(as.Uid), int(as.Gid)); err != nil {
		b.t.Fatal(err)
	}
	initdb := exec.Command(filepath.Join(programs, "initdb"), "--pgdata="+dir, "--auth=trust", "--username=app", "--no-sync", "--no-locale", "--encoding=UTF8")
	initdb.Dir, initdb.SysProcAttr = dir, &syscall.SysProcAttr{Credential: as}
	if text, err := initdb.CombinedOutput(); err != nil {
		b.t.Fatalf("initdb: %v\n%s", err, text)
	}
	const address = "127.0.0.1:5432" // the namespace is ours
	args := []string{"-D", dir, "-p", "5432", "-k", dir, "-c", "listen_addresses=127.0.0.1",
		"-c", "fsync=off", "-c", "shared_buffers=8MB", "-c", "max_connections=40", "-c", "log_min_messages=panic", "-c", "jit=off"}
	for i, path := range certificate {
		name := [...]string{"ssl_cert_file", "ssl_key_file"}[i]
		data, err := os.ReadFile(path)
		own := filepath.Join(dir, name)
		if err = errors.Join(err, os.WriteFile(own, data, 0o600), os.Chown(own, int(as.Uid), int(as.Gid))); err != nil {
			b.t.Fatal(err)
		}
		args = append(args, "-c", "ssl=on", "-c", name+"="+own)
	}
	cmd := exec.Command(filepath.Join(programs, "postgres"), args...)
	cmd.Dir, cmd.SysProcAttr = dir, &syscall.SysProcAttr{Credential: as}
	db := b.run(cmd)
	b.t.Cleanup(func() { // before the program's own clean-up
		_ = cmd.Process.Signal(syscall.SIGQUIT)
		_ = cmd.Wait()
		db.cmd = nil
	})
	until(b.t, func() bool {
		b.in(func() { err = exec.Command(filepath.Join(programs, "pg_isready"), "-q", "-h", "127.0.0.1").Run() })
		return err == nil
	})
	return address
}

// A PostgreSQL server, and two clients that nobody changed: lib/pq, on connections that capture met in their middle, and
// pgbench by each of its protocols. As many sessions are seen at both ends as each client says that it asked.
func TestPostgres(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	address := b.postgres()
	driver := b.start("postgres-client", databaseVariable+"="+address)
	var n int
	driver.read(&n) // all its connections are open
	s := b.capture(Auto)
	driver.tell(postgresWork{Times: 5})
	driver.read(&n)

	const clients, transactions = 16, 10
	modes := []string{"simple", "extended", "prepared"}
	programs, _ := postgresPrograms(t)
	for _, mode := range modes {
		script := filepath.Join(t.TempDir(), "script.sql")
		if err := os.WriteFile(script, []byte("BEGIN;\nSELECT 'by "+mode+"', :client_id;\nEND;\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		bench := exec.Command(filepath.Join(programs, "pgbench"), "-h", "127.0.0.1", "-U", "app", "-n", "-f", script, "-M", mode,
			"-c", fmt.Sprint(clients), "-j", "4", "-t", fmt.Sprint(transactions), "postgres")
		var text []byte
		var err error
		b.in(func() { text, err = bench.Output() })
		if done := fmt.Sprintf("number of transactions actually processed: %d/%[1]d", clients*transactions); err != nil || !strings.Contains(string(text), done) {
			t.Fatalf("pgbench -M %s: %v\n%s", mode, err, text)
		}
	}

	const made = clients * transactions
	want := map[string]int{
		"Query BEGIN READ WRITE ok 0": n, "Query COMMIT ok 0": n,
		"Parse SELECT n FROM generate_series(1, 3) AS s (n) WHERE n = $1 ok 0":   n,
		"Execute SELECT n FROM generate_series(1, 3) AS s (n) WHERE n = $1 ok 0": n,
		"Query SELECT nowhere client error 42703":                                n,

		"Query BEGIN; ok 0": made, "Query END; ok 0": made,
		"Execute BEGIN; ok 0": 2 * made, "Execute END; ok 0": 2 * made,
		"Execute SELECT 'by extended', $1; ok 0": made,
		"Execute SELECT 'by prepared', $1; ok 0": made,
		"Parse BEGIN; ok 0":                      clients, "Parse END; ok 0": clients, "Parse SELECT 'by prepared', $1; ok 0": clients,
	}
	for i := range clients {
		want[fmt.Sprintf("Query SELECT 'by simple', %d; ok 0", i)] = transactions
	}
	wantSessions(t, s, "PostgreSQL", want, func(sp *span.Span) string {
		return fmt.Sprint(sp.Type, " ", sp.Resource, " ", sp.Status, " ", sp.Code)
	})
}
