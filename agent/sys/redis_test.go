package sys

import (
	"fmt"
	"os/exec"
	"strconv"
	"testing"

	"github.com/throughline-io/throughline/pkg/span"
)

// redis starts a server and says its address. With a certificate and its key it speaks TLS, and nothing else.
func (b *bed) redis(certificate ...string) string {
	b.t.Helper()
	exe, err := exec.LookPath("redis-server")
	if err != nil {
		b.t.Fatal("no redis-server: install it")
	}
	const host, port = "127.0.0.1", "6379" // the namespace is ours
	args := []string{"--bind", host, "--save", "", "--appendonly", "no", "--loglevel", "warning", "--dir", b.t.TempDir()}
	asks := []string{"-h", host, "-p", port}
	if len(certificate) > 0 {
		args = append(args, "--port", "0", "--tls-port", port, "--tls-auth-clients", "no", "--tls-ca-cert-file", certificate[0], "--tls-cert-file", certificate[0], "--tls-key-file", certificate[1])
		asks = append(asks, "--tls", "--insecure")
	} else {
		args = append(args, "--port", port)
	}
	cmd := exec.Command(exe, args...)
	server := b.run(cmd)
	b.t.Cleanup(func() { // before the program's own clean-up
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		server.cmd = nil
	})
	until(b.t, func() bool {
		b.in(func() { err = exec.Command("redis-cli", append(asks, "PING")...).Run() })
		return err == nil
	})
	return host + ":" + port
}

// A Redis server, and two clients that nobody changed: go-redis, on connections that capture met in their middle, and
// redis-benchmark, which asks for eight things at once. As many sessions are seen at both ends as each client says that it
// asked.
func TestRedis(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	address := b.redis()
	client := b.start("redis-client", databaseVariable+"="+address)
	var n int
	client.read(&n) // all its connections are open
	s := b.capture(Auto)
	client.tell(5)
	client.read(&n)

	const made = 1600
	for _, how := range [][]string{{"-P", "8", "-t", "set,get,incr"}, {"-P", "1", "-t", "lpush"}} {
		args := append([]string{"-h", "127.0.0.1", "-c", "16", "-q", "-n", strconv.Itoa(made)}, how...)
		var text []byte
		var err error
		b.in(func() { text, err = exec.Command("redis-benchmark", args...).CombinedOutput() })
		if err != nil {
			t.Fatalf("redis-benchmark: %v\n%s", err, text)
		}
	}

	want := map[string]int{
		"SET shop:text ok": n, "MULTI  ok": n, "INCR shop:n ok": n, "EXEC  ok": n, "LPUSH shop:text client error": n,
		"HGET shop:0 ok": n, "HGET shop:1 ok": n, "HGET shop:2 ok": n,
		"SET key:__rand_int__ ok": made, "GET key:__rand_int__ ok": made, "INCR counter:__rand_int__ ok": made, "LPUSH mylist ok": made,
		"CONFIG GET  ok": 2 * 2, // save and appendonly, of each run
	}
	wantSessions(t, s, "Redis", want, func(sp *span.Span) string {
		return fmt.Sprint(sp.Endpoint, " ", sp.Resource, " ", sp.Status)
	})
}

// Of a pipeline that is longer than what is captured of a call its beginning is seen, and of those behind it on the same
// connection all.
func TestRedisLongPipelines(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	client := b.start("redis-pipelines", databaseVariable+"="+b.redis())
	var n int
	client.read(&n)
	s := b.capture(Auto)
	of := func(key string, p span.Point) func(*span.Span) bool {
		return func(sp *span.Span) bool { return sp.Protocol == "Redis" && sp.Resource == key && sp.Point == p }
	}
	ends := []span.Point{span.PointClientProcess, span.PointServerProcess}
	client.tell(1)
	client.read(&n)
	for _, p := range ends {
		s.wait(1, of("shop:first", p)) // the kernel has been told, too
	}
	client.tell(8)
	client.read(&n)
	for _, p := range ends {
		s.wait(n, func(sp *span.Span) bool { return of("shop:later", p)(sp) && sp.Status == span.StatusOK })
	}
	s.capture.Close()
	for _, p := range ends {
		if all := s.matching(of("shop:later", p)); len(all) != n {
			t.Errorf("%s: %d sessions, want %d\nledger:\n%s", p, len(all), n, s.lines())
		}
	}
	checkEnds(t, s, "Redis")
}
