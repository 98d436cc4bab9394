package store

import (
	"context"
	"fmt"
	"net/netip"
	"slices"

	"github.com/throughline-io/throughline/pkg/span"
)

// ServingQuery asks what requests without trace context a process, or any process of a pod, was
// serving at a time: those that may have begun code which names no caller.
type ServingQuery struct {
	At int64 // Unix ns, by the clock of the node; as exact as it is written (span.ClockStep)
	// Client is the caller's end of the connection, where the code knows it; else Entity is who
	// served. One of both must be given.
	Client netip.AddrPort
	Entity uint64
}

// servingTime is how long a request may have been served before the time asked for; servingMost
// is how many are read.
const (
	servingTime = 2 * minute
	servingMost = 256
)

// requestsServed are s-p spans (source 2, point 8) without a trace id that last at a time.
const requestsServed = " FROM spans WHERE bucket >= {from:DateTime('UTC')} AND bucket <= {to:DateTime('UTC')} AND source = 2 AND point = 8" +
	" AND trace_id = CAST(unhex('00000000000000000000000000000000'), 'FixedString(16)') AND start <= {last:Int64} AND start + duration >= {at:Int64}"

// Serving are the requests, each once; full says that there may be more than were read.
func (s *Store) Serving(ctx context.Context, q ServingQuery) (found []*span.Span, full bool, err error) {
	last := q.At + int64(span.ClockStep(q.At)) - 1
	p := params{
		"from": formatMinute(q.At - servingTime), "to": formatMinute(last), "at": fmt.Sprint(q.At), "last": fmt.Sprint(last), "limit": formatUint(servingMost),
	}
	which := " AND entity = {entity:UInt64}"
	switch {
	case q.Client.Port() != 0 && q.Client.Addr().IsValid():
		which = " AND client_ip = toIPv6({client:String}) AND client_port = {port:UInt16}"
		p["client"], p["port"] = netip.AddrFrom16(q.Client.Addr().As16()).String(), fmt.Sprint(q.Client.Port())
	case q.Entity != 0:
		p["entity"] = formatUint(q.Entity)
	default:
		return nil, false, fmt.Errorf("requests being served: %w: neither the caller's address nor who served is given", ErrMalformed)
	}
	decoder := newSpanRows()
	rows := 0
	err = s.read(ctx, "SELECT "+decoder.columns()+requestsServed+which+" LIMIT {limit:UInt64}", p, searching, decoder.results, func(n int) error {
		rows += n
		for _, one := range decoder.append(nil, n) {
			if !slices.ContainsFunc(found, func(s *span.Span) bool { return s.ID == one.ID && s.Start == one.Start }) {
				found = append(found, one)
			}
		}
		return nil
	})
	if err != nil {
		return nil, false, fmt.Errorf("requests being served: %w", err)
	}
	return found, rows == servingMost, nil
}
