package trace_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/trace"
)

// scene is a small made-up trace: spans with names, in milliseconds.
type scene struct {
	t     *testing.T
	spans []*span.Span
	names map[*span.Span]string
}

func newScene(t *testing.T) *scene { return &scene{t: t, names: map[*span.Span]string{}} }

const epoch = int64(1_767_225_600_000_000_000)

// add enters a span that lasts from one millisecond to another.
func (sc *scene) add(name string, from, to float64, s span.Span) *span.Span {
	s.ID = uint64(len(sc.spans) + 1)
	s.Start = epoch + int64(from*1e6)
	s.Duration = uint64((to - from) * 1e6)
	if s.Source != span.APP && s.ResponseSeq != 0 && s.ResponseStart == 0 {
		s.ResponseStart = s.Duration
	}
	sc.spans = append(sc.spans, &s)
	sc.names[&s] = name
	return &s
}

// app is an APP span of the pod with that address.
func (sc *scene) app(name string, from, to float64, kind span.Kind, id, parent byte, pod string) *span.Span {
	return sc.add(name, from, to, span.Span{
		Source: span.APP, Point: span.PointApp, Kind: kind, TraceID: traceID(1), SpanID: spanID(id), ParentSpanID: spanID(parent),
		PodIP: addr(pod), Service: "svc-" + pod, Node: "node-" + pod, Endpoint: name,
	})
}

// hop is a span of session seq at a point.
func (sc *scene) hop(name string, from, to float64, point span.Point, node string, seq uint32, client, server string) *span.Span {
	s := span.Span{
		Source: span.NET, Point: point, Node: node, RequestSeq: seq, ResponseSeq: seq + 7,
		Client: addrPort(client), Server: addrPort(server), Protocol: "HTTP", Type: "GET", Endpoint: "/x", Resource: "/x",
	}
	switch point {
	case span.PointClientProcess:
		s.Source, s.PodIP = span.SYS, addrPort(client).Addr()
	case span.PointServerProcess:
		s.Source, s.PodIP = span.SYS, addrPort(server).Addr()
	}
	return sc.add(name, from, to, s)
}

// carries gives spans the trace context of an APP span.
func carries(id byte, spans ...*span.Span) {
	for _, s := range spans {
		s.TraceID, s.SpanID = traceID(1), spanID(id)
	}
}

// want fails unless the spans make this tree, whose lines are names, indented by two
// spaces for each level, with a link's confidence behind it where it is not proven. Main
// root first, then orphans.
func (sc *scene) want(tree string) *trace.Tree {
	sc.t.Helper()
	return sc.wantBy(trace.Options{}, tree)
}

func (sc *scene) wantBy(o trace.Options, tree string) *trace.Tree {
	sc.t.Helper()
	got := trace.Assemble(sc.spans, o)
	requireWellFormed(sc.t, got, len(sc.spans))
	b := &strings.Builder{}
	for i, s := range got.Spans {
		fmt.Fprintf(b, "%s%s", strings.Repeat("  ", int(got.Depth[i])), sc.names[s])
		if c := got.Confidence[i]; c != 0 && c != trace.Proven {
			fmt.Fprintf(b, " (%s)", c)
		}
		b.WriteByte('\n')
	}
	var lines []string
	indent := ""
	for i, l := range strings.Split(strings.Trim(tree, "\n"), "\n") {
		if i == 0 {
			indent = l[:len(l)-len(strings.TrimLeft(l, "\t"))]
		}
		lines = append(lines, strings.TrimPrefix(strings.TrimRight(l, " \t"), indent))
	}
	if want := strings.TrimSpace(strings.Join(lines, "\n")); strings.TrimSpace(b.String()) != want {
		sc.t.Errorf("got:\n%s\nwant:\n%s\n", b, want)
		for i, s := range got.Spans {
			sc.t.Logf("%s: %s: %s%s", sc.names[s], got.Rule[i], got.Reason[i], got.Orphan[i])
		}
	}
	return got
}

func traceID(n byte) (t span.TraceID) {
	if n != 0 {
		t[0], t[15] = 0xaa, n
	}
	return t
}

func spanID(n byte) (s span.SpanID) {
	if n != 0 {
		s[0], s[7] = 0xbb, n
	}
	return s
}

func addr(s string) netip.Addr {
	if s == "" {
		return netip.Addr{}
	}
	return netip.MustParseAddr(s)
}

func addrPort(s string) netip.AddrPort {
	if s == "" {
		return netip.AddrPort{}
	}
	return netip.MustParseAddrPort(s)
}
