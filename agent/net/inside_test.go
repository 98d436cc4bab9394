package net

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/throughline-io/throughline/agent/flow"
	"github.com/throughline-io/throughline/agent/ledger"
	"github.com/throughline-io/throughline/pkg/span"
)

// sealed is a record of TLS whose body is so long.
func sealed(n int) string {
	return fmt.Sprintf("\x17\x03\x03%c%c", n>>8, n&255) + strings.Repeat("?", n)
}

// insideOf is an interface that is told what passes there in TLS.
func insideOf(got *[]span.Span) *tap {
	at := interfaceOf(got)
	at.c.cfg.Flows = flow.NewTable(new(ledger.Ledger))
	return at
}

// published is what a process says of an exchange.
func published(request, response flow.Range) (*span.Span, flow.Range, flow.Range) {
	return &span.Span{
		ID: 7, Source: span.SYS, Point: span.PointServerProcess, PID: 9, Comm: "nginx", Passage: 3, Protocol: "HTTP", Type: "GET", Resource: "/a", Code: 200, Status: span.StatusOK,
		Client: address(podA, 40000), Server: address(podB, 8080), RequestSeq: request.From, ResponseSeq: response.From, ResponseSize: 500,
	}, request, response
}

func address(ip [4]byte, port uint16) netip.AddrPort {
	return netip.AddrPortFrom(netip.AddrFrom4(ip), port)
}

func (t *tap) tell() { t.c.tellInside(time.Now().Add(time.Hour), time.Now()) }

// A span has what was said from who read it, and its times, retransmissions and places from the packets that carried it.
func TestWhatPassesInTLSIsToldByWhoReadsIt(t *testing.T) {
	t.Parallel()
	var got []span.Span
	at := insideOf(&got)
	ask, answer := sealed(100), sealed(900)
	at.sees(990, true, 1, sealed(50)) // what was before
	at.sees(1000, true, 56, ask)
	at.sees(1010, false, 7000, answer[:400])
	at.sees(1015, false, 7000, answer[:400]) // sent again
	at.sees(1020, false, 7400, answer[400:])
	s, request, response := published(flow.Range{From: 56, To: 56 + 105}, flow.Range{From: 7000, To: 7000 + 905})
	client, server := s.Client, s.Server
	at.c.cfg.Flows.Publish(s, request, response)
	at.c.cfg.Flows.Publish(s, request, response) // by the other end
	at.tell()
	if len(got) != 1 {
		t.Fatalf("%d spans, want one", len(got))
	}
	g := got[0]
	if g.Source != span.NET || g.Point != span.PointClient || g.ID != 0 || g.PID != 0 || g.Comm != "" || g.Passage != 0 || !g.TLS || g.Resource != "/a" || g.Code != 200 || g.ResponseSize != 500 || g.RequestSeq != 56 || g.ResponseSeq != 7000 || g.Interface != "cali1" {
		t.Errorf("%+v", g)
	}
	if g.Start != 1000e6 || g.Duration != 20e6 || g.ResponseStart != 10e6 || g.RequestEnd != 0 || g.Retransmissions != 1 {
		t.Errorf("from %d for %d, answered after %d, %d sent again", g.Start, g.Duration, g.ResponseStart, g.Retransmissions)
	}
	if g.Client.Addr().Unmap() != client.Addr() || g.Server.Addr().Unmap() != server.Addr() {
		t.Errorf("%v asks %v", g.Client, g.Server)
	}
}

// Where an address is translated on the way the places tell what is whose; what was not seen here is counted.
func TestTranslatedAddressesAndUnseenPackets(t *testing.T) {
	t.Parallel()
	elsewhere := netip.MustParseAddrPort("10.96.0.1:443")
	for _, c := range []struct {
		what   string
		change func(*span.Span, *flow.Range)
		spans  int
	}{
		{"another server's address", func(s *span.Span, _ *flow.Range) { s.Server = elsewhere }, 1},
		{"another client's address", func(s *span.Span, _ *flow.Range) { s.Client = elsewhere }, 1},
		{"both", func(s *span.Span, _ *flow.Range) { s.Client, s.Server = elsewhere, elsewhere }, 0},
		{"a place that did not pass", func(_ *span.Span, r *flow.Range) { r.From += 5000 }, 0},
	} {
		var got []span.Span
		at := insideOf(&got)
		at.sees(1000, true, 56, sealed(100))
		at.sees(1010, false, 7000, sealed(900))
		s, request, response := published(flow.Range{From: 56}, flow.Range{From: 7000})
		c.change(s, &response)
		at.c.cfg.Flows.Publish(s, request, response)
		at.tell()
		if len(got) != c.spans || at.c.count.unseenInside.Load() != uint64(1-c.spans) {
			t.Errorf("%s: %d spans, %d unseen, want %d", c.what, len(got), at.c.count.unseenInside.Load(), c.spans)
		}
	}
}

// Of a long answer the beginning and the end are known when it ends, and what is kept stays small; also where the client says
// something all the while, as by HTTP/2.
func TestLongAnswersInTLS(t *testing.T) {
	t.Parallel()
	for _, chatty := range []bool{false, true} {
		var got []span.Span
		at := insideOf(&got)
		at.sees(1000, true, 56, sealed(100))
		const packets = 20_000
		answer := sealed(1000)
		for i := range packets {
			if at.sees(2000+int64(i), false, 7000+uint32(i*len(answer)), answer); chatty && i%2 == 0 {
				at.sees(2000+int64(i), true, 161+uint32(i/2*35), sealed(30))
			}
		}
		at.c.cfg.Flows.Publish(published(flow.Range{From: 56, To: 161}, flow.Range{From: 7000, To: 7000 + uint32(packets*len(answer))}))
		at.tell()
		if len(got) != 1 || got[0].ResponseStart != 1000e6 || got[0].Duration != (1000+packets-1)*1e6 {
			t.Fatalf("chatty %t: %+v", chatty, got)
		}
		for _, k := range at.conns {
			if n := k.insideBytes(); n > 3*stretchesKept*stretchBytes {
				t.Errorf("chatty %t: %d bytes are kept", chatty, n)
			}
		}
	}
}

// A connection that is over is not kept, nor its addresses; and one that begins anew has other places.
func TestConnectionsOfTLSAreForgotten(t *testing.T) {
	t.Parallel()
	var got []span.Span
	at := insideOf(&got)
	at.sees(1000, true, 56, sealed(100))
	at.sees(1010, false, 7000, sealed(900))
	if len(at.inTLS) != 2 {
		t.Errorf("%d ends are known, want both", len(at.inTLS))
	}
	at.says(1020, true, flagRST, 161)
	at.passes(2, 5)
	if len(at.conns) != 0 || len(at.inTLS) != 0 || at.bytes != 0 {
		t.Errorf("%d connections, %d ends, %d bytes are kept", len(at.conns), len(at.inTLS), at.bytes)
	}
}

// Packets in any order are found; what was never seen is not.
func TestTimelineOfPacketsInAnyOrder(t *testing.T) {
	t.Parallel()
	var l timeline
	const begin = 4_294_967_000 // the numbers begin anew on the way
	for i, n := range []uint32{0, 2, 1, 5, 4, 1} {
		l.add(stretch{seq: begin + n*100, end: begin + n*100 + 100, first: int64(i), last: int64(i)})
	}
	for n, want := range []int64{0, 2, 1, -1, 4, 3, -1} {
		s := l.find(begin + uint32(n)*100 + 99)
		if (s == nil) != (want < 0) || s != nil && (s.at(begin+uint32(n)*100+99) != want || s.resent != map[bool]uint16{true: 1}[n == 1]) {
			t.Errorf("packet %d: %+v, want it at %d", n, s, want)
		}
	}
}

func BenchmarkPacketOfTLS(b *testing.B) {
	var l timeline
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		l.add(stretch{seq: uint32(i) * 1000, end: uint32(i)*1000 + 1000, first: int64(i), last: int64(i)})
	}
}
