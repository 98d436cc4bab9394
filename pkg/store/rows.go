package store

import (
	"strings"

	"github.com/throughline-io/throughline/pkg/span"
)

// spanRows decodes blocks of table spans into spans.
type spanRows struct {
	results []resultColumn

	id, duration, entity, clientEntity, serverEntity, otelResource numbers[uint64]
	source                                                         numbers[span.Source]
	point                                                          numbers[span.Point]
	kind                                                           numbers[span.Kind]
	status                                                         numbers[span.Status]
	traceID                                                        numbers[span.TraceID]
	spanID, parentSpanID                                           numbers[span.SpanID]
	start                                                          numbers[int64]
	code                                                           numbers[int32]
	clientIP, serverIP                                             numbers[[16]byte]
	clientPort, serverPort                                         numbers[uint16]
	requestSeq, responseSeq                                        numbers[uint32]
	resource, statusMessage, events                                texts
	node, service, protocol, typ, domain, endpoint                 words
	iface, comm, scopeName, scopeVersion                           words
	attributes                                                     pairs
	texts                                                          textLists
	details                                                        detailRows
}

func newSpanRows() *spanRows {
	r := new(spanRows)
	r.results = []resultColumn{
		{"id", &r.id}, {"source", &r.source}, {"point", &r.point}, {"kind", &r.kind},
		{"trace_id", &r.traceID}, {"span_id", &r.spanID}, {"parent_span_id", &r.parentSpanID},
		{"start", &r.start}, {"duration", &r.duration}, {"node", &r.node}, {"service", &r.service}, {"protocol", &r.protocol}, {"type", &r.typ}, {"domain", &r.domain},
		{"request_resource", &r.resource}, {"endpoint", &r.endpoint}, {"status", &r.status}, {"code", &r.code}, {"status_message", &r.statusMessage},
		{"client_ip", &r.clientIP}, {"server_ip", &r.serverIP}, {"client_port", &r.clientPort}, {"server_port", &r.serverPort},
		{"request_seq", &r.requestSeq}, {"response_seq", &r.responseSeq}, {"interface", &r.iface}, {"comm", &r.comm}, {"entity", &r.entity}, {"client_entity", &r.clientEntity},
		{"server_entity", &r.serverEntity}, {"otel_resource", &r.otelResource}, {"scope_name", &r.scopeName}, {"scope_version", &r.scopeVersion}, {"attributes", &r.attributes}, {"events", &r.events},
		{"texts", &r.texts}, {"details", &r.details},
	}
	return r
}

// columns is the SELECT list.
func (r *spanRows) columns() string { return selectList(r.results) }

// unshaped are columns that say nothing of where a span belongs and how long it took. They
// are most of a span's bytes.
var unshaped = map[string]bool{"status_message": true, "scope_name": true, "scope_version": true, "attributes": true, "events": true}

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
		s, d := &spans[i], r.details.at(i)
		*s = span.Span{
			ID: r.id.at(i), Source: r.source.at(i), Point: r.point.at(i), Kind: r.kind.at(i),
			TraceID: r.traceID.at(i), SpanID: r.spanID.at(i), ParentSpanID: r.parentSpanID.at(i), TraceState: r.texts.at(i, 0),
			Start: r.start.at(i), Duration: r.duration.at(i), ResponseStart: d.responseStart, RequestEnd: d.requestEnd,
			Agent: d.agent, Node: r.node.at(i), PodIP: span.From16(d.podIP), Service: r.service.at(i),
			Protocol: r.protocol.at(i), Version: d.version, Type: r.typ.at(i), Domain: r.domain.at(i),
			Resource: r.resource.at(i), Endpoint: r.endpoint.at(i), RequestID: r.texts.at(i, 1), XRequestID: r.texts.at(i, 2), XResponseID: r.texts.at(i, 3),
			Status: r.status.at(i), Code: r.code.at(i), StatusMessage: r.statusMessage.at(i), RequestSize: d.requestSize, ResponseSize: d.responseSize,
			Client: span.AddrPort(r.clientIP.at(i), r.clientPort.at(i)), Server: span.AddrPort(r.serverIP.at(i), r.serverPort.at(i)),
			Transport: d.transport, RequestSeq: r.requestSeq.at(i), ResponseSeq: r.responseSeq.at(i), Flow: d.flow, Retransmissions: d.retransmissions,
			Tunnel: d.tunnel, Interface: r.iface.at(i), InterfaceType: d.interfaceType, TLS: d.tls != 0,
			PID: d.pid, TID: d.tid, Comm: r.comm.at(i), Goroutine: d.goroutine, Passage: d.passage, PassageRule: span.PassageRule(d.passageRule),
			SyscallReq: d.syscallRequest, SyscallResp: d.syscallResponse, CaptureSeq: d.capture,
			Entity: r.entity.at(i), ClientEntity: r.clientEntity.at(i), ServerEntity: r.serverEntity.at(i), OTelResource: r.otelResource.at(i),
			ScopeName: r.scopeName.at(i), ScopeVersion: r.scopeVersion.at(i), Rest: d.rest, Events: r.events.at(i), Links: d.links,
		}
		from, to := r.attributes.row(i)
		s.Attributes = r.attributes.list(attributes[from:to:to], from, d.types)
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
