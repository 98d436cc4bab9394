package sys

import (
	"encoding/json"
	"testing"

	"github.com/throughline-io/throughline/pkg/span"
)

// do has an http-client do a job.
func (p *program) do(j job) done {
	p.t.Helper()
	if err := json.NewEncoder(p.in.(interface{ Write([]byte) (int, error) })).Encode(j); err != nil {
		p.t.Fatal(err)
	}
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
	clients, servers := s.wait(n, isHTTP(span.PointClientProcess)), s.wait(n, isHTTP(span.PointServerProcess))
	clients, servers = s.all(isHTTP(span.PointClientProcess)), s.matching(isHTTP(span.PointServerProcess))
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

func TestHTTPKeepAlive(t *testing.T) {
	t.Parallel()
	eachVariant(t, func(t *testing.T, v Variant) {
		b := newBed(t)
		s := b.capture(v)
		server, client := b.start("http-server"), b.start("http-client")
		var address string
		server.read(&address)
		const n = 500
		d := client.do(job{URL: "http://" + address + "/small/1", Method: "GET", Requests: n, Concurrency: 10, Numbered: true})
		for resource, sp := range checkPairs(t, s, n) {
			if want := d.Goids[resource]; sp.Goroutine != want {
				t.Errorf("%s: goroutine %d, want the handler's %d", resource, sp.Goroutine, want)
			}
			if sp.Passage == 0 {
				t.Errorf("%s: no passage", resource)
			}
		}
	})
}
