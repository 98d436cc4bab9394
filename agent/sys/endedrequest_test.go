package sys

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/throughline-io/throughline/pkg/span"
)

const (
	// It answers at once. What a timer of it asks is of no request.
	nodeTimer = `
const http = require("http"), agent = new http.Agent({keepAlive: true})
let asked = 0
setInterval(() => http.get("http://" + process.env.THROUGHLINE_SYS_TEST_ADDRESS + "/small/timer" + asked++, {agent}, up => up.resume()), 10)
const server = http.createServer((req, res) => res.end("ok")).listen(0, "127.0.0.1", () => console.log(JSON.stringify("127.0.0.1:" + server.address().port)))
process.stdin.resume(); process.stdin.on("end", () => process.exit(0))
`
	// Three threads serve requests, and make their calls: the one that has read a request is rarely the one
	// that asks for it and answers it.
	javaPool = `
import com.sun.net.httpserver.HttpServer;
import java.net.*;
import java.util.concurrent.*;
public class Pool {
  public static void main(String[] args) throws Exception {
    String backend = System.getenv("THROUGHLINE_SYS_TEST_ADDRESS");
    ExecutorService pool = Executors.newFixedThreadPool(3, r -> { Thread t = new Thread(r); t.setDaemon(true); return t; });
    HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    server.setExecutor(pool);
    server.createContext("/", exchange -> pool.submit(() -> {
      try {
        byte[] body = new URL("http://" + backend + exchange.getRequestURI()).openStream().readAllBytes();
        exchange.sendResponseHeaders(200, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
      } catch (Exception e) { e.printStackTrace(); }
    }));
    server.start();
    System.out.println("\"127.0.0.1:" + server.getAddress().getPort() + "\"");
    System.in.read();
    System.exit(0);
  }
}
`
)

// java is a command that runs a program of one file.
func java(t *testing.T, class, source string, flags ...string) *exec.Cmd {
	t.Helper()
	file := filepath.Join(t.TempDir(), class+".java")
	if err := os.WriteFile(file, []byte(source), 0o644); err != nil {
		t.Fatal(err)
	}
	return exec.Command("java", append(append([]string{"-Xmx128m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"}, flags...), file)...)
}

// behind starts a program whose calls go to a server of its namespace, and says its address.
func (b *bed) behind(cmd *exec.Cmd) (client *program, address string) {
	b.t.Helper()
	client, url := b.serve()
	cmd.Env = append(cmd.Environ(), addressVariable+"="+url[len("http://"):])
	b.run(cmd).read(&address)
	return client, address
}

// calls are what the program at an address was asked, by resource, and what it asked, when the capture has ended.
func (s *seen) calls(address string, n int) (requests map[string]span.Span, calls []span.Span) {
	s.t.Helper()
	asked := func(sp *span.Span) bool { return isHTTP(span.PointServerProcess)(sp) && sp.Server.String() == address }
	s.wait(n, asked)
	requests = map[string]span.Span{}
	for _, sp := range s.all(asked) {
		requests[sp.Resource] = sp
	}
	return requests, s.matching(func(sp *span.Span) bool {
		return isHTTP(span.PointClientProcess)(sp) && sp.Server.String() != address
	})
}

// What a program does when it has answered is of no request any more.
func TestWhatATimerAsksIsOfNoRequest(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	s := b.capture(Auto)
	client, address := b.behind(exec.Command("node", "-e", nodeTimer))
	const n = 60
	client.do(job{URL: "http://" + address + "/small/1", Method: "GET", Requests: n, Concurrency: 1, Numbered: true})
	timers := func(sp *span.Span) bool {
		return isHTTP(span.PointClientProcess)(sp) && strings.HasPrefix(sp.Resource, "/small/timer")
	}
	before := len(s.matching(timers))
	s.wait(before+10, timers) // when the last request has ended, too
	requests, calls := s.calls(address, n)
	for _, call := range calls {
		if call.Passage != 0 {
			t.Errorf("call %s has passage %x", call.Resource, call.Passage)
		}
	}
	t.Logf("%d requests, %d calls", len(requests), len(calls))
	for _, e := range s.edges {
		if e.Kind == span.EdgePassage {
			t.Errorf("edge %+v", e)
		}
	}
}

// A pool whose threads make calls for requests that others of it have read: a call is of its request, or of none. That requests are
// handed on is seen when the first one is answered: until then calls of others that are open at once may be told wrongly.
func TestThreadsOfAPoolThatHandRequestsOn(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	s := b.capture(Auto)
	client, address := b.behind(java(t, "Pool", javaPool))
	const first, n = 4, 60
	client.do(job{URL: "http://" + address + "/small/2", Method: "GET", Requests: first, Concurrency: 1, Numbered: true})
	client.do(job{URL: "http://" + address + "/small/1", Method: "GET", Requests: n, Concurrency: 2, Numbered: true})
	requests, calls := s.calls(address, first+n)
	if len(requests) != first+n || len(calls) != first+n {
		t.Fatalf("%d requests and %d calls, want %d\nledger:\n%s", len(requests), len(calls), first+n, s.lines())
	}
	known := 0
	for _, call := range calls {
		if call.Passage == 0 {
			continue
		}
		known++
		if want := requests[call.Resource].Passage; call.Passage != want {
			t.Errorf("call %s has passage %x by %v, want %x", call.Resource, call.Passage, call.PassageRule, want)
		}
	}
	t.Logf("%d of %d causes known", known, first+n)
}
