package trace_test

import (
	"testing"

	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/trace"
)

// Whom a span called is told by the conventions of today and of earlier versions.
func TestPeers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		attributes []string
		kind       trace.PeerKind
		name       string
	}{
		{[]string{"db.system", "mysql"}, trace.PeerDatabase, "mysql"},
		{[]string{"db.system", "redis", "net.peer.name", "valkey-cart"}, trace.PeerDatabase, "valkey-cart (redis)"},
		{[]string{"db.system.name", "postgresql", "server.address", "db.example.com", "db.namespace", "shop"}, trace.PeerDatabase, "db.example.com (postgresql)"},
		{[]string{"db.system.name", "postgresql", "db.namespace", "shop"}, trace.PeerDatabase, "shop (postgresql)"},
		{[]string{"http.request.method", "GET", "server.address", "api.example.com"}, trace.PeerHTTP, "api.example.com"},
		{[]string{"http.method", "GET", "http.host", "api.example.com"}, trace.PeerHTTP, "api.example.com"},
		{[]string{"http.method", "GET", "net.peer.name", "api.example.com", "peer.service", "payments"}, trace.PeerHTTP, "payments"},
		{[]string{"rpc.system", "grpc", "rpc.service", "shop.Cart"}, trace.PeerRPC, "shop.Cart"},
		{[]string{"rpc.system.name", "grpc", "server.address", "cart"}, trace.PeerRPC, "cart"},
		{[]string{"messaging.system", "kafka", "messaging.destination.name", "orders", "server.address", "broker"}, trace.PeerMessaging, "orders (kafka)"},
		{[]string{"messaging.system", "rabbitmq", "messaging.destination", "orders"}, trace.PeerMessaging, "orders (rabbitmq)"},
		{[]string{"gen_ai.system", "openai", "gen_ai.request.model", "gpt-4o", "server.address", "api.openai.com"}, trace.PeerModel, "gpt-4o (openai)"},
		{[]string{"gen_ai.provider.name", "aws.bedrock", "server.address", "bedrock"}, trace.PeerModel, "bedrock (aws.bedrock)"},
		{[]string{"faas.invoked_name", "resize"}, trace.PeerFunction, "resize"},
		{[]string{"shard.id", "7"}, trace.PeerUnknown, ""},
	} {
		s := &span.Span{Source: span.APP, Kind: span.KindClient}
		for i := 0; i < len(c.attributes); i += 2 {
			s.Attributes = append(s.Attributes, span.Attribute{Key: c.attributes[i], Value: c.attributes[i+1]})
		}
		if got := trace.PeerOf(s); got != (trace.Peer{Kind: c.kind, Name: c.name}) {
			t.Errorf("%q is %+v, want %s %q", c.attributes, got, c.kind, c.name)
		}
	}
	if got := trace.PeerOf(&span.Span{Source: span.APP, Kind: span.KindServer, Domain: "shop"}); got != (trace.Peer{}) {
		t.Errorf("a server span waits for nobody, got %+v", got)
	}
	blocks := []span.Attribute{{Key: "db.namespace", Value: "2"}, {Key: span.Blocking, Value: "true", Type: span.AttributeBool}}
	if got := trace.PeerOf(&span.Span{Source: span.SYS, Resource: "jobs", Attributes: blocks}); got != (trace.Peer{Kind: trace.PeerData, Name: "jobs"}) {
		t.Errorf("a session that blocks waits for data, got %+v", got)
	}
	if got := trace.PeerOf(&span.Span{Source: span.SYS, Resource: "jobs", Attributes: blocks[:1]}); got != (trace.Peer{}) {
		t.Errorf("a session waits for nobody, got %+v", got)
	}
}
