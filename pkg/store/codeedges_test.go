package store

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/throughline-io/throughline/pkg/span"
)

// Without addresses the map is made of what code says: parents' ids, and the peers that it
// names. A late span changes nothing.
func TestTheMapOfCodeAlone(t *testing.T) {
	t.Parallel()
	s := open(t)
	one := func(n, parent byte, kind span.Kind, service, protocol string, change func(*span.Span)) *span.Span {
		x := app(uint64(n), traceID(1), n)
		x.Kind, x.Service, x.Protocol, x.Start, x.ParentSpanID = kind, service, protocol, start+int64(n), span.SpanID{}
		x.ParentSpanID[7], x.SpanID = parent, span.SpanID{7: n}
		if parent == 0 {
			x.ParentSpanID = span.SpanID{}
		}
		if change != nil {
			change(x)
		}
		return x
	}
	callee := one(2, 1, span.KindServer, "cart", "gRPC", nil)
	insert(t, s, batch(callee)) // its caller comes later
	insert(t, s, batch(
		one(1, 0, span.KindClient, "web", "gRPC", func(x *span.Span) { x.Domain = "cart.example" }),
		one(3, 2, span.KindClient, "cart", "Redis", func(x *span.Span) { x.Domain = "valkey-cart" }),
		one(4, 2, span.KindClient, "cart", "MySQL", func(x *span.Span) { x.Attributes = []span.Attribute{{Key: "db.system", Value: "mysql"}} }),
		one(5, 2, span.KindClient, "cart", "", func(x *span.Span) { x.Attributes = []span.Attribute{{Key: "gen_ai.system", Value: "openai"}} }),
		one(6, 2, span.KindProducer, "cart", "Kafka", func(x *span.Span) { x.Resource = "orders" }),
		one(7, 6, span.KindConsumer, "billing", "Kafka", func(x *span.Span) { x.Resource = "orders" })))
	m, err := s.ServiceMap(t.Context(), MapQuery{From: start - minute, To: start + 2*minute})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range m.Edges {
		got = append(got, fmt.Sprintf("%s → %s ×%d", e.Client, e.Server, e.Count))
	}
	slices.Sort(got)
	want := []string{"cart → peer/MySQL ×1", "cart → peer/openai ×1", "cart → peer/orders ×1", "cart → peer/valkey-cart ×1", "peer/orders → billing ×1", "web → cart ×1"}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("edges (-want +got):\n%s", d)
	}
}

// A call that an agent saw too is one edge, to whom the agent saw.
func TestAPeerThatAnAgentSawIsNotTwice(t *testing.T) {
	t.Parallel()
	s := open(t)
	web, db := entity(t, s, "webshop", "web"), entity(t, s, "data", "db")
	code := app(1, traceID(1), 1)
	code.Kind, code.Service, code.Entity, code.Protocol, code.Domain = span.KindClient, "web", web.ID, "MySQL", "db.data.svc"
	seen := &span.Span{ID: 2, Source: span.SYS, Point: span.PointClientProcess, Service: "web", Entity: web.ID, ClientEntity: web.ID, ServerEntity: db.ID, Protocol: "MySQL", Start: start, Duration: 1e6}
	insert(t, s, batch(code, seen))
	m, err := s.ServiceMap(t.Context(), MapQuery{From: start - minute, To: start + 2*minute})
	if err != nil || len(m.Edges) != 1 || m.Edges[0].Server != "data/db" {
		t.Errorf("edges %+v, %v", m.Edges, err)
	}
}
