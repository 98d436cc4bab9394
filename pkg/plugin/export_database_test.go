package plugin

import (
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/throughline-io/throughline/pkg/saved"
	"github.com/throughline-io/throughline/pkg/span"
)

// A request to a database is exported by OpenTelemetry's conventions for that database, and opened again it is what
// it was.
func TestExportOfDatabases(t *testing.T) {
	t.Parallel()
	text := func(key, value string) span.Attribute {
		return span.Attribute{Key: key, Value: value, Type: span.AttributeString}
	}
	for name, c := range map[string]struct {
		hop  span.Span
		told map[string]string
	}{
		"PostgreSQL": {
			span.Span{Protocol: "PostgreSQL", Type: "Execute", Resource: "SELECT 1", Endpoint: "SELECT", Code: 23505, Attributes: []span.Attribute{text("db.namespace", "shop"), text("db.response.status_code", "23505")}},
			map[string]string{"db.system.name": "postgresql", "db.operation.name": "SELECT", "db.query.text": "SELECT 1", "db.namespace": "shop", "db.response.status_code": "23505"},
		},
		"PostgreSQL's codes of letters": {
			span.Span{Protocol: "PostgreSQL", Type: "Query", Resource: "SELECT 1", Endpoint: "SELECT", Attributes: []span.Attribute{text("db.response.status_code", "42P01")}},
			map[string]string{"db.response.status_code": "42P01"},
		},
		"Kafka": {
			span.Span{Protocol: "Kafka", Type: "Produce", Resource: "orders", Endpoint: "Produce orders", Code: 10, Attributes: []span.Attribute{text("messaging.destination.name", "orders"), text("messaging.operation.type", "send"), text("error.type", "MESSAGE_TOO_LARGE")}},
			map[string]string{"messaging.system": "kafka", "messaging.operation.name": "Produce", "messaging.operation.type": "send", "messaging.destination.name": "orders", "error.type": "MESSAGE_TOO_LARGE"},
		},
		"AMQP": {
			span.Span{Protocol: "AMQP", Type: "basic.publish", Resource: "shop:order.new", Endpoint: "basic.publish shop", Code: 312, Attributes: []span.Attribute{text("messaging.destination.name", "shop:order.new"), text("messaging.rabbitmq.destination.routing_key", "order.new")}},
			map[string]string{"messaging.system": "rabbitmq", "messaging.operation.name": "basic.publish", "messaging.destination.name": "shop:order.new"},
		},
		"MQTT": {
			span.Span{Protocol: "MQTT", Type: "PUBLISH", Resource: "rooms/1/light", Endpoint: "PUBLISH rooms/{id}/light", Code: 135, Attributes: []span.Attribute{text("messaging.destination.name", "rooms/1/light"), text("messaging.operation.type", "send")}},
			map[string]string{"messaging.system": "mqtt", "messaging.operation.name": "PUBLISH", "messaging.operation.type": "send", "messaging.destination.name": "rooms/1/light"},
		},
		"WebSocket": {
			span.Span{Protocol: "WebSocket", Type: "GET", Resource: "/chat/42", Endpoint: "/chat/{id}", Code: 1011, Attributes: []span.Attribute{text("websocket.close.by", "server")}},
			nil, // what others read of it is HTTP's
		},
		"MongoDB": {
			span.Span{Protocol: "MongoDB", Type: "insert", Resource: "shop.orders", Endpoint: "insert orders", Code: 11000, Attributes: []span.Attribute{text("db.namespace", "shop"), text("db.collection.name", "orders"), text("db.response.status_code", "11000")}},
			map[string]string{"db.system.name": "mongodb", "db.operation.name": "insert", "db.collection.name": "orders", "db.response.status_code": "11000"},
		},
		"Redis": {
			span.Span{Protocol: "Redis", Type: "XINFO", Resource: "orders", Endpoint: "XINFO STREAM", Attributes: []span.Attribute{text("db.namespace", "3"), text("db.response.status_code", "WRONGTYPE")}},
			map[string]string{"db.system.name": "redis", "db.operation.name": "XINFO STREAM", "throughline.key": "orders", "db.response.status_code": "WRONGTYPE"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			data := call(t)
			asked := func(s *span.Span) span.Span {
				return span.Span{Protocol: s.Protocol, Type: s.Type, Resource: s.Resource, Endpoint: s.Endpoint, Code: s.Code, Attributes: s.Attributes}
			}
			for _, s := range data.Spans {
				if s.Source != span.APP {
					s.Protocol, s.Version, s.Type, s.Resource, s.Endpoint, s.Code, s.Attributes = c.hop.Protocol, "", c.hop.Type, c.hop.Resource, c.hop.Endpoint, c.hop.Code, c.hop.Attributes
				}
			}
			document := get(newInstance(&fakeStore{trace: data}), "/export/"+traceID+"?format=otlp").Body.Bytes()
			told := map[string]string{}
			for _, item := range sent(readAgain(t, document)) {
				if item.Span.Protocol == c.hop.Protocol {
					for _, a := range item.Span.Attributes {
						told[a.Key] = a.Value
					}
				}
			}
			for key, value := range c.told {
				if told[key] != value {
					t.Errorf("%s is %q, want %q", key, told[key], value)
				}
			}
			again, err := saved.Read(document, saved.Limits{Bytes: 1 << 20, Spans: 100})
			if err != nil {
				t.Fatal(err)
			}
			hops := 0
			for _, s := range again.Traces[0].Spans {
				if s.Source != span.APP {
					hops++
					if diff := cmp.Diff(c.hop, asked(s), cmpopts.EquateComparable(netip.AddrPort{}, netip.Addr{})); diff != "" {
						t.Errorf("before (-), opened again (+):\n%s", diff)
					}
				}
			}
			if hops != 4 {
				t.Errorf("%d hops", hops)
			}
		})
	}
}
