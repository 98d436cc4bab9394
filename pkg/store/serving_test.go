package store

import (
	"errors"
	"net/netip"
	"testing"

	"github.com/throughline-io/throughline/pkg/span"
)

func TestRequestsThatWereBeingServed(t *testing.T) {
	t.Parallel()
	s := open(t)
	client := netip.MustParseAddrPort("10.0.0.1:1000")
	served := func(n uint64, at int64, entity uint64, trace span.TraceID) *span.Span {
		return &span.Span{ID: span.NewID(at, n), Source: span.SYS, Point: span.PointServerProcess, TraceID: trace, Start: at, Duration: 1000, RequestSeq: uint32(n), ResponseSeq: uint32(n) + 1, Entity: entity, Client: client, PID: 7}
	}
	other := served(3, start, 5, span.TraceID{})
	other.Client = netip.MustParseAddrPort("10.0.0.1:1001")
	insert(t, s, batch(
		served(1, start, 4, span.TraceID{}), served(2, start-2*minute, 4, span.TraceID{}), other,
		served(4, start, 4, traceID(9)), // it names its caller
		&span.Span{ID: span.NewID(start, 5), Source: span.NET, Point: span.PointServer, Start: start, Duration: 1000, Client: client},
	))
	for name, c := range map[string]struct {
		q    ServingQuery
		want uint64
	}{
		"by the caller's address":            {ServingQuery{At: start + 10, Client: client}, span.NewID(start, 1)},
		"by the address in IPv6's form":      {ServingQuery{At: start + 10, Client: netip.AddrPortFrom(netip.AddrFrom16(client.Addr().As16()), 1000)}, span.NewID(start, 1)},
		"by who served":                      {ServingQuery{At: start + 10, Entity: 5}, other.ID},
		"in an earlier minute":               {ServingQuery{At: start - 2*minute + 500, Entity: 4}, span.NewID(start-2*minute, 2)},
		"when nothing was served":            {ServingQuery{At: start + 2000, Entity: 4}, 0},
		"before anything was":                {ServingQuery{At: start - 1, Entity: 4}, 0},
		"by somebody who never served":       {ServingQuery{At: start + 10, Entity: 99}, 0},
		"by an address that was never there": {ServingQuery{At: start + 10, Client: netip.MustParseAddrPort("10.9.9.9:1")}, 0},
	} {
		found, full, err := s.Serving(t.Context(), c.q)
		if err != nil || full || (c.want == 0) != (len(found) == 0) || len(found) > 1 {
			t.Errorf("%s: %d requests, full %v, error %v", name, len(found), full, err)
		} else if len(found) == 1 && (found[0].ID != c.want || found[0].PID != 7) {
			t.Errorf("%s: %+v, want %x", name, found[0], c.want)
		}
	}
	if _, _, err := s.Serving(t.Context(), ServingQuery{At: start}); !errors.Is(err, ErrMalformed) {
		t.Errorf("asked for nobody: %v", err)
	}
}
