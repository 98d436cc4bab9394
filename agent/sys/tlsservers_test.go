package sys

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/throughline-io/throughline/pkg/span"
)

// Servers that answer GET with two bytes, by TLS on a port of their own choice, which they say. Node.js and asyncio give the
// library memory to work on, and move that on the socket themselves.
var tlsServers = map[string][]string{
	"node": {"node", "-e", `
const [cert, key] = process.argv.slice(1).map(f => require('fs').readFileSync(f));
const s = require('https').createServer({cert, key}, (q, r) => { r.setHeader('Content-Length', 2); r.end('ok'); });
s.listen(0, '127.0.0.1', () => console.log(JSON.stringify('127.0.0.1:' + s.address().port)));
process.stdin.on('end', () => process.exit(0)).resume();`},
	"python with threads": {"python3", "-c", `
import http.server, json, ssl, sys, threading
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    def do_GET(self):
        self.send_response(200); self.send_header('Content-Length', '2'); self.end_headers(); self.wfile.write(b'ok')
    def log_message(self, *a): pass
s = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
s.daemon_threads = True
c = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER); c.load_cert_chain(sys.argv[1], sys.argv[2])
s.socket = c.wrap_socket(s.socket, server_side=True)
threading.Thread(target=s.serve_forever, daemon=True).start()
print(json.dumps('127.0.0.1:%d' % s.server_port), flush=True)
sys.stdin.read()`},
	"python with asyncio": {"python3", "-c", `
import asyncio, json, ssl, sys
async def serve(r, w):
    try:
        while True:
            await r.readuntil(b'\r\n\r\n')
            w.write(b'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
            await w.drain()
    except Exception: pass
    finally: w.close()
async def main():
    c = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER); c.load_cert_chain(sys.argv[1], sys.argv[2])
    s = await asyncio.start_server(serve, '127.0.0.1', 0, ssl=c)
    print(json.dumps('127.0.0.1:%d' % s.sockets[0].getsockname()[1]), flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
asyncio.run(main())`},
}

// Servers whose libraries read and write sockets, and such whose libraries work on memory, asked by Go: on connections that
// capture met in their middle, at 16 at once.
func TestTLSOfServers(t *testing.T) {
	t.Parallel()
	for name, argv := range tlsServers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBed(t)
			cert, key := certificateFiles(t)
			server := b.run(exec.Command(argv[0], append(argv[1:len(argv):len(argv)], cert, key)...))
			var address string
			server.read(&address)
			client := b.start("http-client", tlsVariable+"=1")
			url := "https://" + address + "/small/1"
			warm := func() { client.do(job{URL: url + "?warm", Method: "GET", Requests: 128, Concurrency: 16}) }
			warm()
			s := b.capture(Auto, inTLS, func(c *Config) {
				sink := c.Sink
				c.Sink = func(sp *span.Span) {
					if strings.Contains(sp.Resource, "?n=") {
						sink(sp)
					}
				}
			})
			s.untilProbed("OpenSSL in")
			s.untilProbed("Go crypto/tls")
			warm() // reads that wait when the probes come are not seen
			const n = 200
			leftOut := s.leftOut()
			d := client.do(job{URL: url, Method: "GET", Requests: n, Concurrency: 16, Numbered: true, Traceparent: true})
			servers := checkPlaces(t, s, n, 32)
			checkFirsts(t, s, d.Conns, leftOut)
			for resource, sp := range servers {
				if !sp.TLS || sp.TraceID.IsZero() {
					t.Errorf("%s: TLS %t, trace %v", resource, sp.TLS, sp.TraceID)
				}
			}
		})
	}
}
