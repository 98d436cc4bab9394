package sys

import (
	"fmt"
	"net"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/throughline-io/throughline/pkg/span"
)

// mariadb starts a database, without any tables, and says its address.
func (b *bed) mariadb(options ...string) string {
	b.t.Helper()
	exe, err := exec.LookPath("mariadbd")
	if err != nil {
		b.t.Fatal("no mariadbd: install mariadb-server-core")
	}
	dir := b.t.TempDir()
	const address = "127.0.0.1:3306" // the namespace is ours
	cmd := exec.Command(exe, append([]string{"--no-defaults", "--user=root", "--datadir=" + dir, "--socket=" + filepath.Join(dir, "socket"),
		"--skip-grant-tables", "--skip-name-resolve", "--bind-address=127.0.0.1", "--port=3306",
		"--innodb-buffer-pool-size=8M", "--innodb-log-file-size=4M", "--silent-startup", "--log-error=" + filepath.Join(dir, "log")}, options...)...)
	db := b.run(cmd)
	b.t.Cleanup(func() { // before the program's own clean-up
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		db.cmd = nil
	})
	until(b.t, func() bool {
		var c net.Conn
		b.in(func() { c, err = net.Dial("tcp", address) })
		if err != nil {
			return false
		}
		c.Close()
		return true
	})
	return address
}

// A handler that speaks to a database on its own goroutine: the statements carry no trace
// context, but they belong to the request that the goroutine has read last.
func TestPassages(t *testing.T) {
	t.Parallel()
	eachVariant(t, func(t *testing.T, v Variant) {
		b := newBed(t)
		client, url := b.serve(databaseVariable + "=" + b.mariadb())
		s := b.capture(v) // all connections to the database are open
		const n = 200
		for _, withTrace := range []bool{false, true} {
			path := "/sql"
			if withTrace {
				path = "/sql?traced"
			}
			d := client.do(job{URL: url + path, Method: "GET", Requests: n / 2, Concurrency: 10, Numbered: true, Traceparent: withTrace})
			if len(d.Goids) != n/2 {
				t.Fatalf("%d requests done, want %d", len(d.Goids), n/2)
			}
		}

		statements := func(p span.Point) func(*span.Span) bool {
			return func(sp *span.Span) bool {
				return sp.Point == p && sp.Protocol == "MySQL" && strings.HasPrefix(sp.Resource, "SET @")
			}
		}
		s.wait(n, isHTTP(span.PointServerProcess))
		s.wait(2*n, statements(span.PointServerProcess))
		requests := map[string]span.Span{}
		for _, sp := range s.all(isHTTP(span.PointServerProcess)) {
			requests[sp.Resource] = sp
		}
		if got := len(s.matching(statements(span.PointServerProcess))); got != 2*n {
			t.Errorf("%d statements at the database, want %d", got, 2*n)
		}
		calls := s.matching(statements(span.PointClientProcess))
		if len(calls) != 2*n {
			t.Fatalf("%d statements, want %d\nledger:\n%s", len(calls), 2*n, s.lines())
		}
		edges := map[span.Edge]bool{}
		for _, e := range s.edges {
			edges[e] = true
		}
		for _, c := range calls {
			resource := c.Resource[strings.Index(c.Resource, "'")+1 : len(c.Resource)-1]
			r, ok := requests[resource]
			if !ok {
				t.Fatalf("no s-p of %s, which the statement %q names", resource, c.Resource)
			}
			if c.Passage == 0 || c.Passage != r.Passage || c.Goroutine != r.Goroutine {
				t.Errorf("statement %q: passage %x on goroutine %d, want %x on %d", c.Resource, c.Passage, c.Goroutine, r.Passage, r.Goroutine)
			}
			if want := (span.Edge{A: c.Group(), B: r.Group(), Time: c.Start, Kind: span.EdgePassage}); !edges[want] {
				t.Errorf("statement %q: no edge to its request's group", c.Resource)
			}
			if c.Start < r.Start || c.End() > r.End() {
				t.Errorf("statement %q is not within its request", c.Resource)
			}
		}
		if len(s.edges) != 2*n {
			t.Errorf("%d edges, want %d", len(s.edges), 2*n)
		}
		if traced := fmt.Sprintf("/sql?traced?n=%d", 1); requests[traced].TraceID.IsZero() {
			t.Errorf("%s has no trace context", traced)
		}
	})
}
