package sys

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"testing"

	"github.com/throughline-io/throughline/pkg/span"
)

// do has an http-client do a job.
func (p *program) do(j job) done {
	p.t.Helper()
	p.tell(j)
	var d done
	p.read(&d)
	if d.Error != "" {
		p.t.Fatal(d.Error)
	}
	return d
}

func isHTTP(p span.Point) func(*span.Span) bool {
	return func(s *span.Span) bool { return s.Point == p && s.Protocol == "HTTP" }
}

// checkPairs checks that every request was seen once at each end, by the same sequence
// numbers, and gives the s-p's by the request's resource.
func checkPairs(t *testing.T, s *seen, n int) map[string]span.Span {
	t.Helper()
	s.wait(n, isHTTP(span.PointClientProcess))
	s.wait(n, isHTTP(span.PointServerProcess))
	clients, servers := s.all(isHTTP(span.PointClientProcess)), s.matching(isHTTP(span.PointServerProcess))
	if len(clients) != n || len(servers) != n {
		t.Fatalf("%d c-p's and %d s-p's, want %d of each\nledger:\n%s", len(clients), len(servers), n, s.lines())
	}
	byPair := map[[2]uint32]span.Span{}
	for _, c := range clients {
		byPair[[2]uint32{c.RequestSeq, c.ResponseSeq}] = c
	}
	byResource := map[string]span.Span{}
	for _, sp := range servers {
		byResource[sp.Resource] = sp
		c, ok := byPair[[2]uint32{sp.RequestSeq, sp.ResponseSeq}]
		switch {
		case !ok:
			t.Errorf("no c-p has the sequence pair of s-p %+v", sp)
		case c.Resource != sp.Resource || c.Client != sp.Client || c.Server != sp.Server || c.Code != 200 || sp.Code != 200:
			t.Errorf("the ends of a session differ:\nc-p %+v\ns-p %+v", c, sp)
		case c.Start > sp.Start || sp.End() > c.End() || c.Start+int64(c.ResponseStart) < sp.Start+int64(sp.ResponseStart):
			t.Errorf("s-p is not within its c-p:\nc-p %+v\ns-p %+v", c, sp)
		}
	}
	return byResource
}

// serve starts a server and a client of it, and says the server's address.
func (b *bed) serve(env ...string) (client *program, url string) {
	b.t.Helper()
	server := b.start("http-server", env...)
	var address string
	server.read(&address)
	return b.start("http-client"), "http://" + address
}

// Keep-alive connections, ten at a time, by every way in which the programs can be built:
// older kernels get the later ones.
func TestHTTPKeepAlive(t *testing.T) {
	t.Parallel()
	for _, one := range append(ladder(TPBTF), ladder(Tracepoint)...) {
		t.Run(one.String(), func(t *testing.T) {
			t.Parallel()
			b := newBed(t)
			s := b.capture(Auto, func(c *Config) { c.only = &one })
			client, url := b.serve()
			const n = 300
			d := client.do(job{URL: url + "/small/1", Method: "GET", Requests: n, Concurrency: 10, Numbered: true})
			for resource, sp := range checkPairs(t, s, n) {
				if sp.Endpoint != "/small/{id}" {
					t.Errorf("%s: endpoint %q", resource, sp.Endpoint)
				}
				if want := d.Goids[resource]; one.user && sp.Goroutine != want {
					t.Errorf("%s: goroutine %d, want the handler's %d", resource, sp.Goroutine, want)
				}
				if sp.Passage == 0 || sp.SyscallResp != sp.Passage { // the answer is of its request, although nobody is asked who writes it
					t.Errorf("%s: passage %x, and %x of its answer", resource, sp.Passage, sp.SyscallResp)
				}
			}
		})
	}
}

// Requests in two writes, responses in thirty reads, chunks, early flushes: always one
// session at each end.
func TestHTTPShapes(t *testing.T) {
	t.Parallel()
	eachVariant(t, func(t *testing.T, v Variant) {
		b := newBed(t)
		s := b.capture(v)
		client, url := b.serve()
		jobs := []job{
			{URL: url + "/echo", Method: "POST", Body: 300},
			{URL: url + "/echo", Method: "POST", Body: 100_000},
			{URL: url + "/big", Method: "GET"},
			{URL: url + "/chunked", Method: "GET"},
			{URL: url + "/flush", Method: "GET", Traceparent: true},
		}
		const each = 40
		for _, j := range jobs {
			j.Requests, j.Concurrency, j.Numbered = each, 4, true
			client.do(j)
		}
		checkPairs(t, s, each*len(jobs))
		for _, c := range s.matching(isHTTP(span.PointClientProcess)) {
			if big := c.Endpoint == "/big" || c.Endpoint == "/chunked"; big && c.ResponseSize < 200<<10 {
				t.Errorf("%s: a response of %d bytes, want more than 200 KiB", c.Resource, c.ResponseSize)
			}
			if c.Endpoint == "/flush" && c.TraceID.IsZero() {
				t.Errorf("%s: trace context not seen", c.Resource)
			}
		}
	})
}

// A trace context may stand behind cookies and tokens, in a header that is written and read in
// several calls; both sides of a connection see it.
func TestTraceContextBehindALongHeader(t *testing.T) {
	t.Parallel()
	eachVariant(t, func(t *testing.T, v Variant) {
		b := newBed(t)
		s := b.capture(v)
		client, url := b.serve()
		const each = 20
		cookies := []int{700, 1000, 1500, 3000, 5000, 7500}
		for i, cookie := range cookies {
			client.do(job{URL: fmt.Sprintf("%s/small/%d", url, i), Method: "GET", Requests: each, Concurrency: 2, Numbered: true, Traceparent: true, Cookie: cookie})
		}
		checkPairs(t, s, each*len(cookies))
		for _, sp := range s.matching(func(sp *span.Span) bool { return sp.Protocol == "HTTP" }) {
			if sp.TraceID.IsZero() {
				t.Errorf("%v %s: trace context not seen", sp.Point, sp.Resource)
			}
		}
	})
}

func TestConnectionsFromBeforeTheCapture(t *testing.T) {
	t.Parallel()
	eachVariant(t, func(t *testing.T, v Variant) {
		b := newBed(t)
		client, url := b.serve()
		j := job{URL: url + "/small/", Method: "GET", Requests: 40, Concurrency: 10, Numbered: true}
		client.do(j)
		s := b.capture(v)
		client.do(j)
		checkPairs(t, s, j.Requests)
	})
}

// While a handler runs, net/http's server waits for the connection's end on another
// goroutine, by a read of one byte: the next request's first.
func TestBackgroundReadOfOneByte(t *testing.T) {
	t.Parallel()
	eachVariant(t, func(t *testing.T, v Variant) {
		b := newBed(t)
		s := b.capture(v)
		_, url := b.serve()
		address := url[len("http://"):]
		var conn, other net.Conn
		b.in(func() {
			conn, _ = net.Dial("tcp", address)
			other, _ = net.Dial("tcp", address)
		})
		if conn == nil || other == nil {
			t.Fatal("cannot connect")
		}
		defer conn.Close()
		defer other.Close()
		io.WriteString(conn, "GET /wait HTTP/1.1\r\nHost: a\r\n\r\n")
		s.untilCaptured(1)
		io.WriteString(conn, "G") // alone, and only when the server has read the first request
		s.untilCaptured(2)
		io.WriteString(other, "GET /release HTTP/1.1\r\nHost: a\r\n\r\n")
		answers := bufio.NewReader(conn)
		first := answer(t, answers)
		io.WriteString(conn, "ET /small/2 HTTP/1.1\r\nHost: a\r\n\r\n")
		second := answer(t, answers)

		find := func(resource string) span.Span {
			return s.wait(1, func(sp *span.Span) bool { return sp.Point == span.PointServerProcess && sp.Resource == resource })[0]
		}
		one, two := find("/wait"), find("/small/2")
		if want := one.RequestSeq + uint32(one.RequestSize); two.RequestSeq != want {
			t.Errorf("the second request begins at %d, want %d: at its first byte", two.RequestSeq, want)
		}
		if two.Start >= one.Start+int64(one.ResponseStart) {
			t.Errorf("the second request begins at %d, after the first one's response at %d: not with the byte read meanwhile", two.Start, one.Start+int64(one.ResponseStart))
		}
		if got := []uint64{one.Goroutine, two.Goroutine}; got[0] != first || got[1] != second {
			t.Errorf("goroutines %d, want the handlers': %d, %d", got, first, second)
		}
		if one.Passage == two.Passage {
			t.Error("both requests have the same passage")
		}
	})
}

// answer reads a response and says which goroutine gave it.
func answer(t *testing.T, r *bufio.Reader) uint64 {
	t.Helper()
	resp, err := http.ReadResponse(r, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		t.Fatal(err)
	}
	return headerGoid(resp)
}

func TestIPv6AndMappedIPv4(t *testing.T) {
	t.Parallel()
	eachVariant(t, func(t *testing.T, v Variant) {
		b := newBed(t)
		s := b.capture(v)
		client, url := b.serve(addressVariable + "=[::]:0")
		_, port, err := net.SplitHostPort(url[len("http://"):])
		if err != nil {
			t.Fatal(err)
		}
		for _, host := range []string{"127.0.0.1", "::1"} {
			client.do(job{URL: "http://" + net.JoinHostPort(host, port) + "/small/" + host, Method: "GET", Requests: 1})
		}
		for resource, sp := range checkPairs(t, s, 2) {
			if got := sp.Server.Addr().String(); resource != "/small/"+got {
				t.Errorf("%s was served at %s", resource, got)
			}
		}
	})
}

// A request without an answer is reported at the end of the capture.
func TestNoAnswer(t *testing.T) {
	t.Parallel()
	eachVariant(t, func(t *testing.T, v Variant) {
		b := newBed(t)
		s := b.capture(v)
		client, url := b.serve()
		client.tell(job{URL: url + "/never", Method: "GET", Requests: 1})
		s.untilCaptured(2)
		for _, sp := range s.all(func(sp *span.Span) bool { return true }) {
			if sp.Status != span.StatusUnknown || sp.ResponseSeq != 0 || sp.Resource != "/never" {
				t.Errorf("%+v", sp)
			}
		}
		if n := len(s.matching(isHTTP(span.PointClientProcess))) + len(s.matching(isHTTP(span.PointServerProcess))); n != 2 {
			t.Errorf("%d spans, want one at each end", n)
		}
		_ = client.cmd.Process.Kill() // it waits for the answer
		_ = client.cmd.Wait()
		client.cmd = nil
	})
}
