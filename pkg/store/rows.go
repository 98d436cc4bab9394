package store

import (
	"strings"

	"github.com/throughline-io/throughline/pkg/span"
)

// spanRows decodes blocks of table spans into spans.
type spanRows struct {
	results []resultColumn

	id, duration, responseStart, requestEnd, requestSize, responseSize numbers[uint64]
	flow, goroutine, passage, syscallReq, syscallResp, captureSeq      numbers[uint64]
	entity, clientEntity, serverEntity, otelResource                   numbers[uint64]
	source                                                             numbers[span.Source]
	point                                                              numbers[span.Point]
	kind                                                               numbers[span.Kind]
	status                                                             numbers[span.Status]
	transport, tls                                                     numbers[uint8]
	traceID                                                            numbers[span.TraceID]
	spanID, parentSpanID                                               numbers[span.SpanID]
	start                                                              numbers[int64]
	code                                                               numbers[int32]
	podIP, clientIP, serverIP                                          numbers[[16]byte]
	clientPort, serverPort, retransmissions                            numbers[uint16]
	requestSeq, responseSeq, pid, tid                                  numbers[uint32]
	traceState, resource, requestID, xRequestID, xResponseID           texts
	statusMessage, events, links, attributeTypes                       texts
	agent, node, service, protocol, version, typ, domain, endpoint     words
	tunnel, iface, interfaceType, comm, scopeName, scopeVersion        words
	rest                                                               words
	attributes                                                         pairs
}

func newSpanRows() *spanRows {
	r := new(spanRows)
	r.results = []resultColumn{
		{"id", &r.id}, {"source", &r.source}, {"point", &r.point}, {"kind", &r.kind},
		{"trace_id", &r.traceID}, {"span_id", &r.spanID}, {"parent_span_id", &r.parentSpanID},
		{"trace_state", &r.traceState}, {"start", &r.start}, {"duration", &r.duration},
		{"response_start", &r.responseStart}, {"request_end", &r.requestEnd}, {"agent", &r.agent}, {"node", &r.node}, {"pod_ip", &r.podIP},
		{"service", &r.service}, {"protocol", &r.protocol}, {"version", &r.version}, {"type", &r.typ},
		{"domain", &r.domain}, {"request_resource", &r.resource}, {"endpoint", &r.endpoint},
		{"request_id", &r.requestID}, {"x_request_id", &r.xRequestID}, {"x_response_id", &r.xResponseID},
		{"status", &r.status}, {"code", &r.code}, {"status_message", &r.statusMessage},
		{"request_size", &r.requestSize}, {"response_size", &r.responseSize},
		{"client_ip", &r.clientIP}, {"server_ip", &r.serverIP}, {"client_port", &r.clientPort},
		{"server_port", &r.serverPort}, {"transport", &r.transport}, {"request_seq", &r.requestSeq},
		{"response_seq", &r.responseSeq}, {"flow", &r.flow}, {"retransmissions", &r.retransmissions}, {"tunnel", &r.tunnel},
		{"interface", &r.iface}, {"interface_type", &r.interfaceType}, {"tls", &r.tls},
		{"pid", &r.pid}, {"tid", &r.tid}, {"comm", &r.comm}, {"goroutine", &r.goroutine},
		{"passage", &r.passage}, {"syscall_trace_id_request", &r.syscallReq},
		{"syscall_trace_id_response", &r.syscallResp}, {"capture_seq", &r.captureSeq}, {"entity", &r.entity},
		{"client_entity", &r.clientEntity}, {"server_entity", &r.serverEntity}, {"otel_resource", &r.otelResource},
		{"scope_name", &r.scopeName}, {"scope_version", &r.scopeVersion}, {"otlp_rest", &r.rest}, {"attributes", &r.attributes}, {"attribute_types", &r.attributeTypes},
		{"events", &r.events}, {"links", &r.links},
	}
	return r
}

// columns is the SELECT list.
func (r *spanRows) columns() string {
	names := make([]string, len(r.results))
	for i, c := range r.results {
		names[i] = c.name
	}
	return strings.Join(names, ", ")
}

// unshaped are columns that say nothing of where a span belongs and how long it took. They
// are most of a span's bytes.
var unshaped = map[string]bool{
	"trace_state": true, "status_message": true, "scope_name": true, "scope_version": true, "otlp_rest": true, "attributes": true, "attribute_types": true, "events": true, "links": true,
}

// shape is the SELECT list without what is large: in its place there is nothing.
func (r *spanRows) shape() string {
	names := make([]string, len(r.results))
	for i, c := range r.results {
		switch typ := c.data.typ(); {
		case !unshaped[c.name]:
			names[i] = c.name
		case typ == mapType:
			names[i] = "CAST(map(), '" + typ + "') AS " + c.name
		default:
			names[i] = "CAST('', '" + typ + "') AS " + c.name
		}
	}
	return strings.Join(names, ", ")
}

// append adds the rows of the block decoded last.
func (r *spanRows) append(dst []*span.Span, rows int) []*span.Span {
	spans := make([]span.Span, rows)
	attributes := make([]span.Attribute, len(r.attributes.values.rows))
	for i := range spans {
		s := &spans[i]
		*s = span.Span{
			ID: r.id.at(i), Source: r.source.at(i), Point: r.point.at(i), Kind: r.kind.at(i),
			TraceID: r.traceID.at(i), SpanID: r.spanID.at(i), ParentSpanID: r.parentSpanID.at(i), TraceState: r.traceState.at(i),
			Start: r.start.at(i), Duration: r.duration.at(i), ResponseStart: r.responseStart.at(i), RequestEnd: r.requestEnd.at(i),
			Agent: r.agent.at(i), Node: r.node.at(i), PodIP: span.From16(r.podIP.at(i)), Service: r.service.at(i),
			Protocol: r.protocol.at(i), Version: r.version.at(i), Type: r.typ.at(i), Domain: r.domain.at(i),
			Resource: r.resource.at(i), Endpoint: r.endpoint.at(i), RequestID: r.requestID.at(i), XRequestID: r.xRequestID.at(i), XResponseID: r.xResponseID.at(i),
			Status: r.status.at(i), Code: r.code.at(i), StatusMessage: r.statusMessage.at(i), RequestSize: r.requestSize.at(i), ResponseSize: r.responseSize.at(i),
			Client: span.AddrPort(r.clientIP.at(i), r.clientPort.at(i)), Server: span.AddrPort(r.serverIP.at(i), r.serverPort.at(i)),
			Transport: r.transport.at(i), RequestSeq: r.requestSeq.at(i), ResponseSeq: r.responseSeq.at(i), Flow: r.flow.at(i), Retransmissions: r.retransmissions.at(i),
			Tunnel: r.tunnel.at(i), Interface: r.iface.at(i), InterfaceType: r.interfaceType.at(i), TLS: r.tls.at(i) != 0,
			PID: r.pid.at(i), TID: r.tid.at(i), Comm: r.comm.at(i), Goroutine: r.goroutine.at(i), Passage: r.passage.at(i),
			SyscallReq: r.syscallReq.at(i), SyscallResp: r.syscallResp.at(i), CaptureSeq: r.captureSeq.at(i),
			Entity: r.entity.at(i), ClientEntity: r.clientEntity.at(i), ServerEntity: r.serverEntity.at(i), OTelResource: r.otelResource.at(i),
			ScopeName: r.scopeName.at(i), ScopeVersion: r.scopeVersion.at(i), Rest: r.rest.at(i), Events: r.events.at(i), Links: r.links.at(i),
		}
		from, to := r.attributes.row(i)
		s.Attributes = r.attributes.list(attributes[from:to:to], from, r.attributeTypes.at(i))
		dst = append(dst, s)
	}
	return dst
}

// list fills dst with the pairs that begin at from; types has a letter for each.
func (p *pairs) list(dst []span.Attribute, from int, types string) []span.Attribute {
	if len(dst) == 0 {
		return nil
	}
	for i := range dst {
		typ := span.AttributeString
		if i < len(types) {
			typ = span.AttributeType(types[i])
		}
		dst[i] = span.Attribute{Key: p.keys.at(from + i), Value: p.values.at(from + i), Type: typ}
	}
	return dst
}
