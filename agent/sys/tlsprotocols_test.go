package sys

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/throughline-io/throughline/pkg/span"
)

// captureTLS begins a capture in whose sight the libraries of the tests' programs have probes, so that all of a connection
// that begins from now on is seen.
func (b *bed) captureTLS(cert, key string, adjust ...func(*Config)) *seen {
	b.t.Helper()
	s := b.capture(Auto, append(adjust, inTLS)...)
	server := b.start("http-server", tlsVariable+"="+cert+":"+key)
	var address string
	server.read(&address)
	ask := func(what string) {
		client := b.start("http-client", tlsVariable+"=1")
		defer client.end()
		client.do(job{URL: "https://" + address + "/small/1?" + what, Method: "GET", Requests: 1})
		_, _ = b.output(exec.Command("curl", "-sk", "-o", "/dev/null", "https://"+address+"/small/1?"+what))
	}
	until(b.t, func() bool { // each time other connections: the first may be over before probes are there
		ask("too-early")
		return s.probed("Go crypto/tls") && s.probed("OpenSSL in")
	})
	ask("in-time")
	s.wait(4, func(sp *span.Span) bool { return strings.HasSuffix(sp.Resource, "?in-time") })
	s.tooEarly = s.leftOut()
	return s
}

func (s *seen) probed(library string) bool {
	for _, l := range s.capture.tls.probes.Attached() {
		if strings.HasPrefix(l, library) {
			return true
		}
	}
	return false
}

// wantInTLS is wantSessions of what is said inside of TLS, on connections that began after captureTLS: no call is left out.
func wantInTLS(t *testing.T, s *seen, protocol string, want map[string]int, of func(*span.Span) string) {
	t.Helper()
	total := 0
	for _, n := range want {
		total += n
	}
	for _, p := range processEnds {
		s.wait(total, func(sp *span.Span) bool { return sp.Protocol == protocol && sp.Point == p })
	}
	s.capture.Close()
	if n := s.leftOut() - s.tooEarly; n != 0 {
		t.Errorf("%d calls were left out of connections that began in sight\nledger:\n%s", n, s.lines())
	}
	for _, p := range processEnds {
		wantTally(t, s, p.String(), tally(s, protocol, p, of), want)
	}
	checkInTLS(t, s, protocol)
}

var processEnds = []span.Point{span.PointClientProcess, span.PointServerProcess}

// checkInTLS checks that all that was said of a protocol was said inside of TLS, that each session was seen once at each end, and
// that the ends tell the same places as far as they know them, which of most requests they do.
func checkInTLS(t *testing.T, s *seen, protocol string) {
	t.Helper()
	type request struct {
		client, server string
		seq            uint32
	}
	ends, unplaced, all := map[span.Point]map[request][]span.Span{}, 0, 0
	for _, p := range processEnds {
		ends[p] = map[request][]span.Span{}
		for _, sp := range s.matching(func(sp *span.Span) bool { return sp.Protocol == protocol && sp.Point == p }) {
			if !sp.TLS || attribute(sp, "tls.protocol.version") != "1.3" {
				t.Errorf("%v of %s %s is not told as TLS 1.3, but by %+v", p, sp.Comm, sp.Resource, sp.Attributes)
			}
			if all++; sp.RequestSeq == 0 {
				unplaced++
				continue
			}
			of := request{sp.Client.String(), sp.Server.String(), sp.RequestSeq}
			ends[p][of] = append(ends[p][of], sp)
		}
	}
	if unplaced > all/2 {
		t.Errorf("%s: the places of %d of %d sessions are not known\nledger:\n%s", protocol, unplaced, all, s.lines())
	}
	for of, c := range ends[span.PointClientProcess] {
		other := ends[span.PointServerProcess][of]
		if len(other) == 0 && unplaced > 0 {
			continue
		}
		if len(c) != 1 || len(other) != 1 {
			t.Errorf("%d times at c-p, %d at s-p: %+v", len(c), len(other), of)
			continue
		}
		if c, o := c[0], other[0]; c.Resource != o.Resource || c.Code != o.Code || c.Status != o.Status || c.ResponseSeq != o.ResponseSeq && c.ResponseSeq != 0 && o.ResponseSeq != 0 {
			t.Errorf("the ends of a session differ:\nc-p %+v\ns-p %+v", c, o)
		}
	}
}

// worksInTLS has a role do its work on a server by TLS, and says how often it did.
func (b *bed) worksInTLS(role, address string, work any) (n int) {
	b.t.Helper()
	client := b.start(role, databaseVariable+"="+address, tlsVariable+"=1")
	client.read(&n) // it is connected
	client.tell(work)
	client.read(&n)
	return n
}

// PostgreSQL by TLS, which a connection asks for first: lib/pq, which is Go's, and pgbench, which is OpenSSL's.
func TestTLSOfPostgres(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	cert, key := certificateFiles(t)
	address := b.postgres(cert, key)
	s := b.captureTLS(cert, key)
	n := b.worksInTLS("postgres-client", address, postgresWork{Times: 3})
	const clients, transactions = 8, 5
	script := filepath.Join(t.TempDir(), "script.sql")
	if err := os.WriteFile(script, []byte("SELECT 'by TLS', :client_id;\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	programs, _ := postgresPrograms(t)
	bench := exec.Command(filepath.Join(programs, "pgbench"), "-h", "127.0.0.1", "-U", "app", "-n", "-f", script, "-M", "extended", "-c", fmt.Sprint(clients), "-t", fmt.Sprint(transactions), "postgres")
	bench.Env = append(os.Environ(), "PGSSLMODE=require")
	if text, err := b.output(bench); err != nil {
		t.Fatalf("pgbench: %v\n%s", err, text)
	}
	want := map[string]int{
		"Query BEGIN READ WRITE ok 0": n, "Query COMMIT ok 0": n,
		"Parse SELECT n FROM generate_series(1, 3) AS s (n) WHERE n = $1 ok 0":   n,
		"Execute SELECT n FROM generate_series(1, 3) AS s (n) WHERE n = $1 ok 0": n,
		"Query SELECT nowhere client error 42703":                                n,
		"Execute SELECT 'by TLS', $1; ok 0":                                      clients * transactions,
	}
	wantInTLS(t, s, "PostgreSQL", want, func(sp *span.Span) string {
		return fmt.Sprint(sp.Type, " ", sp.Resource, " ", sp.Status, " ", sp.Code)
	})
}

// Redis by TLS: go-redis, and redis-benchmark, which asks for eight things at once.
func TestTLSOfRedis(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	cert, key := certificateFiles(t)
	address := b.redis(cert, key)
	s := b.captureTLS(cert, key)
	n := b.worksInTLS("redis-client", address, 3)
	const made = 400
	if text, err := b.output(exec.Command("redis-benchmark", "-h", "127.0.0.1", "--tls", "--insecure", "-c", "16", "-q", "-n", strconv.Itoa(made), "-P", "8", "-t", "set,get")); err != nil {
		t.Fatalf("redis-benchmark: %v\n%s", err, text)
	}
	want := map[string]int{
		"SET shop:text ok": n, "MULTI  ok": n, "INCR shop:n ok": n, "EXEC  ok": n, "LPUSH shop:text client error": n,
		"HGET shop:0 ok": n, "HGET shop:1 ok": n, "HGET shop:2 ok": n,
		"SET key:__rand_int__ ok": made, "GET key:__rand_int__ ok": made, "CONFIG GET  ok": 2,
	}
	wantInTLS(t, s, "Redis", want, func(sp *span.Span) string {
		return fmt.Sprint(sp.Endpoint, " ", sp.Resource, " ", sp.Status)
	})
}

// MariaDB by TLS, to which a connection turns after the server's greeting: go-sql-driver, and MariaDB's own client, which is
// GnuTLS's in Debian.
func TestTLSOfMariaDB(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	cert, key := certificateFiles(t)
	address := b.mariadb("--ssl-cert="+cert, "--ssl-key="+key)
	s := b.captureTLS(cert, key)
	n := b.worksInTLS("mysql-client", address, 5)
	const each = 10
	mariadb := []string{"--no-defaults", "-h", "127.0.0.1", "-u", "root", "--ssl", "--skip-ssl-verify-server-cert", "-f"}
	lasts := b.run(exec.Command("mariadb", mariadb...)) // it is there, and asks, until it was looked at
	until(t, func() bool {
		_, err := io.WriteString(lasts.in, "DO 1;\n")
		return err != nil || s.probed("GnuTLS in")
	})
	lasts.end()
	if text, err := b.output(exec.Command("mariadb", append(mariadb, "-e", strings.Repeat("SET @item = 1;", each))...)); err != nil {
		t.Fatalf("mariadb: %v\n%s", err, text)
	}
	want := map[string]int{"COM_STMT_EXECUTE SELECT 40 + ? ok 0": n, "COM_STMT_PREPARE SELECT 40 + ? ok 0": n, "COM_QUERY SELECT nowhere client error 1054": n, "COM_QUERY SET @item = 1 ok 0": each}
	of := func(sp *span.Span) string { return fmt.Sprint(sp.Type, " ", sp.Resource, " ", sp.Status, " ", sp.Code) }
	for _, p := range []span.Point{span.PointClientProcess, span.PointServerProcess} {
		s.wait(each, func(sp *span.Span) bool { return sp.Point == p && strings.HasPrefix(sp.Resource, "SET @item") })
	}
	s.capture.Close()
	for _, p := range []span.Point{span.PointClientProcess, span.PointServerProcess} {
		got := tally(s, "MySQL", p, of)
		for what, n := range want {
			if got[what] != n {
				t.Errorf("%v: %d times %q, want %d: %v", p, got[what], what, n, got)
			}
		}
	}
	checkInTLS(t, s, "MySQL")
}

// MQTT by TLS: paho's clients, Go's by version 3.1.1 and Python's, which is OpenSSL's, by version 5.
func TestTLSOfMQTT(t *testing.T) {
	t.Parallel()
	packages := kept(t, "paho-mqtt-2.2.0", func(dir string) error {
		return quietly(python3(t), "-m", "pip", "install", "-q", "--target", dir, "paho-mqtt==2.2.0")
	})
	b := newBed(t)
	cert, key := certificateFiles(t)
	address := b.mosquitto(cert, key)
	s := b.captureTLS(cert, key)
	client := b.start("mqtt-client", addressVariable+"="+address, tlsVariable+"=1")
	var open, n int
	client.read(&open)
	client.tell(3)
	var made [3]int
	client.read(&made)
	python := exec.Command(python3(t), "-c", pythonPaho, address, strconv.Itoa(10), "tls")
	python.Env = append(python.Environ(), "PYTHONPATH="+packages)
	b.run(python).read(&n)
	want := map[string]int{
		"CONNECT python ok": 1, "CONNECT says ok": 1, "CONNECT reads ok": 1, "SUBSCRIBE shop/+/orders ok": 1,
		"PUBLISH shop/python/news ok": n, "PUBLISH shop/python/bills ok": n, "PUBLISH secret/python client error": n,
		"PUBLISH shop/go/orders ok": 2 * (made[0] + made[1] + made[2]), // said and come
	}
	wantInTLS(t, s, "MQTT", want, func(sp *span.Span) string { return fmt.Sprint(sp.Type, " ", sp.Resource, " ", sp.Status) })
}

// gRPC by TLS, sixteen calls at once on one connection.
func TestTLSOfGRPC(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	cert, key := certificateFiles(t)
	s := b.captureTLS(cert, key)
	server := b.start("grpc-server", tlsVariable+"="+cert+":"+key)
	var address string
	server.read(&address)
	client := b.start("grpc-client", addressVariable+"="+address, tlsVariable+"=1")
	want := map[string]int{}
	for _, j := range []grpcJob{{Method: "Get", Requests: 100, Concurrency: 16, Traceparent: true}, {Method: "Big", Requests: 20, Concurrency: 1}, {Method: "Missing", Requests: 20, Concurrency: 4}, {Method: "Chat", Requests: 10, Concurrency: 4, Messages: 3}} {
		client.tell(j)
		var ended map[string]int
		client.read(&ended)
		for _, p := range processEnds { // the kernel has been told what is spoken before longer calls come
			s.wait(j.Requests, isGRPC(p))
		}
		for code, n := range ended {
			want[j.Method+" "+code+map[bool]string{true: " ok", false: " client error"}[code == "OK"]] += n
		}
	}
	names := map[int32]string{0: "OK", 5: "NotFound"}
	wantInTLS(t, s, "gRPC", want, func(sp *span.Span) string { return sp.Type + " " + names[sp.Code] + " " + sp.Status.String() })
}

// haproxyInTLS ends TLS, by HTTP/1.1 and HTTP/2.
const haproxyInTLS = `defaults
  mode http
  timeout connect 5s
  timeout client 20s
  timeout server 20s
frontend f
  bind 127.0.0.1:8443 ssl crt PEM alpn h2,http/1.1
  default_backend b
backend b
  server s SERVER
`

// HAProxy ends TLS: what curl and Go ask it for is seen at both ends, by HTTP/1.1 and HTTP/2, and is what it asks its server for.
func TestTLSOfHAProxy(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	cert, key := certificateFiles(t)
	dir := t.TempDir()
	var server string
	b.start("http-server").read(&server)
	pem, config := filepath.Join(dir, "both.pem"), filepath.Join(dir, "haproxy.cfg")
	text := strings.NewReplacer("PEM", pem, "SERVER", server).Replace(haproxyInTLS)
	for path, parts := range map[string][]string{pem: {readFile(t, cert), readFile(t, key)}, config: {text}} {
		if err := os.WriteFile(path, []byte(strings.Join(parts, "")), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command("haproxy", "-db", "-f", config)
	proxy := b.run(cmd)
	t.Cleanup(func() { // before the program's own clean-up
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		proxy.cmd = nil
	})
	b.untilListens(8443)
	s := b.captureTLS(cert, key)
	const url, each = "https://127.0.0.1:8443/small/1", 20
	want := map[string]int{}
	for _, version := range []string{"1.1", "2"} {
		env := []string{tlsVariable + "=1"}
		curl := []string{"-sk", "--http" + version, "-w", "%{http_code}"}
		if version == "2" {
			env = append(env, http2Variable+"=1")
		}
		b.start("http-client", env...).do(job{URL: url + "?go" + version, Method: "GET", Requests: each, Concurrency: 4, Traceparent: true})
		for range each {
			curl = append(curl, "-o", "/dev/null", url+"?curl"+version)
		}
		if out, err := b.output(exec.Command("curl", curl...)); err != nil || strings.Count(string(out), "200") != each {
			t.Fatalf("curl: %v, %q", err, out)
		}
		for _, who := range []string{"go", "curl"} {
			want[version+" /small/1?"+who+version+" 200"] = each
		}
	}
	of := func(sp *span.Span) string { return fmt.Sprint(sp.Version, " ", sp.Resource, " ", sp.Code) }
	inTLS := func(p span.Point) func(*span.Span) bool {
		return func(sp *span.Span) bool { return sp.Point == p && sp.Server.Port() == 8443 }
	}
	for _, p := range processEnds {
		s.wait(len(want)*each, inTLS(p))
	}
	s.wait(len(want)*each, func(sp *span.Span) bool { return sp.Server.String() == server && sp.Point == span.PointClientProcess })
	s.capture.Close()
	for _, p := range processEnds {
		got := map[string]int{}
		for _, sp := range s.matching(inTLS(p)) {
			got[of(&sp)]++
		}
		wantTally(t, s, p.String(), got, want)
	}
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
