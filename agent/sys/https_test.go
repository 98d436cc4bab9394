package sys

import (
	"fmt"
	"strings"
	"testing"

	"github.com/throughline-io/throughline/pkg/span"
)

// A Go server and a Go client, whose goroutines wait on other threads than they began on: by HTTP/1 and HTTP/2, from the
// first connection on and on connections that capture met in their middle.
func TestTLSOfGo(t *testing.T) {
	t.Parallel()
	for _, how := range []struct {
		http2, middle bool
	}{{false, true}, {true, false}} {
		t.Run(fmt.Sprintf("%+v", how), func(t *testing.T) {
			t.Parallel()
			b := newBed(t)
			cert, key := certificateFiles(t)
			env := []string{tlsVariable + "=" + cert + ":" + key}
			if how.http2 {
				env = append(env, http2Variable+"=1")
			}
			server := b.start("http-server", env...)
			var address string
			server.read(&address)
			client := b.start("http-client", env...)
			url := "https://" + address + "/small/1"
			warm := func() { client.do(job{URL: url + "?warm", Method: "GET", Requests: 128, Concurrency: 16}) }
			if how.middle {
				warm()
			}
			s := b.capture(Auto, inTLS, func(c *Config) {
				sink := c.Sink
				c.Sink = func(sp *span.Span) {
					if strings.Contains(sp.Resource, "?n=") { // by HTTP/2, joined late, some paths are not known
						sink(sp)
					}
				}
			})
			s.untilProbed("Go crypto/tls")
			warm() // reads that wait when the probes come are not seen
			const n = 300
			leftOut := s.leftOut()
			d := client.do(job{URL: url, Method: "GET", Requests: n, Concurrency: 16, Numbered: true, Traceparent: true})
			servers := checkPlaces(t, s, n, 32)
			checkFirsts(t, s, d.Conns, leftOut)
			for resource, sp := range servers {
				if want := d.Goids[resource]; !how.http2 && sp.Goroutine != want {
					t.Errorf("%s: goroutine %d, want the handler's %d", resource, sp.Goroutine, want)
				}
				if sp.Passage == 0 || !sp.TLS || sp.TraceID.IsZero() {
					t.Errorf("%s: passage %x, TLS %t, trace %v", resource, sp.Passage, sp.TLS, sp.TraceID)
				}
			}
		})
	}
}

// checkPlaces checks that every request was seen once at each end but for so many, the first on connections that were open
// before their library had probes; and that of each the ends tell the same places in the TCP stream, as far as they
// know them. It gives the s-p's by the request's resource.
func checkPlaces(t *testing.T, s *seen, n, first int) map[string]span.Span {
	t.Helper()
	s.wait(n-first, isHTTP(span.PointClientProcess))
	s.wait(n-first, isHTTP(span.PointServerProcess))
	clients, servers := map[string]span.Span{}, map[string]span.Span{}
	for _, sp := range s.all(isHTTP(span.PointClientProcess)) {
		clients[sp.Resource] = sp
	}
	for _, sp := range s.matching(isHTTP(span.PointServerProcess)) {
		servers[sp.Resource] = sp
	}
	if len(clients) < n-first || len(servers) < n-first || len(clients) > n || len(servers) > n {
		t.Fatalf("%d c-p's and %d s-p's, want %d of each\nledger:\n%s", len(clients), len(servers), n, s.lines())
	}
	unknown := 0
	for resource, sp := range servers {
		c, seen := clients[resource]
		if !seen && first > 0 {
			continue
		}
		if c.Code != 200 || sp.Code != 200 || c.Client != sp.Client || c.Server != sp.Server {
			t.Errorf("the ends of a session differ:\nc-p %+v\ns-p %+v", c, sp)
		}
		if c.RequestSeq == 0 || sp.RequestSeq == 0 || c.ResponseSeq == 0 || sp.ResponseSeq == 0 {
			unknown++
		} else if c.RequestSeq != sp.RequestSeq || c.ResponseSeq != sp.ResponseSeq {
			t.Errorf("%s: places %d and %d at the client, %d and %d at the server", resource, c.RequestSeq, c.ResponseSeq, sp.RequestSeq, sp.ResponseSeq)
		}
	}
	if unknown > n/10 {
		t.Errorf("the places of %d of %d requests are not known", unknown, n)
	}
	return servers
}

// leftOut is how many calls were left out because their connection was open before its library had probes.
func (s *seen) leftOut() (n uint64) {
	for _, r := range s.ledger.Rows() {
		if r.Stage == "tls" && (r.What == "calls dropped: of connections open before their library had probes, until they can be followed" || r.What == "calls dropped: no socket was told that they are of") {
			n += r.Count
		}
	}
	return n
}

// checkFirsts checks that what was not seen on a connection, at either end, are its first requests, and that they are counted as left
// out. conns are the paths that were asked for on each connection, in order; before is how much was left out before them. The
// capture has ended.
func checkFirsts(t *testing.T, s *seen, conns map[string][]string, before uint64) {
	t.Helper()
	missing := uint64(0)
	for _, at := range []span.Point{span.PointClientProcess, span.PointServerProcess} {
		has := map[string]bool{}
		for _, sp := range s.matching(isHTTP(at)) {
			has[sp.Resource] = true
		}
		for conn, paths := range conns {
			behind := false
			for i, path := range paths {
				switch {
				case has[path]:
					behind = true
				case behind:
					t.Errorf("%v: request %d of the connection from %s is missing behind one that was seen", at, i, conn)
				default:
					missing++
				}
			}
		}
	}
	if got := s.leftOut() - before; got < missing {
		t.Errorf("%d requests are missing, and %d calls are counted as left out\nledger:\n%s", missing, got, s.lines())
	}
}
