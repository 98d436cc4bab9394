package store

import (
	"net/netip"
	"testing"

	"github.com/throughline-io/throughline/pkg/span"
)

// A query of ten minutes is found while it lasts, as open. When it is over it is one span as before,
// and has been counted once, however its rows lie.
func TestARequestThatLastsIsOneSpan(t *testing.T) {
	t.Parallel()
	client, server := netip.MustParseAddrPort("10.1.0.1:40000"), netip.MustParseAddrPort("10.1.0.2:3306")
	query := func(status span.Status, lasted int64, responseSeq uint32) *span.Span {
		return &span.Span{
			ID: span.NewID(start, 1), Source: span.SYS, Point: span.PointServerProcess, Service: "db", Protocol: "MySQL", Type: "COM_QUERY",
			Resource: "SELECT slow", Start: start, Duration: uint64(lasted), Status: status, RequestSeq: 100, ResponseSeq: responseSeq, Client: client, Server: server,
		}
	}
	for name, seq := range map[string]uint32{"the answer came where it was expected": 200, "nobody knew where": 0} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t)
			search := func(status string) []SearchRow {
				found, err := s.Search(t.Context(), SearchQuery{From: start - minute, To: start + minute, Status: status})
				if err != nil {
					t.Fatal(err)
				}
				return found.Rows
			}
			first := query(span.StatusOpen, 10e9, seq)
			insert(t, s, batch(first))
			insert(t, s, batch(query(span.StatusOpen, 70e9, seq)))
			if rows := search("open"); len(rows) != 1 || rows[0].Duration != 70e9 {
				t.Errorf("while it lasts: %+v", rows)
			}
			if rows := search("error"); len(rows) != 0 {
				t.Errorf("it is no error: %+v", rows)
			}
			if got := count(t, s, "SELECT count() FROM requests_minute"); got != "0" {
				t.Errorf("%s rows of metrics before it is over", got)
			}
			if d := trace(t, s, span.FormatID(first.ID)); len(d.Spans) != 1 || d.Spans[0].Status != span.StatusOpen || d.Spans[0].Duration != 70e9 {
				t.Errorf("its trace while it lasts: %+v", d.Spans)
			}

			last := query(span.StatusOK, 600e9, 200)
			b := batch(last)
			if from := first.Group(); from != last.Group() {
				b.Edges = append(b.Edges, span.Edge{A: from, B: last.Group(), Time: start, Kind: span.EdgeWire})
			}
			insert(t, s, b)
			if rows := search(""); len(rows) != 1 || rows[0].Status != span.StatusOK || rows[0].Duration != 600e9 {
				t.Errorf("when it is over: %+v", rows)
			}
			if rows := search("open"); len(rows) != 0 {
				t.Errorf("it is over, and found as open: %+v", rows)
			}
			if got := count(t, s, "SELECT sum(requests_minute.count), sum(requests_minute.duration) FROM requests_minute"); got != "1\t600000000000" {
				t.Errorf("requests and their time: %q", got)
			}
			if d := trace(t, s, span.FormatID(first.ID)); len(d.Spans) != 1 || d.Spans[0].Status != span.StatusOK || d.Spans[0].Duration != 600e9 {
				t.Errorf("its trace: %+v", d.Spans)
			}
			traces, err := s.Search(t.Context(), SearchQuery{From: start - minute, To: start + minute, Scope: ScopeRoots})
			if err != nil || len(traces.Rows) != 1 || traces.Rows[0].Status != span.StatusOK || traces.Rows[0].Trace.Errors != 0 {
				t.Errorf("traces: %+v, %v", traces.Rows, err)
			}
		})
	}
}
