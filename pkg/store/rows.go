package store

import (
	"strings"

	"github.com/ClickHouse/ch-go/proto"

	"github.com/throughline-io/throughline/pkg/span"
)

// spanRows decodes blocks of table spans into spans.
type spanRows struct {
	results proto.Results

	id, duration, responseStart, requestSize, responseSize         proto.ColUInt64
	flow, goroutine, passage, syscallReq, syscallResp, captureSeq  proto.ColUInt64
	entity, clientEntity, serverEntity, otelResource               proto.ColUInt64
	source, point, kind, status, transport, tls                    proto.ColUInt8
	traceID                                                        proto.ColFixedStr16
	spanID, parentSpanID                                           proto.ColFixedStr8
	start                                                          proto.ColInt64
	code                                                           proto.ColInt32
	podIP, clientIP, serverIP                                      proto.ColIPv6
	clientPort, serverPort                                         proto.ColUInt16
	requestSeq, responseSeq, pid, tid                              proto.ColUInt32
	traceState, resource, requestID, xRequestID, xResponseID       texts
	statusMessage, events, links, attributeTypes                   texts
	agent, node, service, protocol, version, typ, domain, endpoint *words
	tunnel, iface, interfaceType, comm, scopeName, scopeVersion    *words
	attributes                                                     *pairs
}

func newSpanRows() *spanRows {
	r := &spanRows{attributes: newPairs()}
	for _, w := range []**words{&r.agent, &r.node, &r.service, &r.protocol, &r.version, &r.typ, &r.domain, &r.endpoint,
		&r.tunnel, &r.iface, &r.interfaceType, &r.comm, &r.scopeName, &r.scopeVersion} {
		*w = newWords()
	}
	for _, c := range []proto.ResultColumn{
		{Name: "id", Data: &r.id}, {Name: "source", Data: &r.source}, {Name: "point", Data: &r.point}, {Name: "kind", Data: &r.kind},
		{Name: "trace_id", Data: &r.traceID}, {Name: "span_id", Data: &r.spanID}, {Name: "parent_span_id", Data: &r.parentSpanID},
		{Name: "trace_state", Data: &r.traceState}, {Name: "start", Data: &r.start}, {Name: "duration", Data: &r.duration},
		{Name: "response_start", Data: &r.responseStart}, {Name: "agent", Data: r.agent}, {Name: "node", Data: r.node}, {Name: "pod_ip", Data: &r.podIP},
		{Name: "service", Data: r.service}, {Name: "protocol", Data: r.protocol}, {Name: "version", Data: r.version}, {Name: "type", Data: r.typ},
		{Name: "domain", Data: r.domain}, {Name: "request_resource", Data: &r.resource}, {Name: "endpoint", Data: r.endpoint},
		{Name: "request_id", Data: &r.requestID}, {Name: "x_request_id", Data: &r.xRequestID}, {Name: "x_response_id", Data: &r.xResponseID},
		{Name: "status", Data: &r.status}, {Name: "code", Data: &r.code}, {Name: "status_message", Data: &r.statusMessage},
		{Name: "request_size", Data: &r.requestSize}, {Name: "response_size", Data: &r.responseSize},
		{Name: "client_ip", Data: &r.clientIP}, {Name: "server_ip", Data: &r.serverIP}, {Name: "client_port", Data: &r.clientPort},
		{Name: "server_port", Data: &r.serverPort}, {Name: "transport", Data: &r.transport}, {Name: "request_seq", Data: &r.requestSeq},
		{Name: "response_seq", Data: &r.responseSeq}, {Name: "flow", Data: &r.flow}, {Name: "tunnel", Data: r.tunnel},
		{Name: "interface", Data: r.iface}, {Name: "interface_type", Data: r.interfaceType}, {Name: "tls", Data: &r.tls},
		{Name: "pid", Data: &r.pid}, {Name: "tid", Data: &r.tid}, {Name: "comm", Data: r.comm}, {Name: "goroutine", Data: &r.goroutine},
		{Name: "passage", Data: &r.passage}, {Name: "syscall_trace_id_request", Data: &r.syscallReq},
		{Name: "syscall_trace_id_response", Data: &r.syscallResp}, {Name: "capture_seq", Data: &r.captureSeq}, {Name: "entity", Data: &r.entity},
		{Name: "client_entity", Data: &r.clientEntity}, {Name: "server_entity", Data: &r.serverEntity}, {Name: "otel_resource", Data: &r.otelResource},
		{Name: "scope_name", Data: r.scopeName}, {Name: "scope_version", Data: r.scopeVersion}, {Name: "attributes", Data: r.attributes}, {Name: "attribute_types", Data: &r.attributeTypes},
		{Name: "events", Data: &r.events}, {Name: "links", Data: &r.links},
	} {
		r.results = append(r.results, c)
	}
	return r
}

// columns is the SELECT list.
func (r *spanRows) columns() string {
	names := make([]string, len(r.results))
	for i, c := range r.results {
		names[i] = c.Name
	}
	return strings.Join(names, ", ")
}

// append adds the rows of the block decoded last.
func (r *spanRows) append(dst []*span.Span, rows int) []*span.Span {
	spans := make([]span.Span, rows)
	attributes := make([]span.Attribute, len(r.attributes.values.Pos))
	for i := range spans {
		s := &spans[i]
		*s = span.Span{
			ID: r.id[i], Source: span.Source(r.source[i]), Point: span.Point(r.point[i]), Kind: span.Kind(r.kind[i]),
			TraceID: r.traceID[i], SpanID: r.spanID[i], ParentSpanID: r.parentSpanID[i], TraceState: r.traceState.at(i),
			Start: r.start[i], Duration: r.duration[i], ResponseStart: r.responseStart[i],
			Agent: r.agent.at(i), Node: r.node.at(i), PodIP: span.From16(r.podIP[i]), Service: r.service.at(i),
			Protocol: r.protocol.at(i), Version: r.version.at(i), Type: r.typ.at(i), Domain: r.domain.at(i),
			Resource: r.resource.at(i), Endpoint: r.endpoint.at(i), RequestID: r.requestID.at(i), XRequestID: r.xRequestID.at(i), XResponseID: r.xResponseID.at(i),
			Status: span.Status(r.status[i]), Code: r.code[i], StatusMessage: r.statusMessage.at(i), RequestSize: r.requestSize[i], ResponseSize: r.responseSize[i],
			Client: span.AddrPort(r.clientIP[i], r.clientPort[i]), Server: span.AddrPort(r.serverIP[i], r.serverPort[i]),
			Transport: r.transport[i], RequestSeq: r.requestSeq[i], ResponseSeq: r.responseSeq[i], Flow: r.flow[i],
			Tunnel: r.tunnel.at(i), Interface: r.iface.at(i), InterfaceType: r.interfaceType.at(i), TLS: r.tls[i] != 0,
			PID: r.pid[i], TID: r.tid[i], Comm: r.comm.at(i), Goroutine: r.goroutine[i], Passage: r.passage[i],
			SyscallReq: r.syscallReq[i], SyscallResp: r.syscallResp[i], CaptureSeq: r.captureSeq[i],
			Entity: r.entity[i], ClientEntity: r.clientEntity[i], ServerEntity: r.serverEntity[i], OTelResource: r.otelResource[i],
			ScopeName: r.scopeName.at(i), ScopeVersion: r.scopeVersion.at(i), Events: r.events.at(i), Links: r.links.at(i),
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
