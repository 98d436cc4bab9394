package sys

import (
	"fmt"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"github.com/throughline-io/throughline/pkg/span"
)

const pythonWebsockets = `
import asyncio, json, sys
from websockets.asyncio.client import connect
async def talk(n):
    async with connect("ws://" + sys.argv[1] + "/python/%d" % n) as ws:
        for i in range(int(sys.argv[2])):
            await ws.send("message %d" % i)
            assert await ws.recv() == "message %d" % i
async def main():
    await asyncio.gather(*(talk(n) for n in range(16)))
asyncio.run(main())
print(json.dumps(16), flush=True)
sys.stdin.read()
`

// A server of Go and clients of Go and Python, 16 at once, with compression as they agree on it: each connection is one session
// at both ends, with as many messages as were said, and who ended it. One that nobody ends is told of while it lasts.
func TestWebSocket(t *testing.T) {
	t.Parallel()
	packages := kept(t, "websockets-17.4", func(dir string) error {
		return quietly(python3(t), "-m", "pip", "install", "-q", "--target", dir, "websockets==17.4")
	})
	b := newBed(t)
	var address string
	b.start("websocket-server").read(&address)
	s := b.capture(Auto, func(c *Config) { c.OpenAfter = 100 * time.Millisecond })
	const each = 20
	client := b.start("websocket-client", addressVariable+"="+address)
	client.tell(each)
	var said, connections int
	client.read(&said)
	python := exec.Command(python3(t), "-c", pythonWebsockets, address, strconv.Itoa(each))
	python.Env = append(python.Environ(), "PYTHONPATH="+packages)
	b.run(python).read(&connections)

	ends := []span.Point{span.PointClientProcess, span.PointServerProcess}
	stays := func(p span.Point) func(*span.Span) bool {
		return func(sp *span.Span) bool {
			return sp.Point == p && sp.Resource == "/stays" && sp.Status == span.StatusOpen && sp.Protocol == "WebSocket"
		}
	}
	for _, p := range ends {
		s.wait(said/each+connections, func(sp *span.Span) bool {
			return sp.Point == p && sp.Protocol == "WebSocket" && sp.Status != span.StatusOpen
		})
		s.wait(1, stays(p))
	}
	s.capture.Close()
	want := map[string]int{"GET /rooms/{id} 101 ok 20 20 1000 client trace": said / each / 2, "GET /rooms/{id} 1013 server error 21 20 1013 server trace": said / each / 2, "GET /python/{id} 101 ok 20 20 1000 client ": connections}
	for _, p := range ends {
		got := map[string]int{}
		for _, sp := range s.matching(func(sp *span.Span) bool {
			return sp.Point == p && sp.Protocol == "WebSocket" && sp.Resource != "/stays"
		}) {
			if sp.Status == span.StatusOpen {
				continue // told of while it lasted
			}
			trace := ""
			if !sp.TraceID.IsZero() {
				trace = "trace"
			}
			got[fmt.Sprint(sp.Type, " ", sp.Endpoint, " ", sp.Code, " ", sp.Status, " ", attribute(sp, "websocket.client.messages"), " ", attribute(sp, "websocket.server.messages"), " ",
				attribute(sp, "websocket.close.code"), " ", attribute(sp, "websocket.close.by"), " ", trace)]++
		}
		wantTally(t, s, p.String(), got, want)
	}
}
