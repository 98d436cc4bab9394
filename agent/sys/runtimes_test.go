package sys

import (
	"os/exec"
	"testing"

	"github.com/throughline-io/throughline/pkg/span"
)

// A proxy in another language: what comes in goes on to THROUGHLINE_SYS_TEST_ADDRESS.
const (
	pythonProxy = `
import http.server, os, sys, urllib.request
class Proxy(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def log_message(self, *a): pass
    def do_GET(self):
        body = urllib.request.urlopen("http://" + os.environ["THROUGHLINE_SYS_TEST_ADDRESS"] + self.path).read()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
server.daemon_threads = True
print('"127.0.0.1:%d"' % server.server_address[1], flush=True)
import threading
threading.Thread(target=server.serve_forever, daemon=True).start()
sys.stdin.read()
`
	nodeProxy = `
const http = require("http"), agent = new http.Agent({keepAlive: true})
const server = http.createServer((req, res) => {
  http.get("http://" + process.env.THROUGHLINE_SYS_TEST_ADDRESS + req.url, {agent}, up => {
    res.setHeader("Content-Length", up.headers["content-length"]); up.pipe(res)
  })
}).listen(0, "127.0.0.1", () => console.log(JSON.stringify("127.0.0.1:" + server.address().port)))
process.stdin.resume(); process.stdin.on("end", () => process.exit(0))
`
)

// Where a thread serves a request from its beginning to its end, the thread tells what
// the request caused. An event loop tells nothing, and must not be believed.
func TestThreadsAndEventLoops(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		command []string
		all     bool // every call's cause is known; else: known or not, but never wrong
	}{
		{"python threads", []string{"python3", "-c", pythonProxy}, true},
		{"node event loop", []string{"node", "-e", nodeProxy}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			exe, err := exec.LookPath(c.command[0])
			if err != nil {
				t.Fatalf("no %s: install it", c.command[0])
			}
			b := newBed(t)
			s := b.capture(Auto)
			client, url := b.serve()
			cmd := exec.Command(exe, c.command[1:]...)
			cmd.Env = append(cmd.Environ(), addressVariable+"="+url[len("http://"):])
			proxy := b.run(cmd)
			var address string
			proxy.read(&address)
			const n = 100
			client.do(job{URL: "http://" + address + "/small/1", Method: "GET", Requests: n, Concurrency: 10, Numbered: true})

			isProxy := func(p span.Point) func(*span.Span) bool {
				return func(sp *span.Span) bool {
					return sp.Point == p && sp.Protocol == "HTTP" && (sp.Server.String() == address) == (p == span.PointServerProcess)
				}
			}
			s.wait(n, isProxy(span.PointServerProcess))
			s.wait(n, isProxy(span.PointClientProcess))
			in := map[string]span.Span{}
			for _, sp := range s.all(isProxy(span.PointServerProcess)) {
				in[sp.Resource] = sp
			}
			calls := s.matching(isProxy(span.PointClientProcess))
			if len(in) != n || len(calls) != n {
				t.Fatalf("%d requests and %d calls, want %d\nledger:\n%s", len(in), len(calls), n, s.lines())
			}
			known := 0
			for _, call := range calls {
				if call.Passage == 0 {
					continue
				}
				known++
				if want := in[call.Resource].Passage; call.Passage != want {
					t.Errorf("call %s has passage %x, want %x", call.Resource, call.Passage, want)
				}
			}
			if t.Logf("%d of %d causes known", known, n); c.all && known != n {
				t.Errorf("%d of %d causes known", known, n)
			}
		})
	}
}
