package sys

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"os/exec"
	"sync"
	"testing"

	"github.com/throughline-io/throughline/pkg/span"
)

// Its calls carry a trace context that begins there, as where only clients are instrumented or a trace is not sampled.
const pythonOwnContext = `
import http.server, os, secrets, sys, threading, urllib.request
class Proxy(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def log_message(self, *a): pass
    def do_GET(self):
        context = {"traceparent": "00-%s-%s-00" % (secrets.token_hex(16), secrets.token_hex(8))}
        body = urllib.request.urlopen(urllib.request.Request("http://" + os.environ["THROUGHLINE_SYS_TEST_ADDRESS"] + self.path, headers=context)).read()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
server.daemon_threads = True
print('"127.0.0.1:%d"' % server.server_address[1], flush=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
sys.stdin.read()
`

// It passes the request's id on, and takes as long for each request as it likes.
const nodeRequestID = `
const http = require("http"), agent = new http.Agent({keepAlive: true})
let turn = 0
const server = http.createServer((req, res) => setTimeout(() => {
  http.get("http://" + process.env.THROUGHLINE_SYS_TEST_ADDRESS + req.url, {agent, headers: {"x-request-id": req.headers["x-request-id"]}}, up => {
    res.setHeader("Content-Length", up.headers["content-length"]); up.pipe(res)
  })
}, [6, 0, 3, 1, 5][turn++ % 5])).listen(0, "127.0.0.1", () => console.log(JSON.stringify("127.0.0.1:" + server.address().port)))
process.stdin.resume(); process.stdin.on("end", () => process.exit(0))
`

// What a call says of its own goes not before whose it is: its group and its request's are joined.
func TestCallsThatSayMoreThanTheirRequest(t *testing.T) {
	t.Parallel()
	for name, cmd := range map[string]*exec.Cmd{
		"a trace context of their own": exec.Command("python3", "-c", pythonOwnContext),
		"an X-Request-ID":              exec.Command("node", "-e", nodeRequestID),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBed(t)
			s := b.capture(Auto)
			_, address := b.behind(cmd)
			const each, at = 10, 10
			var clients sync.WaitGroup
			for i := range at {
				var conn net.Conn
				var err error
				b.in(func() { conn, err = net.Dial("tcp", address) })
				if err != nil {
					t.Fatal(err)
				}
				defer conn.Close()
				clients.Go(func() {
					answers := bufio.NewReader(conn)
					for n := range each {
						fmt.Fprintf(conn, "GET /small/%d?n=%d HTTP/1.1\r\nHost: a\r\nX-Request-ID: id-%d-%d\r\n\r\n", i, n, i, n)
						resp, err := http.ReadResponse(answers, nil)
						if err != nil {
							t.Error(err)
							return
						}
						io.Copy(io.Discard, resp.Body)
						resp.Body.Close()
					}
				})
			}
			clients.Wait()
			requests, calls := s.calls(address, each*at)
			if len(requests) != each*at || len(calls) != each*at {
				t.Fatalf("%d requests and %d calls, want %d\nledger:\n%s", len(requests), len(calls), each*at, s.lines())
			}
			joined := map[[2]span.GroupID]bool{}
			for _, e := range s.edges {
				joined[[2]span.GroupID{e.A, e.B}] = true
			}
			missing := 0
			for _, call := range calls {
				request := requests[call.Resource]
				if !joined[[2]span.GroupID{call.Group(), request.Group()}] {
					missing++
				}
				delete(joined, [2]span.GroupID{call.Group(), request.Group()})
			}
			if missing > 0 || len(joined) > 0 {
				t.Errorf("%d of %d calls without an edge to their request, %d edges to others", missing, len(calls), len(joined))
			}
		})
	}
}
