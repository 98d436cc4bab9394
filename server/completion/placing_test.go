package completion

import (
	"net/netip"
	"testing"

	"github.com/throughline-io/throughline/pkg/span"
)

func id(n byte) (s span.SpanID) {
	if n > 0 {
		s[7] = n
	}
	return s
}

var traceID = span.TraceID{15: 1}

func code(kind span.Kind, own, parent byte) *span.Span {
	return &span.Span{Source: span.APP, Kind: kind, TraceID: traceID, SpanID: id(own), ParentSpanID: id(parent)}
}

// request is what carries a span's id, as a process sent or received it.
func request(point span.Point, carries byte, pod string) *span.Span {
	return &span.Span{Source: span.SYS, Point: point, TraceID: traceID, SpanID: id(carries), Node: "n-" + pod, PID: 7, PodIP: netip.MustParseAddr(pod), Entity: 3}
}

const (
	web, order, proxy = "10.0.0.1", "10.0.0.2", "10.0.0.3"
	sent, received    = span.PointClientProcess, span.PointServerProcess
)

// Code that says only ids and kinds is placed by the requests that carry its ids.
func TestCodeIsPlacedByTheRequestsOfItsIDs(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		code, seen []*span.Span
		want       []string // pods; "": not known
	}{
		"a call and its handler": {
			[]*span.Span{code(span.KindServer, 1, 0), code(span.KindInternal, 2, 1), code(span.KindClient, 3, 2), code(span.KindServer, 4, 3), code(span.KindInternal, 5, 4)},
			[]*span.Span{request(sent, 3, web), request(received, 3, order)},
			[]string{web, web, web, order, order},
		},
		"through a proxy that passes the id on": {
			[]*span.Span{code(span.KindClient, 3, 0), code(span.KindServer, 4, 3)},
			[]*span.Span{request(sent, 3, web), request(received, 3, proxy), request(sent, 3, proxy), request(received, 3, order)},
			[]string{web, order},
		},
		"a call that was tried again": {
			[]*span.Span{code(span.KindClient, 3, 0)}, []*span.Span{request(sent, 3, web), request(sent, 3, web)}, []string{web},
		},
		"one id of two processes": {
			[]*span.Span{code(span.KindClient, 3, 0)}, []*span.Span{request(sent, 3, web), request(sent, 3, order)}, []string{""},
		},
		"a span without kind below a call may be elsewhere": {
			[]*span.Span{code(span.KindClient, 3, 0), code(span.KindUnspecified, 4, 3)}, []*span.Span{request(sent, 3, web)}, []string{web, ""},
		},
		"nothing was seen":          {[]*span.Span{code(span.KindServer, 1, 0)}, nil, []string{""}},
		"spans that are a circle":   {[]*span.Span{code(span.KindInternal, 1, 2), code(span.KindClient, 2, 1)}, []*span.Span{request(sent, 2, web)}, []string{web, web}},
		"its own parent":            {[]*span.Span{code(span.KindClient, 1, 1)}, []*span.Span{request(sent, 1, web)}, []string{web}},
		"packets do not place code": {[]*span.Span{code(span.KindClient, 1, 0)}, []*span.Span{{Source: span.NET, Point: span.PointClient, TraceID: traceID, SpanID: id(1)}}, []string{""}},
	} {
		place(c.code, c.seen)
		for i, s := range c.code {
			got := ""
			if s.PodIP.IsValid() {
				got = s.PodIP.String()
			}
			if got != c.want[i] || (got != "") != (s.Node == "n-"+got && s.PID == 7 && s.Entity == 3) {
				t.Errorf("%s: span %d is of %q on %q, want %q", name, i, got, s.Node, c.want[i])
			}
		}
	}
}

// What code says of itself stands.
func TestCodeThatSaysWhereItRanStays(t *testing.T) {
	t.Parallel()
	s := code(span.KindClient, 1, 0)
	s.PodIP, s.Node = netip.MustParseAddr(order), "own"
	place([]*span.Span{s}, []*span.Span{request(sent, 1, web)})
	if s.PodIP.String() != order || s.Node != "own" || s.PID != 0 {
		t.Errorf("%+v", s)
	}
}
