package trace_test

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/trace"
	"github.com/throughline-io/throughline/pkg/trace/tracetest"
)

// The demo makes one thing slow; the sentence names it.
func TestSentenceNamesWhatIsSlow(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		slow  string
		layer string
		says  []string
	}{
		{"code", "code", []string{"181 ms of 18", "code of svc-item, in 3 spans, most in "}},
		{"pool", "code", []string{"36", "code of web-shop before its request left: waiting for a connection, in 4 spans, most in "}},
		{"network", "network", []string{"203 ms of 20", "network, wire node0 → node2 (IPIP), POST /orders, 1 retransmission"}},
		{"database", "code", []string{"200 ms of 20", "code of db-demo (no code spans)", "COMMIT"}},
	} {
		t.Run(c.slow, func(t *testing.T) {
			t.Parallel()
			for seed := range uint64(20) {
				shop := tracetest.NewShop(seed)
				shop.Break = c.slow
				tree := assemble(shop.Trace(tracetest.Epoch))
				requireSums(t, tree)
				b := trace.Where(tree, 0, 0, -1)
				if b.Parts[0].Kind != c.layer {
					t.Errorf("kind is %s, want %s", b.Parts[0].Kind, c.layer)
				}
				for _, w := range c.says {
					if !strings.Contains(b.Sentence, w) {
						t.Errorf("%q does not say %q", b.Sentence, w)
					}
				}
			}
		})
	}
}

func TestRangesAndSubtreesAddUp(t *testing.T) {
	t.Parallel()
	tree := assemble(tracetest.WebShop(2))
	whole := trace.Where(tree, 0, 0, -1)
	const cuts = 17
	var sum trace.Layers
	at := whole.From
	for k := range int64(cuts) {
		to := whole.From + whole.Duration*(k+1)/cuts
		b := trace.Where(tree, at, to, -1)
		if b.Layers.Total() != to-at {
			t.Errorf("range of %d: layers add up to %d", to-at, b.Layers.Total())
		}
		sum.Code += b.Layers.Code
		sum.Kernel += b.Layers.Kernel
		sum.Network += b.Layers.Network
		sum.NotSeen += b.Layers.NotSeen
		sum.Waiting += b.Layers.Waiting
		at = to
	}
	if sum != whole.Layers {
		t.Errorf("ranges add up to %+v, the whole is %+v", sum, whole.Layers)
	}
	for i, s := range tree.Spans {
		if b := trace.Where(tree, 0, 0, int32(i)); b.Duration != int64(s.Duration) || b.Layers.Total() != b.Duration || b.Span != span.FormatID(s.ID) {
			t.Errorf("subtree of %s: %d of %d", describe(s), b.Layers.Total(), s.Duration)
		}
	}
	if b := trace.Where(tree, whole.To+1, whole.To+2, -1); b.Duration != 0 || b.Sentence != "no time passed" {
		t.Errorf("beyond the end: %+v", b)
	}
}

// Each slice by who is on both sides of it.
func TestLayers(t *testing.T) {
	t.Parallel()
	sc := newScene(t)
	sc.app("call", 0, 100, span.KindClient, 1, 0, web)
	spans := []*span.Span{
		sc.hop("c-p", 10, 95, cp, "a", 100, web+":4000", order+":80"),
		sc.hop("c", 11, 93, c, "a", 100, web+":4000", order+":80"),
		sc.hop("c-nd", 13, 90, cn, "a", 100, web+":4000", order+":80"),
		sc.hop("s-nd", 20, 80, sn, "b", 100, web+":4000", order+":80"),
		sc.hop("s", 22, 77, s_, "b", 100, web+":4000", order+":80"),
		sc.hop("s-p", 26, 72, sp, "b", 100, web+":4000", order+":80"),
	}
	carries(1, spans...)
	spans[3].Tunnel = "vxlan"
	for _, s := range spans {
		s.Service = map[span.Point]string{cp: "web", sp: "order"}[s.Point]
	}
	sc.app("handler", 30, 70, span.KindServer, 2, 1, order)
	tree := trace.Assemble(sc.spans, trace.Options{})
	var got []string
	for _, cut := range []int64{0, 10, 11, 13, 20, 22, 26, 30, 70, 72, 77, 80, 90, 93, 95} {
		b := trace.Where(tree, epoch+cut*1e6, epoch+cut*1e6+1e6, -1)
		p := b.Parts[0]
		got = append(got, p.Who+" | "+p.Kind+" | "+strings.TrimSuffix(p.Text, ", "+p.Items[0].Name))
	}
	want := []string{
		"svc-10.0.0.1 | code | code of svc-10.0.0.1 before its request left: waiting for a connection",
		"web | kernel | kernel send path of web",
		"web | network | network, inside a",
		"web | network | network, wire a → b (VXLAN)",
		"web | network | network, inside b",
		"order | kernel | request waited for read() in order",
		"order | code | code of order outside its code spans",
		"svc-10.0.0.2 | code | code of svc-10.0.0.2",
		"order | code | code of order outside its code spans",
		"order | kernel | kernel send path of order",
		"web | network | network, inside b",
		"web | network | network, wire b → a (VXLAN)",
		"web | network | network, inside a",
		"web | kernel | answer waited for read() in web",
		"svc-10.0.0.1 | code | code of svc-10.0.0.1",
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("slice %d: %s, want %s", i, got[i], want[i])
		}
	}
}

func TestMissingHopsAreNotSeen(t *testing.T) {
	t.Parallel()
	spans := tracetest.WebShop(1)
	for _, c := range []struct {
		name  string
		spans []*span.Span
		says  string
	}{
		{"no NET", without(spans, span.NET), "4 hops"},
		{"APP only", without(without(spans, span.NET), span.SYS), "6 hops between web-shop and svc-"},
		{"no SYS", without(spans, span.SYS), "1 hop"},
		{"an uninstrumented callee without agent", spans[:4], "nothing beyond s-nd on node0"},
	} {
		tree := trace.Assemble(c.spans, trace.Options{Entities: tracetest.Entity, Watched: everything})
		b := trace.Where(tree, 0, 0, -1)
		found := false
		for _, p := range b.Parts {
			if p.Kind == "not seen" && strings.Contains(p.Text, c.says) {
				found = true
			}
			if p.Kind == "network" && c.name == "no NET" || p.Kind == "kernel" && c.name != "an uninstrumented callee without agent" {
				t.Errorf("%s: time is blamed on %s: %s", c.name, p.Kind, p.Text)
			}
		}
		if !found {
			t.Errorf("%s: nothing says %q in %+v", c.name, c.says, b.Parts)
		}
	}
}

// everything is watched.
func everything(netip.Addr, string, int64) (sys, net bool) { return true, true }

// The last of parallel children to finish is what the parent waited for.
func TestParallelChildren(t *testing.T) {
	t.Parallel()
	sc := newScene(t)
	sc.app("all", 0, 100, span.KindServer, 1, 0, web)
	sc.app("short", 10, 50, span.KindInternal, 2, 1, web)
	sc.app("long", 10, 90, span.KindInternal, 3, 1, web)
	sc.app("early", 5, 30, span.KindInternal, 4, 1, web)
	sc.app("empty", 95, 95, span.KindInternal, 5, 1, web)
	sc.app("outlives its parent", 80, 150, span.KindInternal, 6, 3, web)
	tree := trace.Assemble(sc.spans, trace.Options{})
	requireSums(t, tree)
	held := map[string]int64{}
	for at := int64(0); at < 100; at++ {
		b := trace.Where(tree, epoch+at*1e6, epoch+at*1e6+1e6, -1)
		held[b.Parts[0].Items[0].Name] += b.Duration / 1e6
	}
	want := map[string]int64{"all": 5 + 10, "early": 5, "long": 80} // nobody waited for what outlived all of them
	for name, ms := range want {
		if held[name] != ms {
			t.Errorf("%s holds %d ms, want %d (%v)", name, held[name], ms, held)
		}
	}
}

func TestSelf(t *testing.T) {
	t.Parallel()
	sc := newScene(t)
	sc.app("parent", 0, 100, span.KindServer, 1, 0, web)
	sc.app("empty, first", 0, 0, span.KindInternal, 2, 1, web)
	sc.app("one", 10, 50, span.KindInternal, 3, 1, web)
	sc.app("two, in one", 20, 40, span.KindInternal, 4, 1, web)
	sc.app("three, beyond one", 40, 60, span.KindInternal, 5, 1, web)
	sc.app("outlives", 90, 190, span.KindInternal, 6, 1, web)
	tree := trace.Assemble(sc.spans, trace.Options{})
	self := trace.Self(tree)
	if got := self[0] / 1e6; got != 10+40 { // what outlives it runs beside it
		t.Errorf("self of the parent is %d ms", got)
	}
}

func TestNothingToAssemble(t *testing.T) {
	t.Parallel()
	for _, spans := range [][]*span.Span{nil, {nil, nil}} {
		tree := trace.Assemble(spans, trace.Options{})
		p := trace.Print(tree, nil)
		if len(tree.Spans) != 0 || len(p.Spans) != 0 || p.Where.Sentence != "no spans" {
			t.Errorf("%+v", p)
		}
	}
}
