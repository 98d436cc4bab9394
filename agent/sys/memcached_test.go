package sys

import (
	"fmt"
	"os/exec"
	"testing"

	"github.com/throughline-io/throughline/pkg/span"
)

// memcached starts a server and says its address.
func (b *bed) memcached() string {
	b.t.Helper()
	exe, err := exec.LookPath("memcached")
	if err != nil {
		b.t.Fatal("no memcached: install it")
	}
	cmd := exec.Command(exe, "-l", "127.0.0.1", "-p", "11211", "-U", "0", "-u", "root") // the namespace is ours
	server := b.run(cmd)
	b.t.Cleanup(func() { // before the program's own clean-up
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		server.cmd = nil
	})
	b.untilListens(11211)
	return "127.0.0.1:11211"
}

// A memcached of Debian, and gomemcache, 16 at once. As many sessions are seen at both ends as the client says that it asked.
func TestMemcached(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	client := b.start("memcached-client", databaseVariable+"="+b.memcached())
	s := b.capture(Auto)
	client.tell(10)
	var n int
	client.read(&n)
	want := map[string]int{"set ok": n, "gets ok": 3 * n, "incr client error": n, "delete ok": n}
	wantSessions(t, s, "Memcached", want, func(sp *span.Span) string { return fmt.Sprint(sp.Type, " ", sp.Status) })
}
