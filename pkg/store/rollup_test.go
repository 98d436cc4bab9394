package store

import (
	"fmt"
	"strings"
	"testing"

	"github.com/throughline-io/throughline/pkg/span"
)

// The roll-up is what the spans say, however they were spread over batches.
func TestTheRollUpIsTheSumOfTheSpans(t *testing.T) {
	t.Parallel()
	s := open(t)
	var batches []*span.Batch
	var again [span.PointRest + 1][4]int // retransmissions by point and status
	for i := range uint32(5) {
		b := mixed(20, 20*i)
		for j := range b.Len() {
			b.Status[j] = span.Status(j % 4)
			b.Retransmissions[j] = uint16(j % 3)
			again[b.Point[j]][j%4] += j % 3
		}
		batches = append(batches, b)
	}
	if _, err := s.InsertAll(t.Context(), "a", each(nil, batches...)); err != nil {
		t.Fatal(err)
	}
	key := "point, status, source, kind, toString(protocol) AS p, toString(service) AS s, toString(node) AS n, entity, client_entity, server_entity"
	spans := count(t, s, "SELECT groupArray(k) FROM (SELECT ("+key+", bucket, count(), sum(spans.duration), uniqExact(toUInt16(floor(16 * log2(toFloat64(spans.duration) + 1))))) AS k FROM spans GROUP BY point, status, source, kind, protocol, service, node, entity, client_entity, server_entity, bucket ORDER BY k)")
	rolled := count(t, s, "SELECT groupArray(k) FROM (SELECT ("+key+", minute, sum(requests_minute.count), sum(requests_minute.duration), length(mapKeys(sumMap(histogram)))) AS k FROM requests_minute GROUP BY point, status, source, kind, protocol, service, node, entity, client_entity, server_entity, minute ORDER BY k)")
	if spans != rolled {
		t.Errorf("of the spans:\n%.600s\nof the roll-up:\n%.600s", strings.ReplaceAll(spans, "),(", "\n"), strings.ReplaceAll(rolled, "),(", "\n"))
	}
	for point, statuses := range again {
		for status, want := range statuses {
			if got := count(t, s, fmt.Sprintf("SELECT sum(requests_minute.retransmissions) FROM requests_minute WHERE point = %d AND status = %d", point, status)); got != fmt.Sprint(want) {
				t.Errorf("%s retransmissions of point %d, status %d, want %d", got, point, status, want)
			}
		}
	}
	if got := count(t, s, "SELECT sum(arraySum(mapValues(histogram))) FROM requests_minute"); got != "10000" {
		t.Errorf("%s durations are in the histograms, want 10000", got)
	}
}

// A route that the internet asks for has one row a minute, not one for each address.
func TestClientsFromOutsideAreOneToMetrics(t *testing.T) {
	t.Parallel()
	s := open(t)
	b := new(span.Batch)
	for i := range 5000 {
		e := span.Entity{Type: span.External, IP: fmt.Sprintf("203.0.%d.%d", i/250, i%250)}
		b.Append(&span.Span{ID: uint64(i + 1), Source: span.SYS, Point: span.PointServerProcess, Service: "web", Protocol: "HTTP", Type: "GET", Endpoint: "/", Entity: 7, ServerEntity: 7, ClientEntity: span.EntityID(&e), Start: start, Duration: 1000})
	}
	insert(t, s, b)
	if got := count(t, s, "SELECT count(), sum(requests_minute.count) FROM requests_minute"); got != "1\t5000" {
		t.Errorf("rows and requests: %q", got)
	}
	m := metrics(t, s, MetricsQuery{GroupBy: []string{"client"}})
	if len(m.Series) != 1 || m.Series[0].Labels[0] != "outside" || m.Series[0].Points[0].Count != 5000 {
		t.Errorf("%+v", m.Series)
	}
}

// Random paths must not make a row for each request; what is over a service's names is counted
// under one, and said.
func TestNamesOfRequestsAreCapped(t *testing.T) {
	t.Parallel()
	s := open(t)
	b := new(span.Batch)
	for i := range maxNames + 500 {
		b.Append(&span.Span{ID: uint64(2*i + 1), Source: span.APP, Kind: span.KindServer, Point: span.PointApp, Service: "web", Endpoint: fmt.Sprint("/random/", i), Start: start, Duration: 1000})
		b.Append(&span.Span{ID: uint64(2*i + 2), Source: span.APP, Kind: span.KindServer, Point: span.PointApp, Service: "other", Endpoint: "/", Start: start, Duration: 1000})
	}
	done, err := s.InsertAll(t.Context(), "a", each(nil, b))
	if err != nil || done.Folded != 500 {
		t.Errorf("%+v, %v; want 500 folded", done, err)
	}
	if got := count(t, s, "SELECT uniqExact(request), sumIf(requests_minute.count, request = '*'), sum(requests_minute.count) FROM requests_minute WHERE service = 'web'"); got != fmt.Sprintf("%d\t500\t%d", maxNames+1, maxNames+500) {
		t.Errorf("names, requests under the name of others, requests: %q", got)
	}
	if done, err = s.InsertAll(t.Context(), "b", each(nil, mixed(1, 0))); err != nil || done.Folded != 0 {
		t.Errorf("another insert: %+v, %v", done, err)
	}
}

// An agent that was installed ten minutes ago must not blank what code said of the hours before.
func TestABetterViewCountsFromWhenItWasThere(t *testing.T) {
	t.Parallel()
	s := open(t)
	b := new(span.Batch)
	for m := range int64(12) {
		at := start + m*10*minute
		b.Append(&span.Span{ID: uint64(m + 1), Source: span.APP, Point: span.PointApp, Kind: span.KindServer, Service: "web", Protocol: "HTTP", Start: at, Duration: 1000})
		if m == 11 {
			b.Append(&span.Span{ID: 100, Source: span.SYS, Point: span.PointServerProcess, Service: "web", Protocol: "HTTP", Start: at, Duration: 2000})
		}
	}
	insert(t, s, b)
	m, err := s.Metrics(t.Context(), MetricsQuery{From: start - minute, To: start + 130*minute, Step: 10 * 60e9, GroupBy: []string{"service"}})
	if err != nil || len(m.Series) != 1 || len(m.Series[0].Points) != 12 {
		t.Fatalf("%+v, %v; want 12 points", m, err)
	}
	for i, p := range m.Series[0].Points {
		if want := map[bool]uint64{false: 1000, true: 2000}[i == 11]; p.Count != 1 || p.Duration != want {
			t.Errorf("point %d: %+v, want one request of %d ns", i, p, want)
		}
	}
	if m, err = s.Metrics(t.Context(), MetricsQuery{From: start - minute, To: start + 130*minute}); err != nil || m.Series[0].Points[0].Count != 12 {
		t.Errorf("all of the range: %+v, %v; want 12 requests", m, err)
	}
	if all, err := s.ServiceMap(t.Context(), MapQuery{From: start - minute, To: start + 130*minute}); err != nil || len(all.Nodes) != 1 || all.Nodes[0].Served.Count != 12 {
		t.Errorf("the map: %+v, %v; want 12 requests", all, err)
	}
}
