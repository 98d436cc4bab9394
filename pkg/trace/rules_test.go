package trace_test

import (
	"strings"
	"testing"

	"github.com/throughline-io/throughline/pkg/span"
)

// Pods of the scenes.
const (
	web   = "10.0.0.1"
	order = "10.0.0.2"
	db    = "10.0.0.3"
	proxy = "10.0.0.9"
)

const (
	cp = span.PointClientProcess
	c  = span.PointClient
	cn = span.PointClientNode
	gw = span.PointGateway
	sn = span.PointServerNode
	s_ = span.PointServer
	sp = span.PointServerProcess
)

// Rule 1.

func TestAddressTranslationKeepsTheChain(t *testing.T) {
	t.Parallel()
	sc := newScene(t)
	sc.hop("c-p", 0, 10, cp, "a", 100, web+":4000", "10.96.0.1:80")
	sc.hop("c", 1, 9, c, "a", 100, web+":4000", "10.96.0.1:80")
	sc.hop("s", 2, 8, s_, "b", 100, "10.1.1.1:61000", order+":8080")
	sc.hop("s-p", 3, 7, sp, "b", 100, "10.1.1.1:61000", order+":8080")
	sc.want(`
		c-p
		  c
		    s
		      s-p
	`)
}

func TestHopsBetweenNodesGoFromTheCallersNodeToTheCallees(t *testing.T) {
	t.Parallel()
	sc := newScene(t)
	sc.hop("c-nd", 0, 10, cn, "a", 100, web+":4000", order+":80")
	// Clocks are wrong by seconds; only the callers' and callees' sides are known.
	sc.hop("gateway of b", -9000, -8990, gw, "b", 100, web+":4000", order+":80")
	sc.hop("gateway of x", 5000, 5010, gw, "x", 100, web+":4000", order+":80")
	sc.hop("gateway of a", 9000, 9010, gw, "a", 100, web+":4000", order+":80")
	sc.hop("s-nd", -700, -690, sn, "b", 100, web+":4000", order+":80")
	sc.want(`
		c-nd
		  gateway of a
		    gateway of x
		      gateway of b
		        s-nd
	`)
}

func TestSequenceCollisions(t *testing.T) {
	t.Parallel()
	t.Run("other resource", func(t *testing.T) {
		t.Parallel()
		sc := newScene(t)
		sc.hop("c-p", 0, 10, cp, "a", 100, web+":4000", order+":80")
		sc.hop("c", 1, 9, c, "a", 100, web+":4000", order+":80")
		sc.hop("other c", 1.5, 8, c, "a", 100, web+":4000", order+":80").Resource = "/y"
		sc.hop("other s", 2, 7, s_, "a", 100, web+":4000", order+":80").Resource = "/y"
		sc.want(`
			c-p
			  c
			other c
			  other s
		`)
	})
	t.Run("other addresses", func(t *testing.T) {
		t.Parallel()
		sc := newScene(t)
		sc.hop("c", 1, 9, c, "a", 100, web+":4000", order+":80")
		sc.hop("other c", 1.5, 8, c, "a", 100, db+":4000", order+":80")
		// By time alone this one would be the other's.
		sc.hop("s", 1.6, 8, s_, "b", 100, web+":4000", order+":80")
		sc.want(`
			c
			  s
			other c
		`)
	})
	t.Run("an hour later", func(t *testing.T) {
		t.Parallel()
		sc := newScene(t)
		sc.hop("c", 0, 10, c, "a", 100, web+":4000", order+":80")
		sc.hop("s", 1, 8, s_, "b", 100, web+":4000", order+":80")
		sc.hop("later c", 3_600_000, 3_600_009, c, "a", 100, web+":4000", order+":80")
		sc.hop("later s", 3_600_001, 3_600_008, s_, "b", 100, web+":4000", order+":80")
		sc.want(`
			c
			  s
			later c
			  later s
		`)
	})
	t.Run("text captured to different lengths", func(t *testing.T) {
		t.Parallel()
		sc := newScene(t)
		long := "/" + strings.Repeat("x", 400)
		sc.hop("c-p", 0, 10, cp, "a", 100, web+":4000", order+":80").Resource = long
		sc.hop("c", 1, 9, c, "a", 100, web+":4000", order+":80").Resource = long[:200]
		sc.hop("s", 2, 8, s_, "b", 100, web+":4000", order+":80").Resource = ""
		sc.want(`
			c-p
			  c
			    s
		`)
	})
}

func TestUnansweredRequest(t *testing.T) {
	t.Parallel()
	sc := newScene(t)
	for i, p := range []span.Point{cp, c, s_, sp} {
		h := sc.hop(p.String(), float64(i), 5000, p, "a", 100, web+":4000", order+":80")
		if p != sp { // the callee did answer, too late
			h.ResponseSeq, h.ResponseStart = 0, 0
		}
	}
	lone := sc.hop("other connection", 5, 10, c, "a", 100, web+":4001", order+":80")
	lone.ResponseSeq, lone.ResponseStart = 0, 0
	sc.want(`
		c-p
		  c
		    s
		      s-p
		other connection
	`)
}

// Rule 2.

func proxied(t *testing.T) (sc *scene, in, out *span.Span) {
	sc = newScene(t)
	sc.app("call", 0, 100, span.KindClient, 1, 0, web)
	a := sc.hop("c-p to proxy", 1, 99, cp, "a", 100, web+":4000", proxy+":80")
	in = sc.hop("s-p of proxy", 2, 98, sp, "a", 100, web+":4000", proxy+":80")
	out = sc.hop("c-p of proxy", 3, 97, cp, "a", 200, proxy+":5000", order+":80")
	b := sc.hop("s-p behind", 4, 96, sp, "a", 200, proxy+":5000", order+":80")
	sc.app("handler", 5, 90, span.KindServer, 2, 1, order)
	carries(1, a, in, out, b)
	return sc, in, out
}

const proxiedTree = `
		call
		  c-p to proxy
		    s-p of proxy
		      c-p of proxy (%)
		        s-p behind
		          handler
`

func TestProxy(t *testing.T) {
	t.Parallel()
	t.Run("passage", func(t *testing.T) {
		t.Parallel()
		sc, in, out := proxied(t)
		in.Passage, out.Passage = 77, 77
		sc.want(strings.Replace(proxiedTree, "%", "causal", 1))
	})
	t.Run("X-Request-ID", func(t *testing.T) {
		t.Parallel()
		sc, in, out := proxied(t)
		in.XRequestID, out.XRequestID = "r1", "r1"
		sc.want(strings.Replace(proxiedTree, "%", "causal", 1))
	})
	t.Run("time", func(t *testing.T) {
		t.Parallel()
		sc, _, _ := proxied(t)
		sc.want(strings.Replace(proxiedTree, "%", "inferred", 1))
	})
	t.Run("sidecar in the caller's pod", func(t *testing.T) {
		t.Parallel()
		sc := newScene(t)
		sc.app("call", 0, 100, span.KindClient, 1, 0, web)
		spans := []*span.Span{
			sc.hop("c-p", 1, 99, cp, "a", 100, web+":4000", web+":15001"),
			sc.hop("s-p of sidecar", 2, 98, sp, "a", 100, web+":4000", web+":15001"),
			sc.hop("c-p of sidecar", 3, 97, cp, "a", 200, web+":5000", order+":80"),
			sc.hop("s-p", 4, 96, sp, "b", 200, web+":5000", order+":80"),
		}
		carries(1, spans...)
		spans[0].PID, spans[1].PID, spans[2].PID = 10, 11, 11
		sc.app("handler", 5, 90, span.KindServer, 2, 1, order)
		sc.want(`
			call
			  c-p
			    s-p of sidecar
			      c-p of sidecar (inferred)
			        s-p
			          handler
		`)
	})
	t.Run("its s-p is missing", func(t *testing.T) {
		t.Parallel()
		sc, in, _ := proxied(t)
		in.Source, in.Point, in.PodIP = span.NET, s_, addr("")
		sc.want(strings.Replace(proxiedTree, "%", "inferred", 1))
	})
}

func TestRetriesHangSideBySide(t *testing.T) {
	t.Parallel()
	sc := newScene(t)
	sc.app("call", 0, 100, span.KindClient, 1, 0, web)
	first := sc.hop("first c-p", 1, 40, cp, "a", 100, web+":4000", order+":80")
	second := sc.hop("second c-p", 50, 99, cp, "a", 200, web+":4001", order+":80")
	one := sc.hop("first s-p", 2, 39, sp, "b", 100, web+":4000", order+":80")
	two := sc.hop("second s-p", 51, 98, sp, "b", 200, web+":4001", order+":80")
	carries(1, first, second, one, two)
	sc.app("first handler", 3, 38, span.KindServer, 2, 1, order).Client = addrPort(web + ":4000")
	sc.app("second handler", 52, 97, span.KindServer, 3, 1, order)
	sc.want(`
		call
		  first c-p
		    first s-p
		      first handler
		  second c-p
		    second s-p
		      second handler
	`)
}

// Rules 3 and 6.

func TestCallUnderASpanThatHasChildren(t *testing.T) {
	t.Parallel()
	sc := newScene(t)
	sc.app("call", 0, 100, span.KindClient, 1, 0, web)
	sc.app("connect", 1, 5, span.KindInternal, 2, 1, web)
	carries(1, sc.hop("c-p", 6, 99, cp, "a", 100, web+":4000", order+":80"))
	sc.app("handler", 8, 90, span.KindServer, 3, 1, order)
	sc.want(`
		call
		  connect
		  c-p
		    handler
	`)
}

func TestConsumerIsNotTheBrokers(t *testing.T) {
	t.Parallel()
	sc := newScene(t)
	sc.app("send", 0, 10, span.KindProducer, 1, 0, web)
	carries(1,
		sc.hop("c-p", 1, 9, cp, "a", 100, web+":4000", proxy+":9092"),
		sc.hop("s-p of broker", 2, 8, sp, "b", 100, web+":4000", proxy+":9092"))
	sc.app("process", 500, 900, span.KindConsumer, 2, 1, order)
	sc.want(`
		send
		  c-p
		    s-p of broker
		  process
	`)
}

func TestOneIDInTwoTraces(t *testing.T) {
	t.Parallel()
	sc := newScene(t)
	sc.app("call", 0, 10, span.KindClient, 1, 0, web)
	other := sc.app("call of the other", 0, 9, span.KindClient, 1, 0, web)
	other.TraceID = traceID(2)
	carries(1, sc.hop("c-p", 1, 8, cp, "a", 100, web+":4000", order+":80"))
	sc.want(`
		call
		  c-p
		call of the other
	`)
}

// Rule 4.

func TestServerRootStartsBetweenReadAndWrite(t *testing.T) {
	t.Parallel()
	sc := newScene(t)
	// One connection; the first handler goes on after its answer, and the next request
	// is read meanwhile.
	first := sc.hop("first s-p", 0, 10, sp, "a", 100, web+":4000", order+":80")
	first.ResponseStart = 3_000_000
	sc.hop("second s-p", 12, 20, sp, "a", 200, web+":4000", order+":80")
	sc.hop("of another client", 0, 20, sp, "a", 300, web+":4001", order+":80")
	one := sc.app("first handler", 1, 15, span.KindServer, 1, 0, order)
	two := sc.app("second handler", 13, 19, span.KindServer, 2, 0, order)
	late := sc.app("late", 5, 9, span.KindServer, 3, 0, order)
	for _, s := range []*span.Span{one, two, late} {
		s.Client = addrPort("[::ffff:" + web + "]:4000")
	}
	sc.want(`
		of another client
		first s-p
		  first handler
		late
		second s-p
		  second handler
	`)
}

func TestTraceContextCutOffByTheCapture(t *testing.T) {
	t.Parallel()
	sc := newScene(t)
	sc.app("call", 0, 100, span.KindClient, 1, 0, web)
	sc.hop("c-p", 1, 99, cp, "a", 100, web+":4000", order+":80")
	sc.hop("s-p", 2, 98, sp, "b", 100, web+":4000", order+":80")
	sc.app("handler", 3, 97, span.KindServer, 2, 1, order).Client = addrPort(web + ":4000")
	sc.want(`
		call
		  c-p
		    s-p
		      handler
	`)
}

func TestServerRootOnAConnectionWithStreams(t *testing.T) {
	t.Parallel()
	sc := newScene(t)
	sc.hop("s-p", 0, 10, sp, "a", 100, web+":4000", order+":80").Version = "2"
	sc.app("handler", 1, 9, span.KindServer, 1, 0, order).Client = addrPort(web + ":4000")
	sc.want(`
		s-p
		  handler (inferred)
	`)
	sc.hop("s-p of another stream", 0.5, 9, sp, "a", 200, web+":4000", order+":80").Version = "2"
	sc.want(`
		s-p
		s-p of another stream
		handler
	`)
}

// Rule 5.

func TestCycles(t *testing.T) {
	t.Parallel()
	sc := newScene(t)
	sc.app("a", 0, 10, span.KindInternal, 1, 3, web)
	sc.app("b", 1, 9, span.KindInternal, 2, 1, web)
	sc.app("c", 2, 8, span.KindInternal, 3, 2, web)
	sc.app("own parent", 3, 4, span.KindInternal, 4, 4, web)
	sc.app("below", 3.1, 3.9, span.KindInternal, 5, 4, web)
	tree := sc.want(`
		a
		  b
		    c
		own parent
		  below
	`)
	if tree.Cycles != 2 {
		t.Errorf("%d cycles", tree.Cycles)
	}
}

// A loop of a session and its own handler's id, as only broken ids make it.
func TestCycleThroughASession(t *testing.T) {
	t.Parallel()
	sc := newScene(t)
	in := sc.hop("s-p", 5, 50, sp, "b", 100, web+":4000", order+":80")
	carries(1, in)
	sc.app("handler", 6, 49, span.KindServer, 1, 1, order)
	if tree := sc.want(`
		s-p
		  handler
	`); tree.Cycles != 1 {
		t.Errorf("%d cycles", tree.Cycles)
	}
}
