package otlptrace

import (
	"encoding/json"
	"strconv"

	"github.com/throughline-io/throughline/pkg/otlp"
	"github.com/throughline-io/throughline/pkg/span"
)

// hop is a request that system calls or packets showed, as a span of OpenTelemetry.
func (t *Trace) hop(i int, trace span.TraceID, ids []span.SpanID) *span.Span {
	s := t.Tree.Spans[i]
	out := &span.Span{
		ID: s.ID, TraceID: trace, SpanID: ids[i], Kind: s.Kind, Start: s.Start, Duration: s.Duration,
		Endpoint: Name(s), Protocol: s.Protocol, Code: s.Code, Status: s.Status, StatusMessage: s.StatusMessage,
		ScopeName: "throughline", Attributes: append(otlp.RequestAttributes(s), t.hopAttributes(i)...), Events: s.Events, Links: s.Links,
	}
	if parent := t.parent(i); parent >= 0 {
		out.ParentSpanID = ids[parent]
	}
	if out.Kind == span.KindUnspecified {
		out.Kind = sideKind(s.Point)
	}
	return out
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
func (t *Trace) hopResource(s *span.Span) []span.Attribute {
	p := PlaceOf(s, t.entity)
	list := attributeList{}
	list.text("service.name", Service(s, p))
	list.text("throughline.source", s.Source.String())
	list.text("throughline.service", s.Service)
	list.text("throughline.observation_point", s.Point.String())
	list.text("k8s.namespace.name", p.Namespace)
	list.text("k8s.pod.name", p.Pod)
	list.text("k8s.node.name", s.Node)
	list.text("host.name", s.Node)
	list.number("process.pid", uint64(s.PID))
	list.text("process.executable.name", s.Comm)
	list.text("throughline.of_pod", p.OfPod)
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
func (t *Trace) hopAttributes(i int) []span.Attribute {
	s := t.Tree.Spans[i]
	list := append(attributeList{}, s.Attributes...)
	if t.Tree.Parent[i] >= 0 {
		list.text("throughline.link.rule", t.Tree.Rule[i].String())
		list.text("throughline.link.reason", t.Tree.Reason[i])
		list.text("throughline.link.confidence", t.Tree.Confidence[i].String())
	}
	list.text("throughline.no_parent", t.Tree.Orphan[i])
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
	case "PostgreSQL", "Redis", "Memcached", "Kafka", "AMQP", "MQTT", "MongoDB": // whose operation is its endpoint, or said by an attribute of the span
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

// shownEntity is the entity without its id, a 64-bit number that says nothing to users and
// that JavaScript would round.
func (t *Trace) shownEntity(id uint64) *span.Entity {
	e := t.entity(id)
	if e == nil {
		return nil
	}
	shown := *e
	shown.ID = 0
	return &shown
}

// number is the text of a number that may pass 2^53; "" for none.
func number(n uint64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatUint(n, 10)
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
