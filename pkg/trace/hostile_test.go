package trace_test

import (
	"strings"
	"testing"

	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/trace"
)

// hostile are shapes that make a careless algorithm quadratic, or a recursive one overflow
// its stack.
var hostile = map[string]func(sc *scene, n int){
	"a chain of calls as long as the trace": func(sc *scene, n int) {
		for i := range n {
			s := sc.add("", 0, 10, span.Span{Source: span.APP, Kind: span.KindInternal, TraceID: traceID(1), SpanID: wideID(i + 1), PodIP: addr(web)})
			if i > 0 {
				s.ParentSpanID = wideID(i)
			}
		}
	},
	"all children of one span, at one time": func(sc *scene, n int) {
		for i := range n {
			s := sc.add("", 0, 10, span.Span{Source: span.APP, Kind: span.KindInternal, TraceID: traceID(1), SpanID: wideID(i + 1), PodIP: addr(web)})
			if i > 0 {
				s.ParentSpanID = wideID(1)
			}
		}
	},
	"one ring": func(sc *scene, n int) {
		for i := range n {
			sc.add("", 0, 10, span.Span{Source: span.APP, TraceID: traceID(1), SpanID: wideID(i + 1), ParentSpanID: wideID((i+1)%n + 1)})
		}
	},
	"one sequence pair": func(sc *scene, n int) {
		for i := range n {
			sc.hop("", float64(i), float64(i+1), span.Point(i%13), "a", 100, web+":4000", order+":80")
		}
	},
	"one unanswered request": func(sc *scene, n int) {
		for i := range n {
			sc.hop("", float64(i), float64(i+1), span.Point(i%13), "a", 100, web+":4000", order+":80").ResponseSeq = 0
		}
	},
	"one trace context": func(sc *scene, n int) {
		sc.app("", 0, 10, span.KindClient, 1, 0, web)
		for i := range n {
			s := sc.hop("", 0, float64(n), []span.Point{cp, sp}[i%2], "a", uint32(i+1), web+":4000", order+":80")
			carries(1, s)
			s.XRequestID = "x"
		}
	},
	"one trace context, and as many handlers": func(sc *scene, n int) {
		sc.app("", 0, 10, span.KindClient, 1, 0, web)
		for i := range n / 2 {
			carries(1, sc.hop("", 0, float64(n), sp, "a", uint32(i+1), web+":4000", order+":80"))
			s := sc.app("", 0, 10, span.KindServer, 2, 1, order)
			s.SpanID, s.Client = wideID(i+10), addrPort(web+":4000")
		}
	},
	"one connection, one instant": func(sc *scene, n int) {
		for i := range n / 2 {
			sc.hop("", 0, 10, sp, "a", uint32(i+1), web+":4000", order+":80")
			s := sc.app("", 1, 9, span.KindServer, 2, 0, order)
			s.SpanID, s.Client = wideID(i+10), addrPort(web+":4000")
		}
	},
	"one passage": func(sc *scene, n int) {
		for i := range n {
			s := sc.hop("", 0, 10, []span.Point{sp, cp}[i%2], "a", uint32(i+1), web+":4000", order+":80")
			s.PodIP, s.Passage, s.XRequestID = addr(order), 5, "x"
		}
	},
	"calls while everything is open": func(sc *scene, n int) {
		in := sc.hop("", 0, 1000, sp, "a", 1, web+":4000", order+":80")
		in.Passage = 5
		carries(9, in)
		for i := range n / 2 {
			s := sc.app("", 0, 1000, span.KindInternal, 1, 9, order)
			s.SpanID = wideID(i + 10)
			c := sc.hop("", 5, 6, cp, "a", uint32(i+10), order+":5000", db+":3306")
			c.Passage = 5
			if i%2 == 0 {
				c.Passage = 0
				c.TraceID, c.SpanID = traceID(1), wideID(i+1e9)
			}
		}
	},
	"calls in deep nests": func(sc *scene, n int) {
		in := sc.hop("", 0, 1000, sp, "a", 1, web+":4000", order+":80")
		in.Passage = 5
		carries(9, in)
		for i := range n / 2 {
			s := sc.app("", 0, 1000, span.KindInternal, 1, 9, order)
			s.SpanID = wideID(i + 10)
			if i > 0 {
				s.ParentSpanID = wideID(i + 9)
			}
			sc.hop("", 5, 6, cp, "a", uint32(i+10), order+":5000", db+":3306").Passage = 5
		}
	},
	"orphans of one process": func(sc *scene, n int) {
		for i := range n {
			s := sc.app("", 0, 1000, span.KindInternal, 1, 9, order)
			s.SpanID, s.ParentSpanID = wideID(i+10), wideID(i+1e9)
		}
	},
	"a node for each span": func(sc *scene, n int) {
		for i := range n / 2 {
			sc.hop("", float64(i), float64(i+10), cp, "node"+wideID(i).String(), uint32(i+1), web+":4000", order+":80")
			sc.hop("", float64(i)+1, float64(i+9), sp, "node"+wideID(i+1).String(), uint32(i+1), web+":4000", order+":80")
		}
	},
}

func wideID(n int) (s span.SpanID) {
	s[0] = 0xcc
	for k := range 6 {
		s[7-k] = byte(n >> (8 * k))
	}
	return s
}

func TestHostileShapes(t *testing.T) {
	t.Parallel()
	for name, shape := range hostile {
		t.Run(strings.ReplaceAll(name, ",", ""), func(t *testing.T) {
			t.Parallel()
			sc := newScene(t)
			shape(sc, 20_000)
			tree := trace.Assemble(sc.spans, trace.Options{})
			requireWellFormed(t, tree, len(sc.spans))
			if p := trace.Print(tree, nil); len(p.Spans) != len(sc.spans) {
				t.Errorf("%d spans are printed, want %d", len(p.Spans), len(sc.spans))
			}
		})
	}
}

func BenchmarkHostile(b *testing.B) {
	for name, shape := range hostile {
		sc := newScene(nil)
		shape(sc, 100_000)
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				sink = trace.Assemble(sc.spans, trace.Options{})
			}
		})
	}
}
