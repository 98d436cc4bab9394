package store

import (
	"testing"

	"github.com/throughline-io/throughline/pkg/span"
)

// Two pods of one service, of which one serves in production and one in staging: what their
// code's resources say, and nobody else.
func TestFiguresOfAnEnvironment(t *testing.T) {
	t.Parallel()
	s := open(t)
	prod, staging, client := entity(t, s, "shop", "cart"), entity(t, s, "shop-staging", "cart"), entity(t, s, "shop", "web")
	b := &span.Batch{}
	resources := []span.Resource{}
	for k, name := range []string{"prod", "staging"} {
		r := span.Resource{ID: uint64(900 + k), Attributes: []span.Attribute{{Key: "deployment.environment.name", Value: name, Type: span.AttributeString}, {Key: "service.namespace", Value: "store", Type: span.AttributeString}}}
		resources = append(resources, r)
		own := []uint64{prod.ID, staging.ID}[k]
		for i := range 10 * (k + 1) {
			at := start + int64(i)*1e6
			one := func(source span.Source, point span.Point, resource uint64) {
				b.Append(&span.Span{ID: span.NewID(at, uint64(1000*k+b.Len())+1), Source: source, Point: point, Kind: span.KindServer, Service: "cart", Start: at, Duration: 1e6, Entity: own, OTelResource: resource,
					ClientEntity: client.ID, ServerEntity: own, Protocol: "HTTP", Type: "GET", Endpoint: "/cart", Status: span.StatusOK, Node: "node1", RequestSeq: uint32(i)})
			}
			one(span.SYS, span.PointServerProcess, 0)
			one(span.APP, span.PointApp, r.ID)
		}
	}
	b.OTelResources = resources
	insert(t, s, b)
	for _, c := range []struct {
		filter Filter
		want   uint64
	}{
		{Filter{Key: "deployment.environment.name", Values: []string{"prod"}}, 10},
		{Filter{Key: "deployment.environment.name", Values: []string{"staging"}}, 20},
		{Filter{Key: "deployment.environment.name", Values: []string{"prod|staging"}}, 30},
		{Filter{Key: "deployment.environment.name", Values: []string{"prod"}, Not: true}, 20},
		{Filter{Key: "resource.deployment.environment.name", Values: []string{"stag*"}}, 20},
		{Filter{Key: "deployment.environment.name", Values: []string{"test"}}, 0},
		{Filter{Key: "deployment.environment.name", Values: []string{""}}, 30},
		{Filter{Key: "service.namespace", Values: []string{"store"}}, 30},
	} {
		t.Run(c.filter.String(), func(t *testing.T) {
			var got uint64
			for _, series := range metrics(t, s, MetricsQuery{GroupBy: []string{"service"}, Filters: []Filter{c.filter}}).Series {
				for _, p := range series.Points {
					got += p.Count
				}
			}
			if got != c.want {
				t.Errorf("%d requests, want %d", got, c.want)
			}
			m, err := s.ServiceMap(t.Context(), MapQuery{From: start, To: start + 10*minute, Filters: []Filter{c.filter}})
			if err != nil {
				t.Fatal(err)
			}
			var calls uint64
			for _, e := range m.Edges {
				calls += e.Count
			}
			if calls != c.want {
				t.Errorf("%d calls in the map, want %d", calls, c.want)
			}
		})
	}
	if _, err := s.Metrics(t.Context(), MetricsQuery{From: start, To: start + minute, Filters: []Filter{{Key: "user.id", Values: []string{"7"}}}}); err == nil {
		t.Error("what only spans say is no filter of figures")
	}
}
