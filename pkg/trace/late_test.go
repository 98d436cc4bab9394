package trace_test

import (
	"strings"
	"testing"

	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/trace"
)

// upload is a request in two packets, header and body, whose server's code begins to read
// the body at once.
func upload(t *testing.T) (sc *scene, hops map[span.Point]*span.Span) {
	sc = newScene(t)
	sc.app("call", 0, 500, span.KindClient, 1, 0, web)
	hops = map[span.Point]*span.Span{}
	for _, h := range []struct {
		point    span.Point
		name     string
		from, to float64
		node     string
	}{{cp, "c-p", 1, 499, "a"}, {c, "c", 2, 498, "a"}, {cn, "c-nd", 3, 497, "a"}, {sn, "s-nd", 6, 494, "b"}, {s_, "s", 7, 493, "b"}, {sp, "s-p", 8, 492, "b"}} {
		s := sc.hop(h.name, h.from, h.to, h.point, h.node, 100, web+":4000", order+":80")
		s.RequestEnd = 1e6 // the body follows the header after 1 ms
		hops[h.point] = s
		carries(1, s)
	}
	sc.app("handler", 9, 491, span.KindServer, 2, 1, order)
	sc.app("parse", 10, 480, span.KindInternal, 3, 2, order)
	return sc, hops
}

// arrives lets the whole request be there at ms.
func arrives(ms float64, spans ...*span.Span) {
	for _, s := range spans {
		s.RequestEnd = uint64(epoch + int64(ms*1e6) - s.Start)
	}
}

// Code that waits for the rest of a request whose packet was lost waits for the network.
func TestLostBodyIsTheNetworks(t *testing.T) {
	t.Parallel()
	sc, hops := upload(t)
	hops[c].Retransmissions, hops[cn].Retransmissions = 2, 2
	arrives(415, hops[sn], hops[s_], hops[sp])
	tree := trace.Assemble(sc.spans, trace.Options{})
	b := trace.Where(tree, 0, 0, -1)
	if want := "411 ms of 500 ms: network, wire a → b, GET /x, 2 retransmissions"; b.Sentence != want {
		t.Errorf("%q, want %q", b.Sentence, want)
	}
	if b.Layers.Total() != b.Duration {
		t.Errorf("the layers add up to %d of %d", b.Layers.Total(), b.Duration)
	}
	late := tree.LateRequests()
	if len(late) != 2 || late[1].To-late[1].From != 411e6 || len(late[1].Spans) != 6 {
		t.Errorf("%+v, want 1 ms inside a, and 411 ms on the wire that 4 points and 2 code spans wait for", late)
	}
	if in := trace.Where(tree, 0, 0, int32(len(tree.Spans)-1)); in.Layers.Network != 405e6 || in.Layers.Total() != in.Duration {
		t.Errorf("of the reading code's own 470 ms: %+v", in.Layers)
	}
}

// So does a read() behind a hole in the stream: the body came first, and the header again.
func TestLostHeaderIsTheNetworks(t *testing.T) {
	t.Parallel()
	sc, hops := upload(t)
	hops[cn].Retransmissions = 1
	arrives(215, hops[sn], hops[s_])
	process := hops[sp]
	process.Start, process.Duration, process.ResponseStart, process.RequestEnd = epoch+216e6, 276e6, 276e6, 0
	sc.spans[7].Start, sc.spans[7].Duration = epoch+217e6, 270e6
	sc.spans[8].Start, sc.spans[8].Duration = epoch+218e6, 1e6
	b := trace.Where(trace.Assemble(sc.spans, trace.Options{}), 0, 0, -1)
	found := false
	for _, p := range b.Parts {
		if strings.HasPrefix(p.Text, "network, wire a → b") {
			found = p.Time == 212e6 && p.Retransmissions == 1
		}
		if strings.Contains(p.Text, "request waited") && p.Time != 1e6 {
			t.Errorf("read() is blamed for %d", p.Time)
		}
	}
	if !found {
		t.Errorf("the wire's 212 ms are not in %+v", b.Parts)
	}
}

// A client that sends its request slowly is no loss, and what nobody saw again proves none.
func TestSlowSenderIsNoLoss(t *testing.T) {
	t.Parallel()
	sc, hops := upload(t)
	arrives(415, hops[cp], hops[c], hops[cn], hops[sn], hops[s_], hops[sp])
	sc.want(`
		call
		  c-p
		    c
		      c-nd
		        s-nd
		          s
		            s-p
		              handler
		                parse`)
	f := func(name, says string) {
		t.Helper()
		tree := trace.Assemble(sc.spans, trace.Options{})
		if b := trace.Where(tree, 0, 0, -1); !strings.Contains(b.Sentence, says) {
			t.Errorf("%s: %q does not say %q", name, b.Sentence, says)
		}
	}
	f("the client is slow", "482 ms of 500 ms: code of svc-10.0.0.2, parse")
	hops[c].Retransmissions = 1
	f("something else was sent again", "482 ms of 500 ms: code of svc-10.0.0.2, parse")
	hops[c].Retransmissions = 0
	arrives(4, hops[cp], hops[c], hops[cn])
	f("nobody saw a packet again", "482 ms of 500 ms: code of svc-10.0.0.2, parse")
}
