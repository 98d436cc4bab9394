package server

import (
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/trace"
	"github.com/throughline-io/throughline/pkg/wire"
)

// call is one service's call of another, as OpenTelemetry alone tells it.
func call(id byte, caller, callee string) []*span.Span {
	at := time.Now().Add(-time.Second).UnixNano()
	one := func(n byte, kind span.Kind, service, pod string, start, end int64) *span.Span {
		s := &span.Span{
			Source: span.APP, Point: span.PointApp, Kind: kind, TraceID: span.TraceID{15: id, 14: 0xca}, SpanID: span.SpanID{7: n, 6: id},
			Start: at + start, Duration: uint64(end - start), Node: "far-1", Service: service, PodIP: netip.MustParseAddr(pod), Endpoint: "GET /",
		}
		s.ID = span.NewID(s.Start, uint64(id)<<8+uint64(n))
		return s
	}
	client, server := one(1, span.KindClient, "caller", caller, 0, 10e6), one(2, span.KindServer, "callee", callee, 2e6, 8e6)
	server.ParentSpanID = client.SpanID
	return []*span.Span{client, server}
}

// Hops between two spans of code are missing where an agent looked at the pods, and nowhere
// else: OpenTelemetry alone makes whole traces.
func TestHopsAreMissedOnlyWhereAnAgentLooked(t *testing.T) {
	t.Parallel()
	r := server(t)
	alone, half, watched := call(1, "10.77.0.1", "10.77.0.2"), call(2, "10.77.1.1", "10.77.1.2"), call(3, "10.77.2.1", "10.77.2.2")
	for _, spans := range [][]*span.Span{alone, half, watched} {
		r.push(t, spans)
	}
	var both []byte
	for _, a := range []string{"10.77.1.1", "10.77.2.1", "10.77.2.2"} {
		ip := netip.MustParseAddr(a).As16()
		both = append(both, ip[:]...)
	}
	report := &wire.ReportRequest{Agent: "agent-far-1", Node: "far-1", Boot: 1, Started: 1, Now: time.Now().UnixNano(), Watched: []*wire.Watched{
		{Source: "SYS", Since: time.Now().Add(-time.Hour).UnixNano(), Addresses: both}, {Source: "NET", Since: time.Now().Add(-time.Hour).UnixNano(), Addresses: both},
	}}
	if _, err := r.client.Report(t.Context(), report); err != nil {
		t.Fatal(err)
	}
	for stored := false; !stored; {
		status, body, err := r.get("/clickhouse/", map[string]string{"query": "SELECT uniqExact(address, source) FROM throughline.watched WHERE node = 'far-1'"}, "Authorization", "Bearer "+r.token)
		if err != nil || status != http.StatusOK {
			t.Fatalf("%d %s %v", status, body, err)
		}
		stored = strings.TrimSpace(string(body)) == "6"
	}
	for what, c := range map[string]struct {
		spans []*span.Span
		want  int
	}{"nobody looked": {alone, 0}, "at the caller": {half, 2}, "at both": {watched, 4}} {
		var p trace.Printed
		r.ask(t, "/api/v1/traces/"+traceIDOf(c.spans), nil, &p)
		if len(p.Spans) != 2 || p.Spans[1].Missing != c.want {
			t.Errorf("%s: %d hops are missing of %d spans, want %d", what, p.Spans[1].Missing, len(p.Spans), c.want)
		}
	}
}
