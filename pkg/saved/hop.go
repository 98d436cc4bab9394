package saved

import (
	"cmp"
	"encoding/json"
	"net/netip"
	"strconv"
	"strings"

	"github.com/throughline-io/throughline/pkg/span"
)

// hop makes a span of OTLP what it was before it was exported: a request that system calls or
// packets showed (pkg/otlptrace writes them). It is false for a span of code. What the export
// adds is taken off again, so that it is assembled by the same rules as at first.
func (r *reader) hop(s *span.Span, resource []span.Attribute) bool {
	of := values(resource)
	source, err := span.ParseSource(of["throughline.source"])
	point, err2 := span.ParsePoint(of["throughline.observation_point"])
	if err != nil || err2 != nil || source == span.APP {
		return false
	}
	own := values(s.Attributes)
	number := func(key string) uint64 {
		n, _ := strconv.ParseUint(own[key], 10, 64) // 0: not known
		return n
	}
	s.Source, s.Point = source, point
	s.ID, _ = strconv.ParseUint(s.SpanID.String(), 16, 64)
	s.TraceID, _ = span.ParseTraceID(own["throughline.trace_id"])
	s.SpanID, _ = span.ParseSpanID(own["throughline.parent_id_in_request"])
	s.ParentSpanID = span.SpanID{}
	s.Agent, s.Node, s.Service = of["throughline.agent"], of["k8s.node.name"], of["throughline.service"]
	s.PodIP, _ = netip.ParseAddr(of["throughline.pod_ip"])
	s.Comm, s.Interface, s.InterfaceType, s.Tunnel = of["process.executable.name"], of["throughline.interface"], of["throughline.interface_type"], of["throughline.tunnel"]
	if own["throughline.kind"] == "none" {
		s.Kind = span.KindUnspecified
	}
	s.Protocol, s.Status, s.Transport = own["throughline.protocol"], statusOf(own["throughline.status"]), uint8(number("throughline.transport"))
	switch s.Protocol {
	case "HTTP", "FastCGI", "WebSocket":
		s.Endpoint = own["http.route"]
		if ended := int32(number("throughline.code")); ended != 0 {
			s.Code = ended
		}
	case "MySQL":
		s.Endpoint = ""
	case "PostgreSQL":
		s.Endpoint, s.Type = s.Type, own["throughline.type"]
		code, _ := strconv.ParseInt(own["db.response.status_code"], 10, 32) // of five digits, else it has letters
		s.Code = int32(code)
	case "Redis", "Memcached":
		s.Endpoint, s.Type, s.Resource, s.Code = s.Type, own["throughline.type"], own["throughline.key"], 0
	case "Kafka", "AMQP", "MQTT", "MongoDB":
		s.Endpoint, s.Type, s.Resource, s.Code = own["throughline.endpoint"], own["throughline.type"], own["throughline.resource"], int32(number("throughline.code"))
	default:
		s.Endpoint, s.Resource, s.Code = "", own["throughline.request"], int32(number("throughline.code"))
	}
	s.Client, s.Server = endOf(own, "network.peer."), endOf(own, "network.local.")
	if s.Point.Client() {
		s.Client, s.Server = s.Server, s.Client
	}
	s.RequestSize = cmp.Or(number("throughline.request.size"), s.RequestSize)
	s.ResponseSize = cmp.Or(number("throughline.response.size"), s.ResponseSize)
	s.ResponseStart, s.RequestEnd = number("throughline.response_start_ns"), number("throughline.request_end_ns")
	s.RequestSeq, s.ResponseSeq = uint32(number("throughline.tcp.request_seq")), uint32(number("throughline.tcp.response_seq"))
	s.Retransmissions, s.TLS = uint16(number("throughline.tcp.retransmissions")), own["throughline.tls"] == "true"
	s.Goroutine, s.Passage, s.Flow = number("throughline.thread.goroutine"), number("throughline.passage"), number("throughline.flow")
	s.PassageRule, _ = span.ParsePassageRule(own["throughline.passage.rule"]) // of a newer version: not known
	s.RequestID, s.XResponseID = own["throughline.request_id"], own["throughline.x_response_id"]
	s.SyscallReq, s.SyscallResp, s.CaptureSeq = number("throughline.syscall.request"), number("throughline.syscall.response"), number("throughline.capture_seq")
	s.Entity, s.ClientEntity, s.ServerEntity = r.entityOf(own["throughline.entity"]), r.entityOf(own["throughline.client"]), r.entityOf(own["throughline.server"])
	s.ScopeName, s.ScopeVersion, s.Rest, s.OTelResource = "", "", "", 0
	s.Attributes = ownAttributes(s.Attributes, s.Protocol)
	return true
}

// ownAttributes are those of a hop that the export did not add.
func ownAttributes(list []span.Attribute, protocol string) []span.Attribute {
	var own []span.Attribute
	for _, a := range list {
		if a.Key == "db.response.status_code" && (protocol == "PostgreSQL" || protocol == "Redis" || protocol == "MongoDB") { // a text, which no column has
			own = append(own, a)
		} else if !strings.HasPrefix(a.Key, "throughline.") && !describesRequest[a.Key] {
			own = append(own, a)
		}
	}
	return own
}

// describesRequest are the attributes by which a hop's request is exported
// (otlp.RequestAttributes); the span has them in fields.
var describesRequest = map[string]bool{
	"http.request.method": true, "url.path": true, "url.query": true, "http.route": true, "http.response.status_code": true,
	"http.request.header.x-request-id": true, "http.request.size": true, "http.response.size": true,
	"db.system.name": true, "db.operation.name": true, "db.query.text": true, "db.response.status_code": true,
	"messaging.system": true, "messaging.operation.name": true,
	"network.protocol.name": true, "network.protocol.version": true, "network.transport": true, "server.address": true,
	"network.local.address": true, "network.local.port": true, "network.peer.address": true, "network.peer.port": true, "thread.id": true,
}

func endOf(own map[string]string, side string) netip.AddrPort {
	address, err := netip.ParseAddr(own[side+"address"])
	if err != nil {
		return netip.AddrPort{}
	}
	port, _ := strconv.ParseUint(own[side+"port"], 10, 16) // 0: not known
	return netip.AddrPortFrom(address, uint16(port))
}

func (r *reader) entityOf(text string) uint64 {
	var e span.Entity
	if text == "" || json.Unmarshal([]byte(text), &e) != nil {
		return 0
	}
	return r.entity(e)
}

// sender is who a resource says that it is: what a server makes of it when spans are received.
func sender(resource []span.Attribute) span.Entity {
	of := values(resource)
	return span.Entity{
		Type: "pod", Service: of["service.name"], Pod: of["k8s.pod.name"], Namespace: cmp.Or(of["k8s.namespace.name"], of["service.namespace"]), Node: of["k8s.node.name"],
		Workload: cmp.Or(of["k8s.deployment.name"], of["k8s.statefulset.name"], of["k8s.daemonset.name"]), Cluster: of["k8s.cluster.name"],
	}
}

func values(list []span.Attribute) map[string]string {
	of := make(map[string]string, len(list))
	for _, a := range list {
		of[a.Key] = a.Value
	}
	return of
}
