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
	// It takes as many turns of its loop for a request as it likes, so that calls go out in another order than requests come in.
	asyncioProxy = `
import asyncio, itertools, os, sys, threading
host, port = os.environ["THROUGHLINE_SYS_TEST_ADDRESS"].rsplit(":", 1)
turns = itertools.cycle([6, 0, 3, 1, 5])
async def ask(head):
    reader, writer = await asyncio.open_connection(host, port)
    writer.write(head.split(b"\r\n")[0] + b"\r\nHost: x\r\nConnection: close\r\n\r\n")
    answer = await reader.read()
    writer.close()
    return answer.split(b"\r\n\r\n", 1)[1]
async def serve(reader, writer):
    while True:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError:
            return
        for _ in range(next(turns)):
            await asyncio.sleep(0.001)
        body = await ask(head)
        for _ in range(next(turns)):
            await asyncio.sleep(0.001)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    print('"127.0.0.1:%d"' % server.sockets[0].getsockname()[1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    os._exit(0)
asyncio.run(main())
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
		first   int // of 100 requests so many may be without their call; of the others every call's cause is known, and none wrong
	}{
		{"python threads", []string{"python3", "-c", pythonProxy}, 0},
		{"python tasks", []string{"python3", "-c", asyncioProxy}, 20},
		{"node event loop", []string{"node", "-e", nodeProxy}, 100},
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
			if t.Logf("%d of %d causes known", known, n); known < n-c.first {
				t.Errorf("%d of %d causes known", known, n)
			}
		})
	}
}
