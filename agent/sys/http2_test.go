package sys

import (
	"fmt"
	"os/exec"
	"testing"

	"github.com/throughline-io/throughline/pkg/span"
)

// serveHTTP2 is serve of programs that speak HTTP/2 in clear.
func (b *bed) serveHTTP2() (client *program, url string) {
	b.t.Helper()
	server := b.start("http-server", http2Variable+"=1")
	var address string
	server.read(&address)
	return b.start("http-client", http2Variable+"=1"), "http://" + address
}

// Sixteen requests at once on one connection, of Go's client and server: each is a session at both ends, with
// what it asked for, its status and its context, whatever else is on its way; and none is the cause of another.
func TestHTTP2(t *testing.T) {
	t.Parallel()
	eachVariant(t, func(t *testing.T, v Variant) {
		b := newBed(t)
		s := b.capture(v)
		client, url := b.serveHTTP2()
		jobs := []job{
			{URL: url + "/small/1", Method: "GET", Traceparent: true},
			{URL: url + "/echo", Method: "POST", Body: 300},
			{URL: url + "/echo", Method: "POST", Body: 100_000},
			{URL: url + "/big", Method: "GET"},
			{URL: url + "/flush", Method: "GET", Traceparent: true, Cookie: 3000},
		}
		const each = 64
		for _, j := range jobs {
			j.Requests, j.Concurrency, j.Numbered = each, 16, true
			client.do(j)
		}
		seen := checkPairs(t, s, each*len(jobs))
		if len(seen) != 4*each { // two jobs ask for the same
			t.Errorf("%d resources", len(seen))
		}
		for _, sp := range s.matching(func(*span.Span) bool { return true }) {
			switch {
			case sp.Version != "2" || sp.Protocol != "HTTP" || sp.Endpoint == "" || sp.Type == "":
				t.Errorf("%+v", sp)
			case (sp.Endpoint == "/small/{id}" || sp.Endpoint == "/flush") == sp.TraceID.IsZero():
				t.Errorf("%v %s has trace %s", sp.Point, sp.Resource, sp.TraceID)
			case sp.Endpoint == "/big" && sp.ResponseSize < 200<<10:
				t.Errorf("a response of %d bytes", sp.ResponseSize)
			}
		}
	})
}

// A connection of HTTP/2 that was open before: what its tables hold is not known, and not guessed. What a request
// spells out is.
func TestHTTP2ConnectionsFromBeforeTheCapture(t *testing.T) {
	t.Parallel()
	eachVariant(t, func(t *testing.T, v Variant) {
		b := newBed(t)
		client, url := b.serveHTTP2()
		known := job{URL: url + "/small/7", Method: "GET", Requests: 40, Concurrency: 4}
		client.do(known)
		s := b.capture(v)
		client.do(known)
		s.wait(40, isHTTP(span.PointClientProcess))
		s.wait(40, isHTTP(span.PointServerProcess))
		fresh := job{URL: url + "/small/8", Method: "GET", Requests: 40, Concurrency: 4, Numbered: true}
		client.do(fresh)
		s.wait(80, isHTTP(span.PointClientProcess))
		s.wait(80, isHTTP(span.PointServerProcess))
		named := 0
		for _, sp := range s.all(func(*span.Span) bool { return true }) {
			switch {
			case sp.Type != "GET" || sp.Code != 200 || sp.Status != span.StatusOK:
				t.Errorf("%+v", sp)
			case sp.Resource != "":
				named++
			}
		}
		if named != 2*40 {
			t.Errorf("%d spans say what was asked for, want those of the paths that were spelled out", named)
		}
	})
}

const nodeHTTP2 = `
const http2 = require("http2"), c = http2.connect(process.argv[1]); let left = 200, next = 0
const one = () => {
  const n = next++, r = c.request({":path": "/small/node?n=" + n, traceparent: "00-" + String(n + 1).padStart(32, "0") + "-00000000000000ab-01"})
  r.resume(); r.on("end", () => { if (--left == 0) { c.close(); console.log('"done"') } else if (next < 200) one() }); r.end()
}
for (let i = 0; i < 16; i++) one()
process.stdin.resume(); process.stdin.on("end", () => process.exit(0))
`

// Other programs' clients, unmodified: curl's (nghttp2), Node's.
func TestHTTP2OfOtherClients(t *testing.T) {
	t.Parallel()
	for name, run := range map[string]func(b *bed, url string) (requests int){
		"node": func(b *bed, url string) int {
			p := b.run(exec.Command("node", "-e", nodeHTTP2, url))
			var done string
			p.read(&done)
			return 200
		},
		"curl": func(b *bed, url string) int {
			for n := range 10 { // curl 7.88 has trouble with a second one by the same connection
				argv := []string{"-s", "-S", "--http2-prior-knowledge", "-H", fmt.Sprintf("traceparent: 00-%032x-%016x-01", n+1, n+1), fmt.Sprintf("%s/small/curl?n=%d", url, n)}
				var out []byte
				var err error
				cmd := exec.Command("curl", argv...)
				b.in(func() { out, err = cmd.CombinedOutput() })
				if err != nil || string(out) != "ok" {
					b.t.Fatalf("%v: %s", err, out)
				}
			}
			return 10
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := exec.LookPath(name); err != nil {
				t.Fatalf("no %s: install it", name)
			}
			b := newBed(t)
			s := b.capture(Auto)
			_, url := b.serveHTTP2()
			n := run(b, url)
			if seen := checkPairs(t, s, n); len(seen) != n {
				t.Errorf("%d resources, want %d", len(seen), n)
			}
			for _, sp := range s.matching(isHTTP(span.PointServerProcess)) {
				if sp.Version != "2" || sp.TraceID.IsZero() {
					t.Errorf("%+v", sp)
				}
			}
		})
	}
}
