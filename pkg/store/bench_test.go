package store

import (
	"fmt"
	"net/netip"
	"testing"

	"github.com/throughline-io/throughline/pkg/span"
)

// mixed is a batch like the demo's: of 100 spans 46 APP, 20 SYS and 34 NET, with 12
// attributes each APP span.
func mixed(traces int, first uint32) *span.Batch {
	b := &span.Batch{}
	var seq uint32
	for t := range traces {
		n := first + uint32(t)
		var id span.TraceID
		id[0], id[1], id[2], id[3], id[15] = byte(n), byte(n>>8), byte(n>>16), byte(n>>24), 9
		at := start + int64(n)*10e6
		for i := range uint32(100) {
			s := span.Span{ID: span.NewID(at, uint64(n)*100+uint64(i)), TraceID: id, SpanID: span.SpanID{byte(i), byte(n), byte(n >> 8), 1}, ParentSpanID: span.SpanID{byte(i / 2), byte(n), byte(n >> 8), 1},
				Start: at + int64(i)*1000, Duration: uint64(1e6 - i*1000), Agent: fmt.Sprint("agent", i%3), Node: fmt.Sprint("node", i%3), Service: fmt.Sprint("svc-", i%5),
				Protocol: "HTTP", Version: "1.1", Type: "GET", Domain: "svc", Resource: fmt.Sprint("/items/", n), Endpoint: "/items/{id}", Status: span.StatusOK, Code: 200,
				ClientEntity: 1 + uint64(i%7), ServerEntity: 1 + uint64(i%5), Entity: 1 + uint64(i%5), OTelResource: uint64(i % 5)}
			switch {
			case i < 46:
				s.Source, s.Point, s.Kind = span.APP, span.PointApp, span.Kind(1+i%3)
				for a := range 12 {
					s.Attributes = append(s.Attributes, span.Attribute{Key: keys[a], Value: fmt.Sprint("value", int(i)*(a%3)), Type: 's'})
				}
			case i < 66:
				s.Source, s.Point, s.PID, s.Comm, s.Passage = span.SYS, span.PointServerProcess, 100, "svc", uint64(n)
			default:
				s.Source, s.Point, s.Interface, s.InterfaceType = span.NET, span.PointClientNode, "eth0", "nic"
			}
			if i >= 46 {
				seq = n*1000 + i/4*2 + 1
				s.RequestSeq, s.ResponseSeq, s.Transport = seq, seq+1, 6
				s.Client, s.Server = netip.MustParseAddrPort("10.0.0.1:1234"), netip.MustParseAddrPort("10.0.0.2:80")
				if i%7 == 0 { // a session without context
					s.TraceID = span.TraceID{}
					b.Edges = append(b.Edges, span.Edge{A: span.WireGroup(seq, seq+1), B: span.TraceGroup(id), Time: at, Kind: span.EdgePassage})
				}
			}
			b.Append(&s)
		}
	}
	return b
}

var keys = []string{"http.request.method", "http.route", "url.path", "url.scheme", "server.address", "server.port", "network.peer.address", "network.peer.port", "user_agent.original", "http.response.status_code", "network.protocol.version", "tenant"}

func BenchmarkBuildBlocks(b *testing.B) {
	batch := mixed(250, 0)
	w := new(insertWriter)
	b.ReportAllocs()
	for b.Loop() {
		w.groups, w.buckets = grow(w.groups, batch.Len()), grow(w.buckets, batch.Len())
		w.edges.reset()
		w.edges.derive(batch, w.groups, w.buckets)
		w.edges.block(&w.block)
		w.bodies = w.block.body(w.bodies[:0])
		w.block.spans(batch, w.groups, w.buckets)
		w.bodies = w.block.body(w.bodies[:0])
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*batch.Len()), "ns/span")
	b.ReportMetric(float64(size(w.bodies))/float64(batch.Len()), "B/span")
}

// Wall time, the engine's part included.
func BenchmarkInsert(b *testing.B) {
	s := open(b)
	batches := make([]*span.Batch, 8)
	for i := range batches {
		batches[i] = mixed(250, uint32(i*250))
	}
	n := 0
	for b.Loop() {
		insert(b, s, batches[n%len(batches)])
		n++
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*batches[0].Len()), "ns/span")
}

func BenchmarkTrace(b *testing.B) {
	s := open(b)
	for i := range uint32(40) {
		insert(b, s, mixed(250, i*250)) // a million spans
	}
	last := mixed(1, 9_999)
	for name, id := range map[string]string{"from trace id": last.TraceID[0].String(), "from a NET span": span.FormatID(last.ID[70]), "from OTel span id": last.SpanID[3].String()} {
		b.Run(name, func(b *testing.B) {
			statements := 0
			for b.Loop() {
				d := trace(b, s, id)
				if len(d.Spans) != 100 {
					b.Fatalf("%d spans", len(d.Spans))
				}
				statements = d.Statements
			}
			b.ReportMetric(float64(statements), "statements")
		})
	}
	b.Run("search", func(b *testing.B) {
		for b.Loop() {
			if found, err := s.Search(b.Context(), SearchQuery{Service: "svc-1", Limit: 20}); err != nil || len(found.Rows) != 20 {
				b.Fatal(len(found.Rows), err)
			}
		}
	})
	b.Run("roots", func(b *testing.B) {
		for b.Loop() {
			if _, err := s.Search(b.Context(), SearchQuery{Scope: ScopeRoots, Limit: 20}); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkDecode(b *testing.B) {
	batch := mixed(1000, 0)
	data := readable(batch)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		got, err := decode(data)
		if err != nil || len(got) != batch.Len() {
			b.Fatal(len(got), err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*batch.Len()), "ns/span")
}

// A trace of 100,000 spans in one group.
func BenchmarkLargeTrace(b *testing.B) {
	s := open(b)
	large := mixed(1000, 0)
	for i := range large.TraceID {
		large.TraceID[i] = traceID(1)
	}
	insert(b, s, large)
	for b.Loop() {
		if d := trace(b, s, traceID(1).String()); len(d.Spans) != large.Len() || d.Truncated != "" {
			b.Fatal(len(d.Spans), d.Truncated)
		}
	}
}
