package store

import (
	"strings"

	"github.com/throughline-io/throughline/pkg/span"
)

// spanRows decodes blocks of table spans into spans.
type spanRows struct {
	results []resultColumn

	id, duration, clientEntity numbers[uint64]
	traceID                    numbers[span.TraceID]
	spanID, parentSpanID       numbers[span.SpanID]
	start                      numbers[int64]
	clientIP                   numbers[[16]byte]
	clientPort                 numbers[uint16]
	requestSeq, responseSeq    numbers[uint32]
	resource, events           texts
	attributes                 pairs
	texts                      textLists
	details                    packedRows[details, *details]
	origin                     packedRows[origin, *origin]
	asked                      packedRows[asked, *asked]
}

func newSpanRows() *spanRows {
	r := new(spanRows)
	r.results = []resultColumn{
		{"id", &r.id}, {"trace_id", &r.traceID}, {"span_id", &r.spanID}, {"parent_span_id", &r.parentSpanID},
		{"start", &r.start}, {"duration", &r.duration}, {"request_resource", &r.resource},
		{"client_ip", &r.clientIP}, {"client_port", &r.clientPort}, {"request_seq", &r.requestSeq}, {"response_seq", &r.responseSeq}, {"client_entity", &r.clientEntity},
		{"attributes", &r.attributes}, {"events", &r.events}, {"texts", &r.texts}, {"details", &r.details}, {"origin", &r.origin}, {"asked", &r.asked},
	}
	return r
}

// columns is the SELECT list.
func (r *spanRows) columns() string { return selectList(r.results) }

// unshaped are columns that say nothing of where a span belongs and how long it took. They
// are most of a span's bytes.
var unshaped = map[string]bool{"attributes": true, "events": true}

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
		s, d, o, q := &spans[i], r.details.at(i), r.origin.at(i), r.asked.at(i)
		*s = span.Span{
			ID: r.id.at(i), Source: o.source, Point: o.point, Kind: q.kind,
			TraceID: r.traceID.at(i), SpanID: r.spanID.at(i), ParentSpanID: r.parentSpanID.at(i), TraceState: r.texts.at(i, 0),
			Start: r.start.at(i), Duration: r.duration.at(i), ResponseStart: d.responseStart, RequestEnd: d.requestEnd,
			Agent: d.agent, Node: o.node, PodIP: span.From16(d.podIP), Service: o.service,
			Protocol: q.protocol, Version: d.version, Type: q.typ, Domain: q.domain,
			Resource: r.resource.at(i), Endpoint: q.endpoint, RequestID: r.texts.at(i, 1), XRequestID: r.texts.at(i, 2), XResponseID: r.texts.at(i, 3),
			Status: q.status, Code: q.code, StatusMessage: q.statusMessage, RequestSize: d.requestSize, ResponseSize: d.responseSize,
			Client: span.AddrPort(r.clientIP.at(i), r.clientPort.at(i)), Server: span.AddrPort(q.serverIP, q.serverPort),
			Transport: d.transport, RequestSeq: r.requestSeq.at(i), ResponseSeq: r.responseSeq.at(i), Flow: d.flow, Retransmissions: d.retransmissions,
			Tunnel: d.tunnel, Interface: o.iface, InterfaceType: d.interfaceType, TLS: d.tls != 0,
			PID: d.pid, TID: d.tid, Comm: o.comm, Goroutine: d.goroutine, Passage: d.passage, PassageRule: span.PassageRule(d.passageRule),
			SyscallReq: d.syscallRequest, SyscallResp: d.syscallResponse, CaptureSeq: d.capture,
			Entity: o.entity, ClientEntity: r.clientEntity.at(i), ServerEntity: q.serverEntity, OTelResource: o.otelResource,
			ScopeName: o.scopeName, ScopeVersion: o.scopeVersion, Rest: d.rest, Events: r.events.at(i), Links: d.links,
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
