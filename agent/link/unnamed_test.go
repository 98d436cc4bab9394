package link

import (
	"net/netip"
	"testing"
	"time"

	"github.com/throughline-io/throughline/pkg/span"
)

// asked is an s-p of a request, from a client of its own.
func asked(at, room int64, seq uint32, method, target string, code int32) *span.Span {
	s := sp(at, room, seq)
	s.Client = netip.AddrPortFrom(client.Addr(), uint16(40000+seq))
	s.Type, s.Resource, s.Code = method, target, code
	return s
}

// unnamedRoot is a root as Envoy names its client: by the address alone.
func unnamedRoot(n byte, at int64) Root {
	return Root{TraceID: span.TraceID{n}, Pod: pod, Client: netip.AddrPortFrom(client.Addr(), 0), Start: at, Method: "GET", Target: "/items", Code: 200}
}

// A root that names no port belongs to the only request of its pod that is like it, whichever is seen first.
func TestARootThatNamesNoPort(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(r *Root)
		other  *span.Span
		want   int
	}{
		"another path":             {nil, asked(start+5, 1000, 11, "GET", "/other", 200), 1},
		"another method":           {nil, asked(start+5, 1000, 11, "POST", "/items", 200), 1},
		"another status":           {nil, asked(start+5, 1000, 11, "GET", "/items", 404), 1},
		"before":                   {nil, asked(start-2000, 1000, 11, "GET", "/items", 200), 1},
		"behind":                   {nil, asked(start+11, 1000, 11, "GET", "/items", 200), 1},
		"the same at once":         {nil, asked(start+5, 1000, 11, "GET", "/items?page=2", 200), 0},
		"nobody is named":          {func(r *Root) { r.Client = netip.AddrPort{} }, asked(start+5, 1000, 11, "GET", "/other", 200), 1},
		"another client":           {func(r *Root) { r.Client = netip.MustParseAddrPort("10.9.9.9:0") }, asked(start-9000, 10, 11, "GET", "/items", 200), 0},
		"another pod":              {func(r *Root) { r.Pod = netip.MustParseAddr("10.244.1.11") }, asked(start-9000, 10, 11, "GET", "/items", 200), 0},
		"it does not say whose":    {func(r *Root) { r.Pod = netip.Addr{} }, asked(start-9000, 10, 11, "GET", "/items", 200), 0},
		"it does not say what for": {func(r *Root) { r.Target = "" }, asked(start-9000, 10, 11, "GET", "/items", 200), 0},
		"nor how it ended":         {func(r *Root) { r.Code = 0 }, asked(start-9000, 10, 11, "GET", "/items", 200), 0},
	} {
		for _, rootFirst := range []bool{false, true} {
			l := newLinker()
			r := unnamedRoot(1, start+10)
			if c.change != nil {
				c.change(&r)
			}
			if rootFirst {
				l.Root(r)
			}
			l.Process(c.other)
			l.Process(asked(start, 1000, 1, "GET", "/items?page=1", 200))
			if !rootFirst {
				l.Root(r)
			}
			l.clock = l.clock.Add(settling)
			l.Settle()
			if len(l.edges) != c.want || c.want == 1 && l.edges[0] != edge(1, 1, start) {
				t.Errorf("%s, the root first: %v: %v", name, rootFirst, l.edges)
			}
		}
	}
}

// One that is told later than its code, as where system calls wait to be read, is found then.
func TestARequestThatIsKnownLate(t *testing.T) {
	t.Parallel()
	l := newLinker()
	l.Root(unnamedRoot(1, start+10))
	l.clock = l.clock.Add(settling + time.Second)
	l.Settle()
	l.want(t)
	l.Process(asked(start, 1000, 1, "GET", "/items", 200))
	l.want(t, edge(1, 1, start))
}
