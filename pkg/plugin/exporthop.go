package plugin

import (
	"encoding/binary"
	"encoding/json"
	"strconv"

	"github.com/throughline-io/throughline/pkg/otlp"
	"github.com/throughline-io/throughline/pkg/span"
)

// hopAsSpan is a request that system calls or packets showed, as a span of OpenTelemetry.
func (t *assembled) hopAsSpan(i int, trace span.TraceID) *span.Span {
	s := t.tree.Spans[i]
	out := &span.Span{
		ID: s.ID, TraceID: trace, SpanID: otelID(s), Kind: s.Kind, Start: s.Start, Duration: s.Duration,
		Endpoint: exploreName(s), Protocol: s.Protocol, Code: s.Code, Status: s.Status, StatusMessage: s.StatusMessage,
		ScopeName: "throughline", Attributes: append(otlp.RequestAttributes(s), t.hopAttributes(i)...), Events: s.Events, Links: s.Links,
	}
	if parent := t.tree.Parent[i]; parent >= 0 {
		out.ParentSpanID = otelID(t.tree.Spans[parent])
	}
	if out.Kind == span.KindUnspecified {
		out.Kind = sideKind(s.Point)
	}
	return out
}

// otelID is a span's id in OpenTelemetry: that of code, and our own of what has none.
func otelID(s *span.Span) (id span.SpanID) {
	if s.Source == span.APP {
		return s.SpanID
	}
	binary.BigEndian.PutUint64(id[:], s.ID)
	return id
}

// sideKind is the kind of a request that was seen at a point.
func sideKind(p span.Point) span.Kind {
	switch {
	case p.Client():
		return span.KindClient
	case p.Server():
		return span.KindServer
	default:
		return span.KindInternal
	}
}

// hopResource says who saw a hop, and where.
func (t *assembled) hopResource(s *span.Span) []span.Attribute {
	p := t.place(s)
	list := attributeList{}
	list.text("service.name", exploreService(s, p))
	list.text("throughline.source", s.Source.String())
	list.text("throughline.service", s.Service)
	list.text("throughline.observation_point", s.Point.String())
	list.text("k8s.namespace.name", p.namespace)
	list.text("k8s.pod.name", p.pod)
	list.text("k8s.node.name", s.Node)
	list.text("host.name", s.Node)
	list.number("process.pid", uint64(s.PID))
	list.text("process.executable.name", s.Comm)
	list.text("throughline.of_pod", p.ofPod)
	list.text("throughline.interface", s.Interface)
	list.text("throughline.interface_type", s.InterfaceType)
	list.text("throughline.tunnel", s.Tunnel)
	list.text("throughline.agent", s.Agent)
	if s.PodIP.IsValid() {
		list.text("throughline.pod_ip", s.PodIP.String())
	}
	return list
}

// hopAttributes are what OpenTelemetry has no names for, beside the request itself.
func (t *assembled) hopAttributes(i int) []span.Attribute {
	s := t.tree.Spans[i]
	list := append(attributeList{}, s.Attributes...)
	if t.tree.Parent[i] >= 0 {
		list.text("throughline.link.rule", t.tree.Rule[i].String())
		list.text("throughline.link.reason", t.tree.Reason[i])
		list.text("throughline.link.confidence", t.tree.Confidence[i].String())
	}
	list.text("throughline.no_parent", t.tree.Orphan[i])
	list.number("throughline.response_start_ns", s.ResponseStart)
	list.number("throughline.request_end_ns", s.RequestEnd)
	list.number("throughline.tcp.request_seq", uint64(s.RequestSeq))
	list.number("throughline.tcp.response_seq", uint64(s.ResponseSeq))
	list.number("throughline.tcp.retransmissions", uint64(s.Retransmissions))
	list.text("throughline.trace_id", nonZero(s.TraceID.IsZero(), s.TraceID.String()))
	list.text("throughline.parent_id_in_request", nonZero(s.SpanID.IsZero(), s.SpanID.String()))
	list.number("throughline.thread.goroutine", s.Goroutine)
	list.text("throughline.passage", number(s.Passage))
	list.text("throughline.passage.rule", s.PassageRule.String())
	list.text("throughline.protocol", s.Protocol)
	switch s.Protocol {
	case "PostgreSQL", "Redis", "Memcached", "Kafka", "AMQP", "MongoDB": // whose operation is its endpoint, or said by an attribute of the span
		list.text("throughline.type", s.Type)
	}
	list.text("throughline.status", s.Status.String())
	list.number("throughline.transport", uint64(s.Transport))
	list.text("throughline.request_id", s.RequestID)
	list.text("throughline.x_response_id", s.XResponseID)
	list.text("throughline.flow", number(s.Flow))
	list.text("throughline.syscall.request", number(s.SyscallReq))
	list.text("throughline.syscall.response", number(s.SyscallResp))
	list.text("throughline.capture_seq", number(s.CaptureSeq))
	list.entity("throughline.entity", t.shownEntity(s.Entity))
	list.entity("throughline.client", t.shownEntity(s.ClientEntity))
	list.entity("throughline.server", t.shownEntity(s.ServerEntity))
	if s.Kind == span.KindUnspecified { // OpenTelemetry has a kind by the side
		list.text("throughline.kind", "none")
	}
	if s.TLS {
		list = append(list, span.Attribute{Key: "throughline.tls", Value: "true", Type: span.AttributeBool})
	}
	return list
}

func nonZero(zero bool, text string) string {
	if zero {
		return ""
	}
	return text
}

// attributeList leaves out what is not known.
type attributeList []span.Attribute

func (l *attributeList) text(key, value string) {
	if value != "" {
		*l = append(*l, span.Attribute{Key: key, Value: value, Type: span.AttributeString})
	}
}

// entity is a map of what is known of an end.
func (l *attributeList) entity(key string, e *span.Entity) {
	if e == nil {
		return
	}
	if text, err := json.Marshal(e); err == nil {
		*l = append(*l, span.Attribute{Key: key, Value: string(text), Type: span.AttributeJSON})
	}
}

func (l *attributeList) number(key string, value uint64) {
	if value != 0 {
		*l = append(*l, span.Attribute{Key: key, Value: strconv.FormatUint(value, 10), Type: span.AttributeInt})
	}
}
