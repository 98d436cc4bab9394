package main

import (
	"encoding/binary"
	"fmt"

	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	resourcepb "go.opentelemetry.io/proto/otlp/resource/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
)

const (
	traceSpans = 20 // of a service
	services   = 12
)

// template is a request whose ids, times and literals are marks; some 12 attributes and 560 bytes a
// span: requests that a service serves, its functions, statements, and calls of others.
func template(spans, sender int) *tracepb.TracesData {
	service := fmt.Sprintf("svc-%d", sender%services)
	scope := &tracepb.ScopeSpans{Scope: &commonpb.InstrumentationScope{Name: "io.opentelemetry.bench", Version: "2.31.0"}}
	for i := range spans {
		trace, place := i/traceSpans, i%traceSpans
		s := &tracepb.Span{
			TraceId: mark(markTrace, trace, 16), SpanId: mark(markSpan, i, 8),
			StartTimeUnixNano: binary.LittleEndian.Uint64(mark(markTime, 2*i, 8)),
			EndTimeUnixNano:   binary.LittleEndian.Uint64(mark(markTime, 2*i+1, 8)),
		}
		if place > 0 {
			s.ParentSpanId = mark(markSpan, trace*traceSpans+(place-1)/2, 8)
		}
		route := routes[(i*7+sender)%len(routes)]
		switch {
		case place == 0 || place%4 == 3:
			s.Kind, s.Name = tracepb.Span_SPAN_KIND_SERVER, "GET "+route
			s.Attributes = []*commonpb.KeyValue{
				text("http.request.method", "GET"), text("url.path", "/api/v2/"+digits+"/items"), text("url.scheme", "http"), text("http.route", route),
				number("http.response.status_code", 200), text("server.address", service+".shop.svc.cluster.local"), number("server.port", 8080),
				text("network.peer.address", fmt.Sprintf("10.244.%d.%d", i%7, i*13%250)), number("network.peer.port", int64(30_000+i*37%30_000)),
				text("user_agent.original", agents[i*5%len(agents)]), text("network.protocol.version", "1.1"), text("enduser.id", "user-"+digits),
			}
		case place%4 == 1:
			s.Kind, s.Name = tracepb.Span_SPAN_KIND_INTERNAL, "ItemService.find"
			s.Attributes = []*commonpb.KeyValue{
				text("code.function.name", "shop.items.ItemService.find"), text("code.file.path", "src/main/java/shop/items/ItemService.java"), number("code.line.number", int64(40+i%9*31)),
				number("thread.id", int64(20+i%40)), text("thread.name", fmt.Sprintf("http-nio-8080-exec-%d", i%40)), text("shop.tenant", fmt.Sprintf("tenant-%d", i*11%97)),
				text("shop.cart", digits+digits), number("shop.items", int64(i*17%23)), text("shop.experiment", "checkout-b"), text("shop.currency", "EUR"),
			}
		case place%4 == 2:
			s.Kind, s.Name = tracepb.Span_SPAN_KIND_CLIENT, "SELECT items"
			s.Attributes = []*commonpb.KeyValue{
				text("db.system.name", "postgresql"), text("db.namespace", "shop"), text("db.operation.name", "SELECT"), text("db.collection.name", "items"),
				text("db.query.text", "SELECT id, name, price, stock, updated_at FROM items WHERE owner = '"+digits+"' AND state IN ('new', 'open') AND tenant = $1 ORDER BY price DESC LIMIT 20"),
				text("server.address", "db-0.db.shop.svc.cluster.local"), number("server.port", 5432), text("network.peer.address", "10.244.9.9"), number("network.peer.port", 5432),
				number("db.response.returned_rows", int64(i*29%21)), text("thread.name", fmt.Sprintf("http-nio-8080-exec-%d", i%40)),
			}
		default:
			peer := fmt.Sprintf("svc-%d", (sender+1+i%5)%services)
			s.Kind, s.Name = tracepb.Span_SPAN_KIND_CLIENT, "GET"
			s.Attributes = []*commonpb.KeyValue{
				text("http.request.method", "GET"), text("url.full", "http://"+peer+".shop.svc.cluster.local:8080/api/v2/"+digits+"/price?fields=price,stock&session="+digits),
				number("http.response.status_code", 200), text("server.address", peer+".shop.svc.cluster.local"), number("server.port", 8080),
				text("network.peer.address", fmt.Sprintf("10.244.%d.%d", i%5, i*7%250)), number("network.peer.port", 8080), text("network.protocol.version", "1.1"),
				text("http.request.header.x-request-id", digits+digits), number("http.request.resend_count", 0), text("thread.name", fmt.Sprintf("http-nio-8080-exec-%d", i%40)),
			}
		}
		scope.Spans = append(scope.Spans, s)
	}
	return &tracepb.TracesData{ResourceSpans: []*tracepb.ResourceSpans{{
		Resource: &resourcepb.Resource{Attributes: []*commonpb.KeyValue{
			text("service.name", service), text("service.namespace", "shop"), text("service.version", "4.12.0"), text("deployment.environment.name", "production"),
			text("telemetry.sdk.language", "java"), text("telemetry.sdk.name", "opentelemetry"), text("telemetry.sdk.version", "1.57.0"),
			text("host.name", fmt.Sprintf("node-%d", sender%3)), text("k8s.namespace.name", "shop"), text("k8s.pod.name", fmt.Sprintf("%s-6d8f9c7b5d-%05d", service, sender)),
			text("k8s.pod.ip", fmt.Sprintf("10.244.1.%d", 1+sender%250)), number("process.pid", 1),
		}},
		ScopeSpans: []*tracepb.ScopeSpans{scope},
	}}}
}

var routes = []string{"/api/v2/{tenant}/items", "/api/v2/{tenant}/items/{id}", "/api/v2/{tenant}/carts/{id}", "/api/v2/{tenant}/orders", "/api/v2/{tenant}/prices/{id}"}

// agents are what calls itself so.
var agents = func() (all []string) {
	for v := range 8 {
		all = append(all,
			fmt.Sprintf("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/%d.0.0.0 Safari/537.36", 138+v),
			fmt.Sprintf("Mozilla/5.0 (iPhone; CPU iPhone OS 18_%d like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.%d Mobile/15E148 Safari/604.1", v, v),
			fmt.Sprintf("Mozilla/5.0 (X11; Linux x86_64; rv:%d.0) Gecko/20100101 Firefox/%d.0", 136+v, 136+v),
			fmt.Sprintf("okhttp/5.%d.0", v))
	}
	return all
}()

func mark(of uint32, number, size int) []byte {
	b := make([]byte, size)
	binary.BigEndian.PutUint32(b, of)
	binary.BigEndian.PutUint32(b[4:], uint32(number))
	return b
}

func text(k, v string) *commonpb.KeyValue {
	return &commonpb.KeyValue{Key: k, Value: &commonpb.AnyValue{Value: &commonpb.AnyValue_StringValue{StringValue: v}}}
}

func number(k string, v int64) *commonpb.KeyValue {
	return &commonpb.KeyValue{Key: k, Value: &commonpb.AnyValue{Value: &commonpb.AnyValue_IntValue{IntValue: v}}}
}
