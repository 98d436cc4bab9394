package sys

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/throughline-io/throughline/pkg/span"
)

// haproxyConfig passes requests on behind the PROXY protocol's header.
const haproxyConfig = `defaults
  mode http
  timeout connect 5s
  timeout client 20s
  timeout server 20s
frontend f
  bind 127.0.0.1:8001
  default_backend b
backend b
  server s SERVER SEND
`

// pythonBehindProxy reads the header together with the first request, as servers do that read as much as they can get.
const pythonBehindProxy = `
import socket, sys, threading
listener = socket.create_server(("127.0.0.1", 0))
print('"127.0.0.1:%d"' % listener.getsockname()[1], flush=True)
def serve(c):
    while True:
        while not (seen := c.recv(8192, socket.MSG_PEEK)).endswith(b"\r\n\r\n"):
            if not seen: return
        c.recv(8192)
        c.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
def accept():
    while True: threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
threading.Thread(target=accept, daemon=True).start()
sys.stdin.read()
`

// HAProxy says by the PROXY protocol for whom it connects, in front of the connection's first request.
func TestHAProxysPROXYProtocol(t *testing.T) {
	t.Parallel()
	for _, send := range []string{"send-proxy", "send-proxy-v2"} {
		t.Run(send, func(t *testing.T) {
			t.Parallel()
			b := newBed(t)
			s := b.capture(Auto)
			var address string
			b.run(exec.Command("python3", "-c", pythonBehindProxy)).read(&address)
			config := filepath.Join(t.TempDir(), "haproxy.cfg")
			if err := os.WriteFile(config, []byte(strings.NewReplacer("SEND", send, "SERVER", address).Replace(haproxyConfig)), 0o644); err != nil {
				t.Fatal(err)
			}
			cmd := exec.Command("haproxy", "-db", "-f", config)
			proxy := b.run(cmd)
			t.Cleanup(func() { // before the program's own clean-up
				_ = cmd.Process.Kill()
				_ = cmd.Wait()
				proxy.cmd = nil
			})
			b.untilListens(8001)
			const n = 20
			b.start("http-client").do(job{URL: "http://127.0.0.1:8001/small/1", Method: "GET", Requests: n, Concurrency: 4, Numbered: true})
			proxied := func(sp *span.Span) bool { return sp.Protocol == "HTTP" && sp.Server.String() == address }
			s.wait(n, proxied)
			seen := map[string]int{}
			for _, sp := range s.all(proxied) {
				seen[fmt.Sprint(sp.Point, " ", sp.Resource)]++
				if sp.Code != 200 {
					t.Errorf("%v %s: code %d", sp.Point, sp.Resource, sp.Code)
				}
			}
			if len(seen) != 2*n {
				t.Errorf("%d requests behind the header at both ends, want %d\nledger:\n%s", len(seen), 2*n, s.lines())
			}
		})
	}
}
