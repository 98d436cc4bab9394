package sys

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/throughline-io/throughline/bpf"
	"github.com/throughline-io/throughline/pkg/span"
)

// serveLocally starts a server at an AF_UNIX socket, and a client of it.
func (b *bed) serveLocally(path string) (client *program) {
	b.t.Helper()
	server := b.start("http-server", addressVariable+"="+path)
	var address string
	server.read(&address)
	return b.start("http-client", socketVariable+"="+path)
}

// Both ends of an AF_UNIX stream see the same requests at the same places, by every way in which the programs can
// be built, whatever name the socket has.
func TestLocalStreams(t *testing.T) {
	t.Parallel()
	for _, one := range append(ladder(TPBTF), ladder(Tracepoint)...) {
		t.Run(one.String(), func(t *testing.T) {
			t.Parallel()
			b := newBed(t)
			s := b.capture(Auto, func(c *Config) { c.only = &one })
			path := filepath.Join(t.TempDir(), "http.sock")
			client := b.serveLocally(path)
			const n = 300
			client.do(job{URL: "http://local/small/1", Method: "GET", Requests: n, Concurrency: 10, Numbered: true})
			for resource, sp := range checkPairs(t, s, n) {
				want := []span.Attribute{{Key: "network.transport", Value: "unix", Type: span.AttributeString}, {Key: "network.local.address", Value: path, Type: span.AttributeString}}
				if !slices.Equal(sp.Attributes, want) || sp.Transport != 0 || sp.Client.IsValid() || sp.Server.IsValid() || sp.Passage == 0 {
					t.Errorf("%s: %+v", resource, sp)
				}
			}
			for _, c := range s.matching(isHTTP(span.PointClientProcess)) {
				if !slices.Contains(c.Attributes, span.Attribute{Key: "network.peer.address", Value: path, Type: span.AttributeString}) {
					t.Errorf("c-p without its server's name: %+v", c)
				}
			}
		})
	}
}

// Long bodies in many calls, both ways; a name that is in no file system.
func TestLocalStreamShapes(t *testing.T) {
	t.Parallel()
	eachVariant(t, func(t *testing.T, v Variant) {
		b := newBed(t)
		s := b.capture(v)
		client := b.serveLocally("@throughline-test-" + string(v) + filepath.Base(t.TempDir()) + fmt.Sprint(os.Getpid()))
		jobs := []job{
			{URL: "http://local/echo", Method: "POST", Body: 300},
			{URL: "http://local/echo", Method: "POST", Body: 1 << 20},
			{URL: "http://local/big", Method: "GET"},
			{URL: "http://local/chunked", Method: "GET"},
			{URL: "http://local/flush", Method: "GET"},
		}
		const each = 20
		for _, j := range jobs {
			j.Requests, j.Concurrency, j.Numbered = each, 4, true
			client.do(j)
		}
		s.wait(each*len(jobs), isHTTP(span.PointClientProcess))
		s.wait(each*len(jobs), isHTTP(span.PointServerProcess))
		servers := map[[2]uint32]span.Span{}
		for _, sp := range s.all(isHTTP(span.PointServerProcess)) {
			servers[[2]uint32{sp.RequestSeq, sp.ResponseSeq}] = sp
		}
		for _, c := range s.matching(isHTTP(span.PointClientProcess)) {
			sp := servers[[2]uint32{c.RequestSeq, c.ResponseSeq}]
			if sp.Resource != c.Resource || sp.RequestSize != c.RequestSize || sp.ResponseSize != c.ResponseSize {
				t.Errorf("c-p and s-p differ:\n%+v\n%+v", c, sp)
			}
		}
	})
}

// A connection that capture meets in its middle is joined from its next message on.
func TestLocalStreamMetLate(t *testing.T) {
	t.Parallel()
	eachVariant(t, func(t *testing.T, v Variant) {
		b := newBed(t)
		path := filepath.Join(t.TempDir(), "http.sock")
		client := b.serveLocally(path)
		const n = 50
		client.do(job{URL: "http://local/small/0", Method: "GET", Requests: n, Concurrency: 4})
		s := b.capture(v)
		client.do(job{URL: "http://local/small/1", Method: "GET", Requests: n, Concurrency: 4, Numbered: true})
		checkPairs(t, s, n)
	})
}

// A session without length ends with its connection, at both ends; nothing is kept of connections that are over.
func TestLocalStreamsEnd(t *testing.T) {
	t.Parallel()
	eachVariant(t, func(t *testing.T, v Variant) {
		b := newBed(t)
		s := b.capture(v)
		python := python3(t)
		path := filepath.Join(t.TempDir(), "s.sock")
		cmd := exec.Command(python, "-c", `
import json, socket, sys
l = socket.socket(socket.AF_UNIX); l.bind(sys.argv[1]); l.listen()
for _ in range(20):
    c = socket.socket(socket.AF_UNIX); c.connect(sys.argv[1])
    c.sendall(b"GET /until-close HTTP/1.0\r\n\r\n")
    a, _ = l.accept()
    a.recv(1000); a.sendall(b"HTTP/1.0 200 OK\r\n\r\nall there is"); a.close()
    while c.recv(1000): pass
    c.close()
print(json.dumps("done"), flush=True)
sys.stdin.read()
`, path)
		p := b.run(cmd)
		var done string
		p.read(&done)
		s.wait(20, isHTTP(span.PointClientProcess))
		servers := s.wait(20, isHTTP(span.PointServerProcess))
		for _, sp := range servers {
			if sp.ResponseSize != uint64(len("HTTP/1.0 200 OK\r\n\r\nall there is")) || sp.Status != span.StatusOK {
				t.Errorf("an answer of %d bytes, %s", sp.ResponseSize, sp.Status)
			}
		}
		s.capture.Close()
		if left := len(s.capture.sockets.known); left != 0 {
			t.Errorf("%d sockets are kept", left)
		}
	})
}

// Of the parameters of a FastCGI request as much is seen as of a header of HTTP, as nginx writes them and as PHP-FPM
// reads them: a cookie stands in front of the trace context.
func TestLongParametersOfFastCGI(t *testing.T) {
	t.Parallel()
	eachVariant(t, func(t *testing.T, v Variant) {
		b := newBed(t)
		s := b.capture(v)
		python := python3(t)
		p := b.run(exec.Command(python, "-c", `
import json, socket, struct, sys
def record(kind, content=b""): return struct.pack(">BBHHBB", 1, kind, 1, len(content), 0, 0) + content
def pair(name, value):
    length = lambda t: bytes([len(t)]) if len(t) < 128 else struct.pack(">I", len(t) | 1 << 31)
    return length(name) + length(value) + name + value
params = pair(b"REQUEST_METHOD", b"GET") + pair(b"REQUEST_URI", b"/shop") + pair(b"HTTP_COOKIE", b"c" * 2500) + \
    pair(b"HTTP_TRACEPARENT", b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
l = socket.socket(socket.AF_UNIX); l.bind(sys.argv[1]); l.listen()
for _ in range(5):
    c = socket.socket(socket.AF_UNIX); c.connect(sys.argv[1])
    c.sendall(record(1, bytes([0, 1, 0, 0, 0, 0, 0, 0])) + record(4, params) + record(4) + record(5))
    a, _ = l.accept()
    for n in (8, 8, 8, len(params), 8): a.recv(n)
    a.sendall(record(6, b"Status: 404 Not Found\r\n\r\n") + record(3, bytes(8))); a.recv(8); a.close()
    while c.recv(1000): pass
    c.close()
print(json.dumps("done"), flush=True)
sys.stdin.read()
`, filepath.Join(t.TempDir(), "s.sock")))
		var done string
		p.read(&done)
		isFastCGI := func(at span.Point) func(*span.Span) bool {
			return func(s *span.Span) bool { return s.Protocol == "FastCGI" && s.Point == at }
		}
		clients := s.wait(5, isFastCGI(span.PointClientProcess))
		for _, sp := range append(clients, s.wait(5, isFastCGI(span.PointServerProcess))...) {
			if sp.Resource != "/shop" || sp.Code != 404 || sp.TraceID.IsZero() {
				t.Errorf("%s %s %d, trace %s", sp.Point, sp.Resource, sp.Code, sp.TraceID)
			}
		}
	})
}

// What nobody can read is left alone soon, and so are pairs, datagrams and the agent's own sockets at once.
func TestOtherLocalSocketsAreLeftAlone(t *testing.T) {
	t.Parallel()
	eachVariant(t, func(t *testing.T, v Variant) {
		b := newBed(t)
		own := filepath.Join(t.TempDir(), "own.sock")
		s := b.capture(v, func(c *Config) { c.LeaveOutPaths = []string{own} })
		mine := b.serveLocally(own)
		mine.do(job{URL: "http://local/small/1", Method: "GET", Requests: 3})
		before := s.captured()
		other := b.start("local-noise")
		other.tell(filepath.Join(t.TempDir(), "noise.sock"))
		made := uint64(0)
		noise := func() {
			var calls uint64
			other.tell(100)
			other.read(&calls)
			made += calls
		}
		until(t, func() bool {
			noise()
			return s.line("AF_UNIX sockets left alone: no known protocol") >= 2
		})
		found := s.captured()
		if looks := found - before; looks < localLooks || looks > made {
			t.Errorf("%d calls were captured, want %d at least, and at most the %d on the stream with a name", looks, localLooks, made)
		}
		noise()
		if more := s.captured() - found; more > 0 {
			t.Errorf("%d calls were captured on sockets that are left alone", more)
		}
		if s.counter(bpf.SockioCounterCOUNTER_FAULT) != 0 {
			t.Error("payloads were not readable")
		}
		if spans := s.all(func(*span.Span) bool { return true }); len(spans) > 0 {
			t.Errorf("spans: %+v", spans)
		}
	})
}

// python3 is Python, of whose libraries nothing is needed.
func python3(t *testing.T) string {
	t.Helper()
	exe, err := exec.LookPath("python3")
	if err != nil {
		t.Fatal("no python3: install it")
	}
	return exe
}

// streamTo opens a stream to a listener of the process itself.
func streamTo(path string) (client, server net.Conn, err error) {
	l, err := net.Listen("unix", path)
	if err != nil {
		return nil, nil, err
	}
	defer l.Close()
	if client, err = net.Dial("unix", path); err != nil {
		return nil, nil, err
	}
	server, err = l.Accept()
	return client, server, err
}
