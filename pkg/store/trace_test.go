package store

import (
	"math"
	"net/netip"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/throughline-io/throughline/pkg/span"
)

const start = int64(1_800_000_000_000_000_000)

func traceID(n byte) (t span.TraceID) { t[0], t[15] = n, 0xee; return t }
func spanID(n byte) (s span.SpanID)   { s[0], s[7] = n, 0xdd; return s }

// everything is a span with a value in every field.
func everything() *span.Span {
	return &span.Span{
		ID: span.NewID(start, 1), Source: span.SYS, Point: span.PointServerProcess, Kind: span.KindServer,
		TraceID: traceID(1), SpanID: spanID(1), ParentSpanID: spanID(9), TraceState: "a=b",
		Start: start, Duration: math.MaxUint64, ResponseStart: 7, RequestEnd: 16,
		Agent: "agent0", Node: "node0", PodIP: netip.MustParseAddr("10.1.2.3"), Service: "shop",
		Protocol: "HTTP", Version: "1.1", Type: "GET", Domain: "shop.example", Resource: "/a?b=ü\x00'\"\\\n\n;", Endpoint: "/a", RequestID: "r", XRequestID: "x", XResponseID: "y",
		Status: span.StatusServerError, Code: -500, StatusMessage: "broken", RequestSize: 1, ResponseSize: 2,
		Client: netip.MustParseAddrPort("10.1.2.4:1234"), Server: netip.MustParseAddrPort("[2001:db8::1]:80"),
		Transport: 6, RequestSeq: math.MaxUint32, ResponseSeq: 3, Flow: 4, Retransmissions: 17, Tunnel: "ipip", Interface: "eth0", InterfaceType: "nic", TLS: true,
		PID: 5, TID: 6, Comm: "shop", Goroutine: 7, Passage: 8, PassageRule: span.RuleSoleInput, SyscallReq: 9, SyscallResp: 10, CaptureSeq: 11,
		Entity: 12, ClientEntity: 13, ServerEntity: 14, OTelResource: 15, ScopeName: "lib", ScopeVersion: "v1", Rest: `{"flags":257}`,
		Attributes: []span.Attribute{
			{Key: "z", Value: "last first", Type: span.AttributeString}, {Key: "n", Value: "1", Type: span.AttributeInt},
			{Key: "z", Value: "a key twice", Type: span.AttributeString}, {Key: "", Value: "", Type: span.AttributeJSON},
		},
		Events: `[{"name":"e"}]`, Links: `[{"span_id":"00"}]`,
	}
}

func batch(spans ...*span.Span) *span.Batch {
	b := &span.Batch{}
	for _, s := range spans {
		b.Append(s)
	}
	return b
}

func insert(t testing.TB, s *Store, b *span.Batch) {
	t.Helper()
	if err := s.Insert(t.Context(), b); err != nil {
		t.Fatal(err)
	}
}

func trace(t testing.TB, s *Store, id string) *TraceData {
	t.Helper()
	d, err := s.Trace(t.Context(), TraceQuery{ID: id})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

var spanEqual = cmp.Comparer(func(a, b netip.Addr) bool { return a == b })
var addrEqual = cmp.Comparer(func(a, b netip.AddrPort) bool { return a == b })

func TestEveryColumnComesBackAsItWas(t *testing.T) {
	t.Parallel()
	s := open(t)
	full, empty := everything(), &span.Span{ID: 1, Source: span.NET, TraceID: traceID(1), Start: start}
	insert(t, s, batch(full, empty, empty))
	d := trace(t, s, full.TraceID.String())
	slices.SortFunc(d.Spans, func(a, b *span.Span) int { return int(b.Source) - int(a.Source) })
	if diff := cmp.Diff([]*span.Span{empty, full}, d.Spans, spanEqual, addrEqual); diff != "" {
		t.Error("stored and read differ (-want +got):\n" + diff)
	}
	if d.Statements < 2 || d.Truncated != "" {
		t.Errorf("%d statements, truncated %q", d.Statements, d.Truncated)
	}
}

// The range of a dashboard says where to look first, not what of the trace is shown.
func TestATraceThatReachesBeyondTheRangeIsWhole(t *testing.T) {
	t.Parallel()
	s := open(t)
	first, second := app(1, traceID(7), 1), app(2, traceID(7), 2)
	second.Start = start + 5*60*minute
	second.ID = span.NewID(second.Start, 2)
	insert(t, s, batch(first, second))
	for _, id := range []string{traceID(7).String(), spanID(1).String(), span.FormatID(first.ID)} {
		d, err := s.Trace(t.Context(), TraceQuery{ID: id, From: start - minute, To: start + minute})
		if err != nil || len(d.Spans) != 2 || d.Truncated != "" {
			t.Errorf("by %s: %+v, %v; want both spans", id, d, err)
		}
	}
}
