package server

import (
	"slices"
	"testing"
	"time"

	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/wire"
)

// Without Kubernetes and without a file, resources say where spans come from: variables list
// it, and a search by it finds them.
func TestWhatResourcesSayIsListedAndFound(t *testing.T) {
	t.Parallel()
	r := start(t, func(c *Config) { c.Entities = "" })
	resource := span.Resource{Attributes: []span.Attribute{
		{Key: "service.name", Value: "shop", Type: span.AttributeString}, {Key: "k8s.namespace.name", Value: "prod", Type: span.AttributeString},
		{Key: "k8s.pod.name", Value: "shop-7d9f8b6c5-x2k9q", Type: span.AttributeString},
	}}
	resource.ID = span.ResourceID(resource.Attributes)
	push := func(n byte, resources ...span.Resource) {
		t.Helper()
		at := time.Now().Add(-time.Second).UnixNano()
		b := &span.Batch{OTelResources: resources}
		b.Append(&span.Span{ID: span.NewID(at, uint64(n)), Source: span.APP, Point: span.PointApp, Kind: span.KindServer, TraceID: span.TraceID{15: n}, SpanID: span.SpanID{7: n},
			Start: at, Duration: 1e6, Node: "gke-1", Service: "shop", Endpoint: "GET /", Protocol: "HTTP", Type: "GET", OTelResource: resource.ID})
		if _, err := r.client.Push(t.Context(), &wire.PushRequest{Agent: "far", Boot: 1, Sequence: sequences.Add(1), Batch: wire.Encode(b)}); err != nil {
			t.Fatal(err)
		}
	}
	push(1, resource)
	push(2) // the agent knows that the server has it
	for name, want := range map[string]string{"namespace": "prod", "workload": "shop", "pod": "shop-7d9f8b6c5-x2k9q", "node": "gke-1", "service": "shop"} {
		var values struct{ Values []string }
		r.ask(t, "/api/v1/values/"+name, nil, &values)
		if !slices.Equal(values.Values, []string{want}) {
			t.Errorf("values of %s: %q, want %q", name, values.Values, want)
		}
		if name == "service" {
			continue
		}
		var found struct{ Spans []struct{ Service string } }
		r.ask(t, "/api/v1/search", map[string]string{name: want, "scope": "all"}, &found)
		if len(found.Spans) != 2 {
			t.Errorf("%s=%s finds %d spans, want 2", name, want, len(found.Spans))
		}
	}
}
