package otlp

import (
	"net/netip"
	"strconv"
	"strings"

	"github.com/throughline-io/throughline/pkg/span"
)

// RequestAttributes describe a span's request by today's conventions: from them the columns
// of the request and of both ends are read again. It is for spans that nobody instrumented.
func RequestAttributes(s *span.Span) []span.Attribute {
	var list []span.Attribute
	text := func(key, value string) {
		if value != "" {
			list = append(list, span.Attribute{Key: key, Value: value, Type: span.AttributeString})
		}
	}
	whole := func(key string, value int64) {
		if value != 0 {
			list = append(list, span.Attribute{Key: key, Value: strconv.FormatInt(value, 10), Type: span.AttributeInt})
		}
	}
	sizes := "throughline."
	switch s.Protocol {
	case "":
	case "HTTP", "FastCGI", "WebSocket":
		if s.Protocol != "HTTP" {
			text("network.protocol.name", strings.ToLower(s.Protocol))
		}
		text("http.request.method", s.Type)
		path, query, _ := strings.Cut(s.Resource, "?")
		text("url.path", path)
		text("url.query", query)
		text("http.route", s.Endpoint)
		if s.Protocol == "WebSocket" && s.Code >= 1000 { // how the connection ended; the answer was well
			whole("throughline.code", int64(s.Code))
			whole("http.response.status_code", 101)
		} else {
			whole("http.response.status_code", int64(s.Code))
		}
		text("http.request.header.x-request-id", s.XRequestID)
		sizes = "http."
	case "MySQL":
		text("db.system.name", "mysql")
		text("db.operation.name", s.Type)
		text("db.query.text", s.Resource)
		whole("db.response.status_code", int64(s.Code))
	case "PostgreSQL": // its code, a text, is an attribute of the span, as Redis's is
		text("db.system.name", "postgresql")
		text("db.operation.name", s.Endpoint)
		text("db.query.text", s.Resource)
	case "Redis", "Memcached":
		text("db.system.name", strings.ToLower(s.Protocol))
		text("db.operation.name", s.Endpoint)
		text("throughline.key", s.Resource)
	case "Kafka", "AMQP", "MQTT": // what it asks for may be a group, a transaction, a queue that it makes; attributes of the span tell the destination
		system := strings.ToLower(s.Protocol)
		if s.Protocol == "AMQP" {
			system = "rabbitmq"
		}
		text("messaging.system", system)
		text("messaging.operation.name", s.Type)
		text("throughline.endpoint", s.Endpoint)
		text("throughline.resource", s.Resource)
		whole("throughline.code", int64(s.Code))
	case "MongoDB": // its attributes tell the rest
		text("db.system.name", "mongodb")
		text("db.operation.name", s.Type)
		text("throughline.endpoint", s.Endpoint)
		text("throughline.resource", s.Resource)
		whole("throughline.code", int64(s.Code))
	default:
		text("network.protocol.name", strings.ToLower(s.Protocol))
		text("throughline.request", s.Request())
		whole("throughline.code", int64(s.Code))
	}
	text("network.protocol.version", s.Version)
	text("server.address", s.Domain)
	whole(sizes+"request.size", int64(s.RequestSize))
	whole(sizes+"response.size", int64(s.ResponseSize))
	if s.Transport == 6 {
		text("network.transport", "tcp")
	}
	local, peer := s.Server, s.Client
	if s.Point.Client() {
		local, peer = peer, local
	}
	for _, end := range []struct {
		side string
		netip.AddrPort
	}{{"network.local.", local}, {"network.peer.", peer}} {
		if end.Addr().IsValid() {
			text(end.side+"address", end.Addr().String())
			whole(end.side+"port", int64(end.Port()))
		}
	}
	whole("thread.id", int64(s.TID))
	return list
}
